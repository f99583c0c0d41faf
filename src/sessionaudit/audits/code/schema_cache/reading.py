"""Read from the catalogs what PostgREST reads from them, in one round trip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.code.schema_cache.model import (
    CachedCheck,
    CachedColumn,
    CachedRelation,
    Relationship,
    Routine,
    RoutineParameter,
    SchemaCache,
    UniqueKey,
)
from sessionaudit.audits.code.schema_cache.relationships import KeyRow, ViewOfTables, derived
from sessionaudit.audits.code.schema_cache.view_columns import base_columns, targets
from sessionaudit.core.query import constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.audits.code.schema_cache.model import RelationPath
    from sessionaudit.postgres.connection import Connection

    Rows = list[tuple[Any, ...]]

_NAMES = (
    *("relations", "columns", "unique_keys", "foreign_keys", "views", "routines", "computed", "checks"),
    *("calling_types", "settings", "partitions", "published"),
)
_QUERIES = {name: Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8") for name in _NAMES}
# Types of the only, unnamed parameter of a function that takes the whole body of a request.
_WHOLE_BODY = {"bytea", "json", "jsonb", "text", "xml"}


def read_cache(connection: Connection, schemas: Sequence[str]) -> SchemaCache:
    """Read what PostgREST knows if it exposes these schemas, in the open transaction. Raises psycopg.Error."""
    with connection.pipeline():
        cursors = {
            name: connection.execute(constant(query), {"schemas": list(schemas)} if "%(" in query else {})
            for name, query in _QUERIES.items()
        }
        rows = {name: cursor.fetchall() for name, cursor in cursors.items()}
    relations = _relations(rows)
    by_oid = {one.oid: one for one in relations.values()}
    related, loose = _derived(rows, by_oid)
    exposed = frozenset(schemas)
    every = [*_overridden(related, rows["computed"])]
    inside = [one for one in every if one.table[0] in exposed and _inside(one, exposed)]
    outside = [one for one in every if one.table[0] in exposed and not _inside(one, exposed)]
    return SchemaCache(
        schemas=tuple(schemas),
        relations=relations,
        routines=_routines(rows["routines"]),
        relationships=_by_table(inside),
        hidden=_by_table(outside),
        loose=_by_table(one for one in loose if one.table[0] in exposed and _inside(one, exposed)),
        partitions={(one, name): (of, table) for one, name, of, table in rows["partitions"]},
        published=frozenset((schema, name) for schema, name in rows["published"]) if rows["published"] else None,
        aggregates=_truth([value for (value,) in rows["settings"]]),
        calling_types=frozenset(oid for (oid,) in rows["calling_types"]),
    )


def _truth(values: Sequence[str]) -> bool | None:
    return values[0] == "true" if len(values) == 1 and values[0] in {"true", "false"} else None


def _inside(one: Relationship, exposed: frozenset[str]) -> bool:
    return one.foreign[0] in exposed and (one.junction is None or one.junction[0] in exposed)


def _by_table(ways: Iterable[Relationship]) -> dict[RelationPath, tuple[Relationship, ...]]:
    found: dict[RelationPath, list[Relationship]] = {}
    for one in ways:
        found.setdefault(one.table, []).append(one)
    return {path: tuple(ways) for path, ways in found.items()}


def _relations(rows: Mapping[str, Rows]) -> dict[RelationPath, CachedRelation]:
    columns: dict[int, dict[str, CachedColumn]] = {}
    for oid, *given in rows["columns"]:
        column = CachedColumn(*given)
        columns.setdefault(oid, {})[column.name] = column._replace(labels=tuple(column.labels))
    keys: dict[int, list[UniqueKey]] = {}
    for oid, primary, decides, partial, names, _, _ in rows["unique_keys"]:
        keys.setdefault(oid, []).append(UniqueKey(tuple(names), primary, decides, partial))
    checks: dict[int, list[CachedCheck]] = {}
    for oid, name, expression, names, plain in rows["checks"]:
        checks.setdefault(oid, []).append(CachedCheck(name, expression, tuple(names), plain))
    found: dict[RelationPath, CachedRelation] = {}
    for oid, schema, name, relkind, secured, owner, inserted, updated, rules in rows["relations"]:
        own = tuple(keys.get(oid, ()))
        found[schema, name] = CachedRelation(
            oid=oid,
            path=(schema, name),
            relkind=relkind,
            row_security=secured,
            owner=owner,
            fills_inserted=inserted,
            fills_updated=updated,
            has_rules=rules,
            columns=columns.get(oid, {}),
            keys=own,
            checks=tuple(checks.get(oid, ())),
            primary_key=next((key.columns for key in own if key.primary), ()),
        )
    return found


def _derived(
    rows: Mapping[str, Rows], by_oid: Mapping[int, CachedRelation]
) -> tuple[list[Relationship], list[Relationship]]:
    unique: dict[int, set[frozenset[int]]] = {}
    primary: dict[int, tuple[int, ...]] = {}
    for oid, is_primary, _, _, _, numbers, is_constraint in rows["unique_keys"]:
        if is_constraint:
            unique.setdefault(oid, set()).add(frozenset(numbers))
        if is_primary:
            primary[oid] = tuple(numbers)
    keys = [KeyRow(*row) for row in rows["foreign_keys"]]
    sources = base_columns({oid: targets(action) for oid, action in rows["views"]})
    views: list[ViewOfTables] = []
    keys_of: dict[RelationPath, frozenset[str]] = {one.path: frozenset(one.primary_key) for one in by_oid.values()}
    for key in keys:  # a junction may be in a schema that is not exposed
        keys_of.setdefault((key.schema, key.table), frozenset())
    for oid, by_source in sources.items():
        if (view := by_oid.get(oid)) is None:
            continue
        names = {column.number: column.name for column in view.columns.values()}
        one = ViewOfTables(view.path, names, by_source)
        views.append(one)
        tables = {table for table, _ in by_source if table in primary}
        keys_of[view.path] = frozenset(
            name for table in tables for found in list(one.spelled(table, primary[table]))[:1] for name in found
        )
    return derived(keys, views, {oid: frozenset(found) for oid, found in unique.items()}, keys_of)


def _overridden(related: Iterable[Relationship], computed: Rows) -> list[Relationship]:
    """All relationships, in which those that a function of that name computes replace the ones to such a relation."""
    functions = [
        Relationship(
            table=(table_schema, table),
            foreign=(foreign_schema, foreign),
            cardinality="computed",
            is_self=(table_schema, table) == (foreign_schema, foreign),
            function=(schema, name),
            single=single,
        )
        for schema, name, table_schema, table, foreign_schema, foreign, single in computed
    ]
    replaced = {(one.table, one.function) for one in functions}
    return [*(one for one in related if (one.table, one.foreign) not in replaced), *functions]


def _routines(rows: Rows) -> dict[RelationPath, tuple[Routine, ...]]:
    found: dict[RelationPath, list[Routine]] = {}
    for schema, name, required, names, types, categories, oids, of_users, variadic, many, composite, *rest in rows:
        unnamed = sum(not one for one in names)
        if unnamed > 1 or (unnamed == 1 and (len(names) > 1 or types[0] not in _WHOLE_BODY)):
            continue
        last = len(names) - 1
        parameters = tuple(
            RoutineParameter(one, type_, place < required, variadic and place == last, category, type_oid, own)
            for place, (one, type_, category, type_oid, own) in enumerate(
                zip(names, types, categories, oids, of_users, strict=True)
            )
        )
        to, relation, volatility, signature, oid = rest
        routine = Routine(
            path=(schema, name),
            signature=signature,
            parameters=parameters,
            returns_set=many,
            composite=composite,
            returns=(to, relation) if relation is not None else None,
            volatility=volatility,
            oid=oid,
        )
        found.setdefault((schema, name), []).append(routine)
    return {path: tuple(routines) for path, routines in found.items()}
