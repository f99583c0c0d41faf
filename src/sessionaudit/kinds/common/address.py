"""The address of an object in pg_depend: a query of its class, oid and column number, without rows if there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.kinds.common.catalog_conditions import relation, type_oid
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath


def at(catalog: str, id_: str, source: str, sub: str = "0") -> str:
    """The address of what a FROM clause finds, whose oid is `id_`, in a catalog."""
    return f"select 'pg_catalog.{catalog}'::pg_catalog.regclass::oid, {id_}::oid, {sub}::int4 from {source}"


def of_relation(path: ObjectPath) -> str:
    """Of a table, a view and so on."""
    return at("pg_class", "c.oid", f"pg_catalog.pg_class c where c.oid = {relation(path)}")


def of_column(path: ObjectPath) -> str:
    """Of a column of a relation."""
    there = f"a.attrelid = {relation(path)} and a.attname = {literal(path[2])} and not a.attisdropped"
    return at("pg_class", "a.attrelid", f"pg_catalog.pg_attribute a where {there}", "a.attnum")


def of_constraint(path: ObjectPath) -> str:
    """Of a constraint of a table."""
    there = f"c.conrelid = {relation(path)} and c.conname = {literal(path[2])}"
    return at("pg_constraint", "c.oid", f"pg_catalog.pg_constraint c where {there}")


def of_index(path: ObjectPath) -> str:
    """Of an index of a table."""
    there = f"i.indrelid = {relation(path)} and i.indexrelid = {relation((path[0], path[2]))}"
    return at("pg_class", "i.indexrelid", f"pg_catalog.pg_index i where {there}")


def of_policy(path: ObjectPath) -> str:
    """Of a policy of a table."""
    there = f"p.polrelid = {relation(path)} and p.polname = {literal(path[2])}"
    return at("pg_policy", "p.oid", f"pg_catalog.pg_policy p where {there}")


def of_trigger(path: ObjectPath) -> str:
    """Of a trigger of a relation."""
    there = f"t.tgrelid = {relation(path)} and t.tgname = {literal(path[2])}"
    return at("pg_trigger", "t.oid", f"pg_catalog.pg_trigger t where {there}")


def of_type(path: ObjectPath) -> str:
    """Of a type."""
    return at("pg_type", "t.oid", f"pg_catalog.pg_type t where t.oid = {type_oid(path)}")


def of_extension(path: ObjectPath) -> str:
    """Of an extension."""
    return at("pg_extension", "e.oid", f"pg_catalog.pg_extension e where e.extname = {literal(path[0])}")
