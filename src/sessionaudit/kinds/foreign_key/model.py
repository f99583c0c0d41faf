"""Foreign keys."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.key.model import show_columns, take_deferral
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import quoted


class ForeignKey(Compared, frozen=True, kw_only=True):
    """A foreign key.

    `target_columns` is empty in a contract that leaves them out and so means the target's primary
    key; `primary_key` holds that of a real one that points there, in its order. Actions are in SQL's words.
    With `period` the last columns are ranges, and what they cover must be covered. `slack` says of a
    real one why PostgreSQL does not hold it for every row; `repairable` whether making it anew ends that.
    `inherited` is one that is there because the parent of a partition has it. `rests_on` is the index that PostgreSQL
    picked, of all that the target has on these columns.
    """

    aside: ClassVar = frozenset({"inherited", "primary_key", "repairable", "rests_on"})

    columns: tuple[str, ...]
    target: tuple[str, str]
    target_columns: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    match: str = ""
    on_update: str = ""
    on_delete: str = ""
    deferral: str = ""
    validated: bool = True
    period: bool = False
    enforced: bool = True
    slack: tuple[str, ...] = ()
    repairable: bool = True
    inherited: bool = False
    rests_on: str = ""


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
    period, enforced, off, bare, inherited, rests_on = row[9:]
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
        rests_on=rests_on,
    )


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
