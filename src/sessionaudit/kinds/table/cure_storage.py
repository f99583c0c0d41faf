"""Cures for how a table is stored: its parameters are set and reset, its access method is changed by a rewrite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.rights import owning, since
from sessionaudit.kinds.table.storage import SHARED, meaning
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sessionaudit.core.cure import Difference

_TOAST = "toast."


def clauses(table: Any) -> str:
    """What a table's storage adds to CREATE TABLE."""
    method, parameters = table.storage.access_method, table.storage.parameters
    using = f" using {quoted(method)}" if method is not None else ""
    return f"{using} with ({_listed(parameters)})" if parameters else using


def _listed(parameters: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{_name(name)} = {literal(value).strip()}" for name, value in parameters)


def _name(name: str) -> str:
    return ".".join(map(quoted, name.split(".")))


def adjust(difference: Difference[Any]) -> tuple[Step, ...]:
    """Set the parameters that differ, and reset those that the contract does not list."""
    expected, found = difference.new.storage.parameters, difference.old.storage.parameters
    if expected is None or found is None:
        return ()
    old = {name: meaning(name, value) for name, value in found}
    given = [(name, value) for name, value in expected if old.get(name) != meaning(name, value)]
    taken = [name for name in old if name not in dict(expected)]
    alter = f"alter {_kind(difference)} {difference.on}"
    sql = [f"{alter} set ({_listed(given)})"] if given else []
    sql += [f"{alter} reset ({', '.join(map(_name, taken))})"] if taken else []
    names = [*(name for name, _ in given), *taken]
    done = [_has(difference, name, f"o.option_value = {literal(value)}") for name, value in given]
    done += [f"not {_has(difference, name, 'true')}" for name in taken]
    toast = any(name.startswith(_TOAST) for name, _ in given)
    return (
        Step(
            action=f"Set the storage parameters of {difference.on}",
            ref=difference.ref,
            sql=tuple(sql),
            done=f"({' and '.join(done)})",
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE if SHARED.issuperset(names) else LockLevel.ACCESS_EXCLUSIVE,
            locks=(difference.table,),
            needs=(owning(difference.table), *((_toasted(difference),) if toast else ())),
        ),
    )


def _kind(difference: Difference[Any]) -> str:
    return "materialized view" if difference.old.kind == "materialized view" else "table"


def _has(difference: Difference[Any], name: str, condition: str) -> str:
    of_toast = name.startswith(_TOAST)
    return (
        "exists (select from pg_catalog.pg_class c"
        f"{' join pg_catalog.pg_class t on t.oid = c.reltoastrelid' if of_toast else ''}"
        f" cross join lateral pg_catalog.pg_options_to_table({'t' if of_toast else 'c'}.reloptions) o"
        f" where c.oid = {relation(difference.table)}"
        f" and o.option_name = {literal(name.removeprefix(_TOAST))} and {condition})"
    )


def _toasted(difference: Difference[Any]) -> Need:
    return Need(
        f"(select c.reltoastrelid <> 0 from pg_catalog.pg_class c where c.oid = {relation(difference.table)})",
        f"{difference.on} has no TOAST table, as none of its columns can be long",
        "Leave the parameters that begin with toast. out of the contract.",
        whole=True,
    )


def move(difference: Difference[Any]) -> tuple[Step, ...]:
    """Rewrite the table by another access method."""
    method = difference.new.storage.access_method
    if method is None or difference.old.kind not in {"table", "materialized view"}:
        return ()
    return (
        Step(
            action=f"Change the access method of {difference.on} to {quoted(method)}",
            ref=difference.ref,
            sql=(f"alter {_kind(difference)} {difference.on} set access method {quoted(method)}",),
            done=(
                "exists (select from pg_catalog.pg_class c join pg_catalog.pg_am m on m.oid = c.relam"
                f" where c.oid = {relation(difference.table)} and m.amname = {literal(method)})"
            ),
            locks=(difference.table,),
            needs=(
                owning(difference.table),
                since(15, "changing the access method of a table"),
                Need(
                    f"exists (select from pg_catalog.pg_am m where m.amname = {literal(method)} and m.amtype = 't')",
                    f"there is no access method {quoted(method)} for tables",
                    "Create the extension that has it.",
                    whole=True,
                ),
            ),
            hazards=(Hazard.REWRITE,),
            timeout=None,
        ),
    )


ALTER: Mapping[str, Callable[[Difference[Any]], tuple[Step, ...]]] = {"with": adjust, "access_method": move}
