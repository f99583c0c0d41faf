"""The address of an object in pg_depend: queries of its class, oid and column number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import relation
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.function.routine import found
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef


def address(ref: ObjectRef) -> str | None:
    """The query for an object, without rows if it does not exist; None for kinds on which nothing can depend."""
    where = _PLACES.get(ref.kind)
    return where(ref.path) if where else None


def _at(catalog: str, id_: str, source: str, sub: str = "0") -> str:
    return f"select 'pg_catalog.{catalog}'::pg_catalog.regclass::oid, {id_}::oid, {sub}::int4 from {source}"


def _relation(path: ObjectPath) -> str:
    return _at("pg_class", "c.oid", f"pg_catalog.pg_class c where c.oid = {relation(path)}")


def _column(path: ObjectPath) -> str:
    there = f"a.attrelid = {relation(path)} and a.attname = {literal(path[2])} and not a.attisdropped"
    return _at("pg_class", "a.attrelid", f"pg_catalog.pg_attribute a where {there}", "a.attnum")


def _constraint(path: ObjectPath) -> str:
    there = f"c.conrelid = {relation(path)} and c.conname = {literal(path[2])}"
    return _at("pg_constraint", "c.oid", f"pg_catalog.pg_constraint c where {there}")


def _index(path: ObjectPath) -> str:
    there = f"i.indrelid = {relation(path)} and i.indexrelid = {relation((path[0], path[2]))}"
    return _at("pg_class", "i.indexrelid", f"pg_catalog.pg_index i where {there}")


def _policy(path: ObjectPath) -> str:
    there = f"p.polrelid = {relation(path)} and p.polname = {literal(path[2])}"
    return _at("pg_policy", "p.oid", f"pg_catalog.pg_policy p where {there}")


def _trigger(path: ObjectPath) -> str:
    there = f"t.tgrelid = {relation(path)} and t.tgname = {literal(path[2])}"
    return _at("pg_trigger", "t.oid", f"pg_catalog.pg_trigger t where {there}")


def _function(path: ObjectPath) -> str:
    return _at("pg_proc", "p.oid", found(path))


def _type(path: ObjectPath) -> str:
    return _at("pg_type", "t.oid", f"pg_catalog.pg_type t where t.oid = pg_catalog.to_regtype({literal(dotted(path))})")


def _extension(path: ObjectPath) -> str:
    return _at("pg_extension", "e.oid", f"pg_catalog.pg_extension e where e.extname = {literal(path[0])}")


_PLACES: dict[str, Callable[[ObjectPath], str]] = {
    "table": _relation,
    "view": _relation,
    "materialized_view": _relation,
    "column": _column,
    "key": _constraint,
    "foreign_key": _constraint,
    "check": _constraint,
    "index": _index,
    "policy": _policy,
    "trigger": _trigger,
    "function": _function,
    "enum": _type,
    "extension": _extension,
}
