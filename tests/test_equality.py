"""Equal means equal: what PostgreSQL takes for one definition is clean, what it tells apart is a finding."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import expressions
from expressions import COLUMNS, TABLE, Speller, booleans, defaults, mutations, queries, texts
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.audits.schema import spellings
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.check import model as check
from sessionaudit.kinds.column import model as column
from sessionaudit.kinds.index import model as index
from sessionaudit.kinds.policy import model as policy
from sessionaudit.kinds.trigger import model as trigger
from sessionaudit.postgres.trial import Question, Verdict
from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import canonical_type
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    import psycopg

    from sessionaudit.core.kind import Attribute, Trial

EXAMPLES = int(os.environ.get("SESSIONAUDIT_EXAMPLES", "40"))
MANY = max(EXAMPLES, 80)
BATCH = 30
PROFILE = settings(
    max_examples=EXAMPLES,
    derandomize="SESSIONAUDIT_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # a batch says itself which of its pairs is wrong
    suppress_health_check=list(HealthCheck),
)
# Puts a definition on the table, prints it and takes it away again.
JUDGE = """
create function judge(statement text, reading text) returns text language plpgsql as $$
declare
  printed text;
begin
  perform pg_catalog.set_config('search_path', 'public', true);
  execute statement;
  perform pg_catalog.set_config('search_path', '', true);
  execute reading into printed;
  raise exception using errcode = 'ZZ001';
exception when others then
  return case when sqlstate = 'ZZ001' then printed else '!' || sqlstate || ' ' || sqlerrm end;
