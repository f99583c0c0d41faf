"""Define what PostgREST's schema cache holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Mapping

RelationPath = tuple[str, str]
# By pg_class.relkind, the names of our kinds.
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized_view", "f": "foreign_table"}
_WITHOUT_ROWS_TO_FILL = "vm"


def refs_of_column(path: RelationPath, name: str) -> tuple[ObjectRef, ObjectRef]:
    """Return a table, and a column of it, as findings name them."""
    return ObjectRef(_KINDS["r"], path), ObjectRef("column", (*path, name))


class CachedColumn(NamedTuple):
    """A column. `type` is as DDL has it, `json_type` that into which PostgREST reads a value of JSON.

    `category` is pg_type.typcategory and `sort` pg_type.typtype; `longest` is the length of a character type.
    `labels` are those of an enum, whose name is `enum`.
    """

    number: int
    name: str
    type: str
    json_type: str
    not_null: bool
    has_default: bool
    generated: str
    identity: str
    category: str
    sort: str
    longest: int | None
    labels: tuple[str, ...]
    type_schema: str
    type_name: str
    type_oid: int


class UniqueKey(NamedTuple):
    """A unique index: its columns, whether ON CONFLICT can be decided by it, whether some rows only are in it."""

    columns: tuple[str, ...]
    primary: bool
    decides: bool
    partial: bool


class CachedCheck(NamedTuple):
    """A check constraint: its expression, and the columns in that. It is `plain` if it calls no function of users."""

    name: str
    expression: str
    columns: tuple[str, ...]
    plain: bool


class CachedRelation(Struct, frozen=True, kw_only=True):
    """A relation. `fills_*` tell of triggers that may change a row before it is checked, `has_rules` of rules."""

    oid: int
    path: RelationPath
    relkind: str
    row_security: bool
    owner: str
    fills_inserted: bool
    fills_updated: bool
    has_rules: bool
    columns: Mapping[str, CachedColumn]
    keys: tuple[UniqueKey, ...] = ()
    checks: tuple[CachedCheck, ...] = ()
    primary_key: tuple[str, ...] = ()

    @property
    def ref(self) -> ObjectRef:
        """The relation as findings name it."""
        return ObjectRef(_KINDS[self.relkind], self.path)

    @property
    def is_view(self) -> bool:
        """Whether its rows are those of a query."""
        return self.relkind in _WITHOUT_ROWS_TO_FILL

    @property
    def is_kept_query(self) -> bool:
        """Whether it keeps the rows of a query, and takes no others."""
        return self.relkind == "m"

    @property
    def is_table(self) -> bool:
        """Whether rows are kept in it, under its own constraints."""
        return self.relkind in "rp"

    def column_ref(self, name: str) -> ObjectRef:
        """A column as findings name it."""
        return refs_of_column(self.path, name)[1]


class RoutineParameter(NamedTuple):
    """A parameter of a function. It is `of_users` if its type is one that PostgreSQL does not have itself."""

    name: str
    type: str
    required: bool
    variadic: bool
    category: str
    type_oid: int
    of_users: bool


class Routine(Struct, frozen=True, kw_only=True):
    """A function. `returns` is the relation whose rows it returns; `composite` says that it returns rows at all."""

    path: RelationPath
    signature: str
    parameters: tuple[RoutineParameter, ...]
    returns_set: bool
    composite: bool
    returns: RelationPath | None
    volatility: str
    oid: int

    @property
    def ref(self) -> ObjectRef:
        """The function as findings name it."""
        types = ", ".join(one.type for one in self.parameters)
        return ObjectRef("function", (*self.path, f"({types})"))


class Relationship(Struct, frozen=True, kw_only=True):
    """A way from a relation to another: `cardinality` is m2o, o2m, o2o, m2m or computed.

    `columns` are pairs, of which the first is of `table`. Through a `junction`, those are pairs with its columns,
    and `junction_columns` pairs of a column of `foreign` and one of the junction.
    """

    table: RelationPath
    foreign: RelationPath
    cardinality: str
    constraint: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    is_self: bool = False
    table_is_view: bool = False
    foreign_is_view: bool = False
    junction: RelationPath | None = None
    junction_columns: tuple[tuple[str, str], ...] = ()
    other_constraint: str = ""
    function: RelationPath | None = None
    single: bool = False

    @property
    def to_one(self) -> bool:
        """Whether it leads to one row at most."""
        return self.cardinality in {"m2o", "o2o"} or (self.cardinality == "computed" and self.single)


class SchemaCache(Struct, frozen=True, kw_only=True):
    """What PostgREST knows. `schemas` are those that it exposes, the first one by default.

    `hidden` are ways that lead out of these schemas, and `loose` those through a table whose primary key lacks one of
    the foreign keys: PostgREST takes neither. `calling_types` are types whose values cannot be read without calling
    functions of users. `partitions` have the table of which each is one. `published` are the tables whose changes
    Realtime is told of, None without a publication for it. `aggregates` says whether aggregate functions are permitted,
    None if the database does not.
    """

    schemas: tuple[str, ...]
    relations: Mapping[RelationPath, CachedRelation]
    routines: Mapping[RelationPath, tuple[Routine, ...]]
    relationships: Mapping[RelationPath, tuple[Relationship, ...]]
    hidden: Mapping[RelationPath, tuple[Relationship, ...]]
    loose: Mapping[RelationPath, tuple[Relationship, ...]]
    calling_types: frozenset[int] = frozenset()
    aggregates: bool | None = None
    partitions: Mapping[RelationPath, RelationPath] = {}
    published: frozenset[RelationPath] | None = None
