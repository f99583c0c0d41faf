"""Derive the relationships between relations from foreign keys, as PostgREST's `SchemaCache.hs` does."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sessionaudit.audits.code.schema_cache.model import Relationship

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.audits.code.schema_cache.model import RelationPath
    from sessionaudit.audits.code.schema_cache.view_columns import Source


class KeyRow(NamedTuple):
    """A foreign key, as its query returns it."""

    name: str
    oid: int
    schema: str
    table: str
    foreign_oid: int
    foreign_schema: str
    foreign_table: str
    numbers: list[int]
    foreign_numbers: list[int]
    columns: list[str]
    foreign_columns: list[str]


class ViewOfTables(NamedTuple):
    """A view, the names of its columns by number, and these by the column of a table that each is."""

    path: RelationPath
    names: Mapping[int, str]
    by_source: Mapping[Source, Sequence[int]]

    def spelled(self, oid: int, numbers: Sequence[int]) -> Iterator[tuple[str, ...]]:
        """Return the names that it has for all of some columns; several, if it has a column twice."""
        given = [self.by_source.get((oid, number), ()) for number in numbers]
        for one in product(*given):
            yield tuple(self.names[number] for number in one)


def derived(
    keys: Iterable[KeyRow],
    views: Sequence[ViewOfTables],
    unique: Mapping[int, frozenset[frozenset[int]]],
    primary: Mapping[RelationPath, frozenset[str]],
) -> tuple[list[Relationship], list[Relationship]]:
    """Return all relationships; and those through a junction whose key lacks one of the foreign keys, which are none.

    `unique` has the columns of the unique constraints of each table, `primary` those of each primary key.
    """
    forward = [one for key in keys for one in _of_key(key, views, unique)]
    inverse = [_inverse(one) for one in forward]
    through, loose = _through(forward, primary)
    return [*forward, *inverse, *through], loose


def _of_key(
    key: KeyRow, views: Sequence[ViewOfTables], unique: Mapping[int, frozenset[frozenset[int]]]
) -> Iterator[Relationship]:
    table, foreign = (key.schema, key.table), (key.foreign_schema, key.foreign_table)
    one_to_one = frozenset(key.numbers) in unique.get(key.oid, frozenset())
    plain = Relationship(
        table=table,
        foreign=foreign,
        cardinality="o2o" if one_to_one else "m2o",
        constraint=key.name,
        columns=tuple(zip(key.columns, key.foreign_columns, strict=True)),
        is_self=key.oid == key.foreign_oid,
    )
    yield plain
    of_table = [(view, names) for view in views for names in view.spelled(key.oid, key.numbers)]
    of_foreign = [(view, names) for view in views for names in view.spelled(key.foreign_oid, key.foreign_numbers)]
    for view, names in of_table:
        pairs = tuple(zip(names, key.foreign_columns, strict=True))
        yield replace(plain, table=view.path, columns=pairs, is_self=False, table_is_view=True)
    for view, names in of_foreign:
        pairs = tuple(zip(key.columns, names, strict=True))
        yield replace(plain, foreign=view.path, columns=pairs, is_self=False, foreign_is_view=True)
    for (view, names), (other, others) in product(of_table, of_foreign):
        yield replace(
            plain,
            table=view.path,
            foreign=other.path,
            columns=tuple(zip(names, others, strict=True)),
            is_self=view.path == other.path,
            table_is_view=True,
            foreign_is_view=True,
        )


def _inverse(one: Relationship) -> Relationship:
    return replace(
        one,
        table=one.foreign,
        foreign=one.table,
        cardinality="o2m" if one.cardinality == "m2o" else one.cardinality,
        columns=tuple((second, first) for first, second in one.columns),
        table_is_view=one.foreign_is_view,
        foreign_is_view=one.table_is_view,
    )


def _through(
    forward: Iterable[Relationship], primary: Mapping[RelationPath, frozenset[str]]
) -> tuple[list[Relationship], list[Relationship]]:
    """Relationships of two tables by way of one with foreign keys to both, which must be in its primary key."""
    by_junction: dict[RelationPath, list[Relationship]] = {}
    for one in forward:
        if one.cardinality == "m2o":
            by_junction.setdefault(one.table, []).append(one)
    found: list[Relationship] = []
    loose: list[Relationship] = []
    for junction, ways in by_junction.items():
        for first, second in product(ways, ways):
            if first.constraint == second.constraint:
                continue
            used = {own for own, _ in (*first.columns, *second.columns)}
            way = Relationship(
                table=first.foreign,
                foreign=second.foreign,
                cardinality="m2m",
                constraint=first.constraint,
                columns=tuple((other, own) for own, other in first.columns),
                is_self=first.foreign == second.foreign,
                table_is_view=first.foreign_is_view,
                foreign_is_view=second.foreign_is_view,
                junction=junction,
                junction_columns=tuple((other, own) for own, other in second.columns),
                other_constraint=second.constraint,
            )
            (found if used <= primary.get(junction, frozenset()) else loose).append(way)
    return found, loose
