"""Foreign keys."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.node import Node, text
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.key.model import DEFERRAL, show_columns, take_deferral
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A foreign key.

    `target_columns` is empty in a contract that leaves them out and so means the target's primary
    key; `primary_key` holds that of a real one that points there, in its order. Actions are in SQL's words.
    With `period` the last columns are ranges, and what they cover must be covered. `slack` says of a
    real one why PostgreSQL does not hold it for every row; `repairable` whether making it anew ends that.
    `inherited` is one that is there because the parent of a partition has it.
    """

    columns: tuple[str, ...]
    target: tuple[str, str]
    target_columns: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = field(default=(), compare=False)
    match: str = ""
    on_update: str = ""
    on_delete: str = ""
    deferral: str = ""
    validated: bool = True
    period: bool = False
    enforced: bool = True
    slack: tuple[str, ...] = ()
    repairable: bool = field(default=True, compare=False)
    inherited: bool = field(default=False, compare=False)


MISSING = missing(
    "SA301",
    "foreign-key",
    "rows may point to nothing, and PostgREST cannot embed the related rows (PGRST200)",
)
UNEXPECTED = unexpected("SA302", "foreign-key", "it may reject rows that the application considers valid")
FORBIDDEN = forbidden("SA303", "foreign-key", "it rejects rows that should be accepted")
TARGET = Rule(
    "SA304",
    "foreign-key-target",
    Severity.ERROR,
    "The target of a foreign key differs from the contract.",
    "Inserts with a key of the expected table fail (23503); rows hold keys of another table.",
)
ACTION = Rule(
    "SA305",
    "foreign-key-action",
    Severity.WARNING,
    "The action of a foreign key on delete or update differs from the contract.",
    "Deleting a row of the target fails, or deletes or changes other rows than expected.",
    "The foreign key {name} of {parent} has {actual}, expected {expected}: deleting or updating the referenced row "
    "has another effect.",
)
UNVALIDATED = Rule(
    "SA307",
    "unvalidated-constraint",
    Severity.WARNING,
    "A constraint has not been validated for the rows that existed before it.",
    "Old rows may violate it. An update of such a row may fail; the planner does not rely on the constraint.",
    "The constraint {name} of {parent} is not validated: existing rows may violate it.",
)

ACTIONS = ("no action", "restrict", "cascade", "set null", "set default")


@lru_cache(maxsize=16384)
def parse(definition: str, schema: str) -> ForeignKey:
    """Read what follows ADD CONSTRAINT name. Raises FragmentError."""
    fragment = Fragment(definition)
    fragment.expect("foreign", "key")
    columns, period = _columns(fragment)
    fragment.expect("references")
    target = fragment.qualified(schema, "a table")
    target_columns, _ = _columns(fragment) if fragment.peek("(") else ((), period)
    match = on_update = on_delete = ""
    while not fragment.done:
        if fragment.accept("match"):
            match = fragment.one_of("simple", "full")
        elif fragment.accept("on", "delete"):
            on_delete = _action(fragment)
        elif fragment.accept("on", "update"):
            on_update = _action(fragment)
        else:
            break
    deferral = take_deferral(fragment)
    enforced = not fragment.accept("not", "enforced")
    validated = enforced and not fragment.accept("not", "valid")
    fragment.end("“on delete”, “on update”, “deferrable” or “not valid”")
    return ForeignKey(
        columns=columns,
        target=target,
        target_columns=target_columns,
        match="" if match == "simple" else match,
        on_update=on_update,
        on_delete=on_delete,
        deferral=deferral,
        validated=validated,
        period=period,
        enforced=enforced,
    )


def _columns(fragment: Fragment) -> tuple[tuple[str, ...], bool]:
    """Take the columns, and whether the last is a period (PostgreSQL 18); a column may be called that, too."""
    fragment.expect("(")
    columns: list[str] = []
    period = False
    while not columns or fragment.accept(","):
        ahead = copy(fragment)
        if ahead.accept("period") and not (ahead.peek(",") or ahead.peek(")")):
            period = fragment.accept("period")
        columns.append(fragment.name("a column"))
    fragment.expect(")")
    return tuple(columns), period


def _action(fragment: Fragment) -> str:
    action = fragment.one_of(*ACTIONS)
    if action.startswith("set ") and fragment.peek("("):
        action += f" {show_columns(sorted(fragment.names()))}"
    return "" if action == "no action" else action


def read(node: Node, schema: str) -> ForeignKey:
    """Read an entry of `constraints:` that is a foreign key."""
    return parse(text(node, "a constraint"), schema)


