"""Where an object that can have a comment stands in the catalogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.kinds.common.catalog_conditions import relation, type_oid
from sessionaudit.kinds.function.signature import arguments
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.kinds.comment.target import Commented


class CommentPlace(NamedTuple):
    """The catalog of an object, and a query with its `id`, its column's number `sub` and its owner's oid `owner`."""

    catalog: str
    query: str


# What pg_class.relkind holds for each word.
_RELATIONS = {
    "table": "r, p",
    "view": "v",
    "materialized view": "m",
    "foreign table": "f",
    "sequence": "S",
    "index": "i, I",
}
# The catalog, and the prefix of its columns.
_IN_SCHEMA = {
    "statistics": ("pg_statistic_ext", "stx"),
    "collation": ("pg_collation", "coll"),
    "conversion": ("pg_conversion", "con"),
    "text search configuration": ("pg_ts_config", "cfg"),
    "text search dictionary": ("pg_ts_dict", "dict"),
}
_ALONE = {
    "schema": ("pg_namespace", "nsp"),
    "extension": ("pg_extension", "ext"),
    "event trigger": ("pg_event_trigger", "evt"),
    "publication": ("pg_publication", "pub"),
    "foreign data wrapper": ("pg_foreign_data_wrapper", "fdw"),
    "server": ("pg_foreign_server", "srv"),
    "language": ("pg_language", "lan"),
}
_ON_RELATION = {
    "constraint": ("pg_constraint", "conrelid", "conname"),
    "trigger": ("pg_trigger", "tgrelid", "tgname"),
    "policy": ("pg_policy", "polrelid", "polname"),
    "rule": ("pg_rewrite", "ev_class", "rulename"),
}
_OF_METHOD = {"operator class": ("pg_opclass", "opc"), "operator family": ("pg_opfamily", "opf")}
_PROKINDS = {"function": "f, w", "procedure": "p", "aggregate": "a", "routine": "f, w, p, a"}


def place(target: Commented) -> CommentPlace:
    """Where it stands."""
    sort, path = target.sort, target.path
    if sort in _RELATIONS:
        where = f"o.oid = {relation(path)} and o.relkind in ({_letters(_RELATIONS[sort])})"
        return _place("pg_class", "o.relowner", f"pg_catalog.pg_class o where {where}")
    if sort == "column":
        source = (
            "pg_catalog.pg_class o join pg_catalog.pg_attribute a on a.attrelid = o.oid"
            f" where o.oid = {relation(path)} and a.attname = {literal(path[2])} and not a.attisdropped"
        )
        return _place("pg_class", "o.relowner", source, "a.attnum")
    if target.of_domain:
        source = (
            "pg_catalog.pg_constraint o join pg_catalog.pg_type t on t.oid = o.contypid"
            f" where t.oid = {type_oid(path)} and o.conname = {literal(path[2])}"
        )
        return _place("pg_constraint", "t.typowner", source)
    if sort in _ON_RELATION:
        catalog, on, name = _ON_RELATION[sort]
        source = (
            f"pg_catalog.{catalog} o join pg_catalog.pg_class r on r.oid = o.{on}"
            f" where r.oid = {relation(path)} and o.{name} = {literal(path[2])}"
        )
        return _place(catalog, "r.relowner", source)
    if sort in {"type", "domain"}:
        domain = " and o.typtype = 'd'" if sort == "domain" else ""
        where = f"o.oid = {type_oid(path)}{domain}"
        return _place("pg_type", "o.typowner", f"pg_catalog.pg_type o where {where}")
    if sort in _PROKINDS:
        types = (f"pg_catalog.to_regtype({literal(one.type)})::oid" for one in arguments(path[2][1:-1], path[0]))
        # How types are printed depends on the search path.
        taken = f"o.proargtypes::text = pg_catalog.array_to_string(array[{', '.join(types)}]::oid[], ' ', '?')"
        where = f"{_named('pro', path)} and o.prokind in ({_letters(_PROKINDS[sort])}) and {taken}"
        return _place("pg_proc", "o.proowner", f"{_in_schema('pg_proc', 'pro')} where {where}")
    if sort in _OF_METHOD:
        catalog, prefix = _OF_METHOD[sort]
        method = f"(select m.oid from pg_catalog.pg_am m where m.amname = {literal(path[2])})"
        where = f"{_named(prefix, path)} and o.{prefix}method = {method}"
        return _place(catalog, f"o.{prefix}owner", f"{_in_schema(catalog, prefix)} where {where}")
    if sort in _IN_SCHEMA:
        catalog, prefix = _IN_SCHEMA[sort]
        return _place(catalog, f"o.{prefix}owner", f"{_in_schema(catalog, prefix)} where {_named(prefix, path)}")
    catalog, prefix = _ALONE[sort]
    source = f"pg_catalog.{catalog} o where o.{prefix}name = {literal(path[0])}"
    return _place(catalog, f"o.{prefix}owner", source)


def _place(catalog: str, owner: str, source: str, sub: str = "0") -> CommentPlace:
    return CommentPlace(catalog, f"select o.oid as id, {sub}::int4 as sub, {owner} as owner from {source}")


def _letters(listed: str) -> str:
    return ", ".join(literal(one) for one in listed.split(", "))


def _in_schema(catalog: str, prefix: str) -> str:
    return f"pg_catalog.{catalog} o join pg_catalog.pg_namespace n on n.oid = o.{prefix}namespace"


def _named(prefix: str, path: tuple[str, ...]) -> str:
    return f"n.nspname = {literal(path[0])} and o.{prefix}name = {literal(path[1])}"