end
$$"""


class Place(NamedTuple):
    """Where an expression stands: how a contract and a row of the catalog say it."""

    kind: str
    attribute: Attribute[Any]
    model: Callable[[str], Any]
    printed: Callable[[str], Any]
    name: str
    prefix: str = ""


def attribute(kind: str, facet: str) -> Attribute[Any]:
    return next(found for one in KINDS if one.name == kind for found in one.attributes if found.facet == facet)


def trigger_model(when: str) -> Any:
    return trigger.parse(f"before update for each row when ({when}) execute function touch()", "public")


def printed_index(definition: str) -> Any:
    return index.Index(unique=False, definition=definition)


PLACES = {
    "check": Place(
        "check", attribute("check", "expression"), lambda e: check.parse(f"check ({e})"),
        lambda e: check.Check(expression=e), "c",
    ),
    "using": Place(
        "policy", attribute("policy", "using"), lambda e: policy.Policy(using=e), lambda e: policy.Policy(using=e), "p"
    ),
    "with check": Place(
        "policy", attribute("policy", "check"), lambda e: policy.Policy(using="true", check=e),
        lambda e: policy.Policy(using="true", check=e), "p",
    ),
    "predicate": Place(
        "index",
        attribute("index", "definition"),
        lambda e: index.parse(f"using btree (i) where {e}"),
        printed_index,
        "x",
    ),
    "key": Place(
        "index", attribute("index", "definition"), lambda e: index.parse(f"using btree (i desc, ({e}))"), printed_index,
        "x",
    ),
    "when": Place("trigger", attribute("trigger", "definition"), trigger_model, trigger_model, "tr", "new."),
    "generated": Place(
        "column", attribute("column", "generation"),
        lambda e: column.parse(f"boolean generated always as ({e}) stored", "public"),
        lambda e: column.Column(type="boolean", generated=e, storage="stored"), "g",
    ),
}  # fmt: skip


def default_place(name: str) -> Place:
    type_ = COLUMNS[name]
    return Place(
        "column",
        attribute("column", "default"),
        lambda e: column.parse(f"{type_} default {e}", "public"),
        lambda e: column.Column(type=canonical_type(type_, "public"), default=e),
        name,
    )


class Pair(NamedTuple):
    place: Place
    actual: str
    expected: str


SOURCES = {"default": defaults(), "query": queries(), "text": texts(), "boolean": booleans()}


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    """Expressions in two spellings, and others that differ in one place."""
    random_ = random.Random(draw(st.integers(0, 2**32)))
    found: list[Pair] = []
    for _ in range(draw(st.integers(1, BATCH))):
        sort = random_.choice(("default", "query", "boolean", "boolean", "boolean", "text"))
        if sort == "default":
            name, node = draw(SOURCES["default"])
            place = default_place(name)
        elif sort == "query":
            node = draw(SOURCES["query"])
            place = PLACES[random_.choice(("using", "with check"))]
        elif sort == "text":
            node, place = draw(SOURCES["text"]), PLACES["key"]
        else:
            node = draw(SOURCES["boolean"])
            place = PLACES[random_.choice(("check", "check", "using", "predicate", "when", "generated"))]
        speller = Speller(random_, place.prefix)
        others = mutations(node)
        twin = random_.choice(others) if others and random_.random() < 0.4 else node
        found.append(Pair(place, speller.spell(node), speller.spell(twin)))
    return found


def trial_of(place: Place) -> Trial:
    assert place.attribute.form is not None
    assert place.attribute.form.trial is not None
    return place.attribute.form.trial


def reading(place: Place) -> str:
    table = "'public." + identifier(TABLE) + "'"
    return trial_of(place).read.replace("%(on)s", table).replace("%(name)s", f"'{place.name}'")


def judged(connection: psycopg.Connection, spelled: list[tuple[Place, str]]) -> list[str]:
    """What the server makes of each; begins with “!” where it refuses it."""
    cursors: list[Any] = []
    with connection.pipeline():
        for place, text in spelled:
            on = f"public.{identifier(TABLE)}"
            [statement] = trial_of(place).setup(place.model(text), on, identifier(place.name))
            # What the statement prints as is taken as text, also where the kind takes only a part of it.
            statement = statement.replace("execute function touch()", "execute function public.touch()")
            cursors.append(connection.execute("select judge(%s, %s)", (statement, reading(place))))
    results: list[str] = []
    for (place, _), cursor in zip(spelled, cursors, strict=True):
        row = cursor.fetchone()
        text = str(row[0])
        results.append(text if text.startswith("!") else str(trial_of(place).pick(text)))
    return results


def equivalent(left: str, right: str) -> bool:
    """Whether two texts that the server prints differently mean the same nonetheless.

    - `now()` and CURRENT_TIMESTAMP are one function by the manual (9.9.5).
    - `and` and `or` are associative: only parentheses among their like are dropped.
    - Integers of any width compare alike: `(5)::bigint` is 5 beside a comparison.
    - A name equals a text of the same characters, if they are fewer than 64; only their order may differ.
    - `array[…]::t[]` casts each element, and so does a cast of the array: PostgreSQL prints the second
      as one would write the first.
    """

    def each(match: re.Match[str]) -> str:
        return f"ARRAY[{', '.join(f'({item})::{match[2]}' for item in match[1].split(', '))}]"

    def plain(text: str) -> Any:
        text = text.replace("now()", "CURRENT_TIMESTAMP")
        text = re.sub(r"\((\d+)\)::bigint", r"\1", text)
        text = re.sub(r"\('(-\d+)'::integer\)::bigint", r"'\1'::integer", text)
        text = re.sub(r"((?:(?<![<>])= |<> |, |ARRAY\[)'(?:[^']|'')*')::name", r"\1::text", text)
        text = re.sub(r"\(ARRAY\[([^][]*)\]\)::([\w ]+)\[\]", each, text)
        return tree(text, "public")

    return plain(left) is not None and plain(left) == plain(right)


def stored_alike(connection: psycopg.Connection, place: Place, *defaults: str) -> bool:
    """Whether two constants of texts are one value by the time that they are in the column."""
    if not all(re.fullmatch(r"'(?:[^']|'')*'::(?:text|character varying|bpchar)(?:\[\])?", one) for one in defaults):
        return False
    rows: list[Any] = []
    for default in defaults:
        with connection.transaction(force_rollback=True):
            connection.execute(f"create temporary table q (x {COLUMNS[place.name]} default {default})".encode())
            rows.append(connection.execute("insert into q default values returning to_json(x)::text").fetchone())
    return rows[0] == rows[1]


@pytest.fixture(scope="module")
def connection(server: Any) -> Generator[psycopg.Connection]:
    url = server.create()
    with connect(url) as connection:
        connection.execute(expressions.SCHEMA.encode())
        connection.execute(JUDGE.encode())
        yield connection
    server.drop(url)


def disagreements(connection: psycopg.Connection, found: list[Pair]) -> list[str]:
    """Where the program does not say what the server's own prints say."""
    printed = judged(connection, [(p.place, p.actual) for p in found])
    found = [pair for pair, text in zip(found, printed, strict=True) if not text.startswith("!")]
    printed = [text for text in printed if not text.startswith("!")]
    wanted = judged(connection, [(pair.place, pair.expected) for pair in found])
    questions = [
        Question(
            ObjectRef(pair.place.kind, ("public", TABLE, pair.place.name)),
            pair.place.attribute,
            pair.place.model(pair.expected),
            pair.place.printed(text),
        )
        for pair, text in zip(found, printed, strict=True)
    ]
    contract: Any = SimpleNamespace(schema="public")
    answers = spellings.settle(connection, contract, questions, runner.Options())
    by_text = spellings.settle(connection, contract, questions, runner.Options(read_only=True))
    wrong: list[str] = []
    for pair, has, would_have, answer, told in zip(found, printed, wanted, answers, by_text, strict=True):
        alike = has == would_have or (
            answer.verdict is Verdict.SAME
            and (equivalent(has, would_have) or stored_alike(connection, pair.place, has, would_have))
        )
        right = Verdict.INVALID if would_have.startswith("!") else Verdict.SAME if alike else Verdict.DIFFERENT
        STATISTICS[right.value, told.verdict.value] += 1
        if answer.verdict is not right:
            where = f"{pair.place.kind} {pair.place.attribute.facet} of {pair.place.name}"
            wrong.append(f"{where}: {answer}, not {right}\n  {pair.expected!r}\n  is {would_have}\n  has {has}")
    return wrong