def load(row: tuple[Any, ...], _schema: str) -> ForeignKey:
    """Make a ForeignKey of a row of the catalog query."""
    (columns, target, target_columns, primary_key, match, on_update, on_delete, deferral, validated) = row[:9]
    period, enforced, off, bare, inherited = row[9:]
    action, *only = on_delete
    return ForeignKey(
        columns=tuple(columns),
        target=(target[0], target[1]),
        target_columns=tuple(target_columns),
        primary_key=tuple(primary_key),
        match=match,
        on_update=on_update,
        on_delete=f"{action} {show_columns(sorted(only))}" if only else action,
        deferral=deferral,
        validated=validated,
        period=period,
        enforced=enforced,
        slack=(*enforcement.off(off), *enforcement.bare(bare)),
        repairable=not bare,
        inherited=inherited,
    )


def same_target(expected: ForeignKey, actual: ForeignKey) -> bool:
    """Whether both go from the same columns to the same columns of the same table; the pairs may stand in any order."""
    if any(getattr(expected, name) != getattr(actual, name) for name in ("target", "match", "period")):
        return False
    return _pairs(expected, expected.target_columns or actual.primary_key) == _pairs(actual, actual.target_columns)


def _pairs(key: ForeignKey, targets: tuple[str, ...]) -> list[tuple[str, str]]:
    return sorted(zip_longest(key.columns, targets, fillvalue=""))


def show_target(key: ForeignKey) -> str:
    """Where the foreign key points, as the contract writes it."""
    columns = f" {_listed(key, key.target_columns)}" if key.target_columns else ""
    match = f" match {key.match}" if key.match else ""
    return f"foreign key {_listed(key, key.columns)} references {dotted(key.target)}{columns}{match}"


def _listed(key: ForeignKey, columns: tuple[str, ...]) -> str:
    if not key.period:
        return show_columns(columns)
    return f"({', '.join((*map(quoted, columns[:-1]), f'period {quoted(columns[-1])}'))})"


def show_actions(key: ForeignKey) -> str:
    """What it does on update and on delete."""
    parts = [
        f"on {event} {action}" for event, action in (("update", key.on_update), ("delete", key.on_delete)) if action
    ]
    return " ".join(parts) or "on delete no action"


def show(key: ForeignKey) -> str:
    """The foreign key as the contract writes it."""
    actions = show_actions(key)
    parts = [show_target(key), actions if key.on_update or key.on_delete else "", key.deferral]
    parts.append("" if key.validated else "not valid" if key.enforced else "not enforced")
    return " ".join(part for part in parts if part)


def target_message(ref: ObjectRef, expected: ForeignKey, actual: ForeignKey) -> str:
    """Say where it points, where it should, and which inserts fail."""
    if same_target(replace(expected, match=actual.match), actual):
        return (
            f"The foreign key {ref.name} of {ref.parent} is match {actual.match or 'simple'}, expected match "
            f"{expected.match or 'simple'}: a partly null key is accepted where it should fail, or the other way round."
        )
    if expected.target == actual.target:
        return (
            f"The foreign key {ref.name} of {ref.parent} joins other columns than expected: inserts fail that should "
            "succeed, or the other way round."
        )
    return (
        f"The foreign key {ref.name} of {ref.parent} points to {dotted(actual.target)}, expected "
        f"{dotted(expected.target)}: inserting a key of {dotted(expected.target)} fails (23503)."
    )


KIND = Kind(
    name="foreign_key",
    section="constraints",
    within="table",
    leads=("foreign key",),
    identity=("relation", "name"),
    model=ForeignKey,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda key: key.inherited,
    misnamed=True,
    attributes=(
        Attribute(
            facet="target",
            rule=TARGET,
            fields=("columns", "target", "target_columns", "match", "period"),
            show=show,
            same=same_target,
            message=target_message,
        ),
        Attribute(facet="action", rule=ACTION, fields=("on_update", "on_delete"), show=show_actions),
        Attribute(
            facet="deferral", rule=DEFERRAL, fields=("deferral",), show=lambda key: key.deferral or "not deferrable"
        ),
        Attribute(
            facet="validated",
            rule=UNVALIDATED,
            fields=("validated",),
            show=lambda key: "valid" if key.validated else "not valid",
            # Being validated is never wrong; NOT ENFORCED is found by its own facet.
            same=lambda expected, actual: actual.validated or not (expected.validated and actual.enforced),
        ),
        enforcement.HELD,
    ),
    ignored=frozenset({"primary_key", "repairable", "inherited"}),
    shape={"type": "string"},
    mended_by_rows=True,
    by_triggers=True,
)
