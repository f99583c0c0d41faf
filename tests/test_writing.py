"""What is written as a contract reads back as what it was, whatever the names and the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessionaudit.contract import writer
from sessionaudit.contract.loader import outline
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.check import model as checks
from sessionaudit.kinds.column import model as column
from sessionaudit.kinds.enum import model as enum
from sessionaudit.kinds.extension import model as extension
from sessionaudit.kinds.foreign_key import model as foreign_keys
from sessionaudit.kinds.function import model as function
from sessionaudit.kinds.grant import model as grant
from sessionaudit.kinds.index import model as index
from sessionaudit.kinds.key import model as key
from sessionaudit.kinds.policy import model as policy
from sessionaudit.kinds.publication import model as publication
from sessionaudit.kinds.table import model as table
from sessionaudit.kinds.trigger import model as trigger
from sessionaudit.sql.fragment import canonical_type
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.contract.model import Contract

Objects = list[tuple[ObjectRef, Any]]
PROFILE = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
# What YAML's readers take for something else, what SQL does, and what breaks lines.
ODD = """y n Y NO on off true null Null ~ = 1 1e3 1.5 .5 -1 0x1 0o7 0b1 1_000 1:30 2020-01-01 .inf .nan - ? : -- # & * !
| > @ ` % [] {} [a , {a: '' "" "x" 'x' \"\"\" a:b absent present public PUBLIC Public select user a.b a."b" << --- ...
it''s a\\b U&x ünï Ünï""".split()
ODD += ["2020-01-01 10:00:00", "a: b", "a #b", " a", "a ", "a\nb", "\na", "a\n", "a\n\n b\n", "a\tb", "\t", "a\r\nb"]
ODD += ["a\r", "\x85", "a\u2028b", "\ufeff", "\x7f\x01", "\U0001f600", "- a", "? a", "x" * 63, "a b  " * 400]
texts = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
names = texts.filter(lambda name: 0 < len(name.encode()) < 64)
roles = names.filter(lambda name: name not in {"public", "none"})
columns = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
spelled = texts.map(lambda text: literal(text).strip())
expressions = st.builds(lambda name, text: f"{quoted(name)} <> {text}::text", names, spelled)
types = st.sampled_from(["integer", "text", "character(5)", "timestamp(3) with time zone", "text[]"]) | st.builds(
    lambda schema, name: f"{quoted(schema)}.{quoted(name)}",
    names.filter(lambda name: name not in {"pg_catalog", "s"}),
    names,
)

MODELS: dict[str, st.SearchStrategy[Any]] = {
    "column": st.builds(column.Column, type=types, not_null=st.booleans(), default=st.none() | expressions)
    | st.builds(column.Column, type=types, generated=expressions, storage=st.just("stored")),
    "key": st.builds(
        key.Key, type=st.sampled_from(["primary key", "unique"]), columns=columns, include=st.just(()) | columns,
        deferral=st.sampled_from(["", "deferrable", "deferrable initially deferred"]),
    ),
    "foreign_key": st.builds(
        foreign_keys.ForeignKey, columns=columns, target=st.tuples(names, names), target_columns=columns,
        on_delete=st.sampled_from(["", "cascade"]), validated=st.booleans(),
    ),
    "check": st.builds(checks.Check, expression=expressions, no_inherit=st.booleans(), validated=st.booleans()),
    "index": st.builds(index.Index, unique=st.booleans(), definition=expressions.map(lambda text: f"btree ({text})")),
    "policy": st.builds(
        policy.Policy, command=st.sampled_from(["all", "update"]), permissive=st.booleans(),
        roles=st.just(("public",)) | st.lists(roles, min_size=1, unique=True).map(lambda found: tuple(sorted(found))),
        using=st.none() | expressions, check=st.none() | expressions,
    ),
    "grant": st.builds(
        lambda found: grant.Grant(privileges=found, granted=found),
        st.frozensets(st.sampled_from(grant.PRIVILEGES), min_size=1),
    ),
    "trigger": st.builds(
        lambda event, when, schema, name, text, state: trigger.Trigger(
            timing="before", events=(event,), level="row", when=when, enabled=state,
            call=f"{quoted(schema)}.{quoted(name)}({text})",
        ),
        columns.map(lambda found: f"update of {', '.join(map(quoted, sorted(found)))}"), st.none() | expressions,
        names, names, texts.map(literal), st.sampled_from(trigger.STATES),
    ),
}  # fmt: skip
FUNCTIONS = st.builds(
    lambda body, language, strict, setting: function.Function(
        returns="text", language=language, body=body, strict=strict, settings=(f"app.x = {setting}",)
    ),
    texts, names, st.booleans(), names,
)  # fmt: skip


@st.composite
def objects(draw: st.DrawFn) -> tuple[str, Objects]:
    """The contract's schema, a table with something on it, and what stands on none."""
    schema = draw(names)
    relation = (draw(names), draw(names))
    state = draw(st.sampled_from(table.STATES))
    found: dict[ObjectRef, Any] = {
        ObjectRef("table", relation): table.Table(row_security=state, owner=draw(roles)),
        ObjectRef("enum", (draw(names), draw(names))): enum.Enum(
            values=tuple(draw(st.lists(texts, max_size=4, unique=True)))
        ),
        ObjectRef("extension", (draw(names),)): extension.Extension(),
        ObjectRef("publication", (draw(names), *relation)): publication.Publication(),
        ObjectRef("function", (draw(names), draw(names), "()")): draw(FUNCTIONS),
    }
    for kind, model in MODELS.items():
        path = (*relation, draw(roles | st.just("public") if kind == "grant" else names))
        if not any(other.path == path for other in found if {other.kind, kind} <= {"key", "foreign_key", "check"}):
            value = draw(model)
            if kind == "column":  # as it is read from the catalogs
                value = replace(value, type=canonical_type(value.type, schema))
            found[ObjectRef(kind, path)] = value
    return schema, list(found.items())


def written(found: Objects, schema: str) -> str:
    return writer.write(found, schema=schema, title="As it was.")


def read_of(contract: Contract) -> dict[ObjectRef, Any]:
    objects = contract.objects.items()
    return {ObjectRef(kind, path): entry.value for kind, paths in objects for path, entry in paths.items()}


@PROFILE
@given(drawn=objects())
def test_what_is_written_reads_as_what_it_was(drawn: tuple[str, Objects]) -> None:
    schema, found = drawn
    text = written(found, schema)
    contract = outline(text, "before.yaml").declare()
    assert contract.schema == schema
    assert read_of(contract) == dict(found), text


@pytest.mark.parametrize("word", [word for word in ODD if len(word) < 64])
def test_names_of_every_sort(word: str) -> None:
    found: Objects = [
        (ObjectRef("table", (word, word)), table.Table(row_security="disabled", owner="o")),
        (ObjectRef("column", (word, word, word)), column.Column(type="text", default=f"{literal(word).strip()}::text")),
        (ObjectRef("enum", (word, word)), enum.Enum(values=(word,))),
        (ObjectRef("extension", (word,)), extension.Extension()),
        (ObjectRef("publication", (word, word, word)), publication.Publication()),
    ]
    contract = outline(written(found, word), "before.yaml").declare()
    read = {
        ObjectRef(kind, path): entry.value for kind, paths in contract.objects.items() for path, entry in paths.items()
    }
    assert read == dict(found)
