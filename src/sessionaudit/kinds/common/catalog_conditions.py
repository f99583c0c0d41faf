"""SQL expressions about the catalogs, for `Step.done`; they work with an empty search path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath


def relation(path: ObjectPath) -> str:
    """Return SQL for the oid of a relation, or null.

    `to_regclass` would fail if the role may not use the schema, which a plan is to report.
    """
    return (
        "(select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace"
        f" where s.nspname = {literal(path[0])} and r.relname = {literal(path[1])})"
    )


def type_oid(path: ObjectPath) -> str:
    """Return SQL for the oid of a type, or null; `to_regtype` would fail if the role may not use the schema."""
    return (
        "(select y.oid from pg_catalog.pg_type y join pg_catalog.pg_namespace s on s.oid = y.typnamespace"
        f" where s.nspname = {literal(path[0])} and y.typname = {literal(path[1])})"
    )


def trigger_function_oid(path: ObjectPath) -> str:
    """Return SQL for the oid of a function without arguments, or null; `to_regprocedure` would fail likewise."""
    return (
        "(select f.oid from pg_catalog.pg_proc f join pg_catalog.pg_namespace s on s.oid = f.pronamespace"
        f" where s.nspname = {literal(path[0])} and f.proname = {literal(path[1])} and f.pronargs = 0)"
    )


def column_is(path: ObjectPath, condition: str) -> str:
    """Return SQL for whether the column exists and satisfies a condition over pg_attribute `a`."""
    return (
        f"exists (select from pg_catalog.pg_attribute a where a.attrelid = {relation(path)}"
        f" and a.attname = {literal(path[2])} and not a.attisdropped and {condition})"
    )


def constraint_is(path: ObjectPath, condition: str = "true") -> str:
    """Return SQL for whether the constraint exists and satisfies a condition over pg_constraint `c`."""
    return (
        f"exists (select from pg_catalog.pg_constraint c where c.conrelid = {relation(path)}"
        f" and c.conname = {literal(path[2])} and {condition})"
    )


def index_is(path: ObjectPath, condition: str = "true") -> str:
    """Return SQL for whether the table has this index and it satisfies a condition over pg_index `i`."""
    return (
        f"exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid"
        f" where i.indrelid = {relation(path)} and x.relname = {literal(path[2])} and {condition})"
    )


# A condition over pg_index `i`.
OF_NO_CONSTRAINT = (
    "not exists (select from pg_catalog.pg_constraint k"
    " where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))"
)


def names(numbers: str, relation_oid: str) -> str:
    """Return SQL for the names of the columns whose numbers are in an array, as a text array in its order."""
    return (
        f"array(select a.attname::text from pg_catalog.unnest({numbers}) with ordinality as k (number, position)"
        f" join pg_catalog.pg_attribute a on a.attrelid = {relation_oid} and a.attnum = k.number order by k.position)"
    )


def read_as(query: str, path: ObjectPath, text: str | None) -> str:
    """Return SQL for whether a form's `read` query returns a text; None means that it must return none."""
    on_one_line = " ".join(query.split())  # before the names are in it, which may hold several blanks
    filled = on_one_line.replace("%(on)s::pg_catalog.regclass", relation(path)).replace("%(name)s", literal(path[-1]))
    found = f"({filled})"
    return f"{found} is null" if text is None else f"coalesce({found} = {literal(text)}, false)"


def as_printed(query: str, difference: Difference[Any], seen: str | None) -> str:
    """Return SQL for whether a form's `read` query returns the expected text.

    If the server was not asked how it prints that text: whether the query no longer returns the text `seen`.
    """
    path = difference.ref.path
    if difference.printed is not None:
        return read_as(query, path, difference.printed)
    return f"not {read_as(query, path, seen)}"