STATISTICS: Counter[tuple[str, str]] = Counter()


@PROFILE
@given(found=pairs())
def test_the_program_agrees_with_the_server(connection: psycopg.Connection, found: list[Pair]) -> None:
    assert not disagreements(connection, found)


@pytest.mark.slow
@settings(PROFILE, max_examples=MANY)
@given(found=pairs())
def test_the_program_agrees_with_the_server_on_many(connection: psycopg.Connection, found: list[Pair]) -> None:
    assert not disagreements(connection, found)


def entry(place: Place, text: str) -> tuple[str, Any]:
    """The section of a contract's table where the place is declared, and its definition."""
    if place is PLACES["check"]:
        return "constraints", f"check ({text})"
    if place in {PLACES["using"], PLACES["with check"]}:
        return "policies", {"using" if place is PLACES["using"] else "check": text}
    return "indexes", f"using {place.model(text).definition}"


@settings(PROFILE, max_examples=max(2, MANY // 10))
@given(found=pairs())
def test_a_whole_audit_is_silent_or_finds_exactly_what_differs(
    connection: psycopg.Connection, tmp_path_factory: pytest.TempPathFactory, found: list[Pair]
) -> None:
    whole = [PLACES[name] for name in ("check", "using", "with check", "predicate", "key")]
    found = [pair for pair in found if pair.place in whole]
    has = judged(connection, [(pair.place, pair.actual) for pair in found])
    wants = judged(connection, [(pair.place, pair.expected) for pair in found])
    connection.execute("set search_path to public")
    sections: dict[str, dict[str, Any]] = {"constraints": {}, "policies": {}, "indexes": {}}
    different: set[str] = set()
    table = f"public.{identifier(TABLE)}"
    for number, (pair, actual, expected) in enumerate(zip(found, has, wants, strict=True)):
        if actual.startswith("!") or expected.startswith("!"):
            continue
        name = f"o{number}"
        for statement in trial_of(pair.place).setup(pair.place.model(pair.actual), table, name):
            connection.execute(statement.encode())
        section, definition = entry(pair.place, pair.expected)
        sections[section][name] = definition
        if actual != expected and not equivalent(actual, expected):
            different.add(name)
    contract: Path = tmp_path_factory.mktemp("contract") / "expected.yaml"
    contract.write_text(yaml.safe_dump({"version": 1, "tables": {identifier(TABLE): sections}}))
    try:
        report = runner.run(
            url_of(connection), contract, runner.Options(ignore=("unexpected-column", "blocking-column"))
        )
        rules = {"check-expression", "policy-using", "policy-check", "index-definition"}
        differing = [item.ref.name for item in report.findings if item.rule.name in rules | {"uncertain"}]
        assert sorted(differing) == sorted(different), contract.read_text()
    finally:
        for name in sections["constraints"]:
            connection.execute(f"alter table {table} drop constraint {name}".encode())
        for name in sections["policies"]:
            connection.execute(f"drop policy {name} on {table}".encode())
        for name in sections["indexes"]:
            connection.execute(f"drop index public.{name}".encode())


def url_of(connection: psycopg.Connection) -> str:
    return f"{connection.info.dsn} password={connection.info.password}"
