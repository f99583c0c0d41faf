"""What the cures of all kinds share: what they are given, what they declare, and the words of their steps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Condition, Need, State
from sessionaudit.sql.text import dollar_quoted, literal, quoted, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Step

M = TypeVar("M")
T = TypeVar("T")
Tables = dict[tuple[str, "ObjectPath"], dict["ObjectPath", Any]]


def tables_of(
    present: Mapping[str, Mapping[ObjectPath, Any]], wanted: Mapping[str, Mapping[ObjectPath, Any]]
) -> Tables:
    """The objects on each table by kind's name: those that it has, with those that it is to get."""
    found: Tables = {}
    for side in (present, wanted):
        for kind, paths in side.items():
            for path, value in paths.items():
                if len(path) > 2 and value is not None:
                    found.setdefault((kind, path[:2]), {})[path] = value
    return found


def declared_of(wanted: Mapping[str, Mapping[ObjectPath, Any]]) -> Tables:
    """What the contract says of objects, by kind's name and what holds them; None of those that it declares absent."""
    found: Tables = {}
    for kind, paths in wanted.items():
        for path, value in paths.items():
            found.setdefault((kind, path[:-1]), {})[path] = value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Generic[M]):
    """One object that is not as expected, with what the contract and the database have around it.

    `expected` is None where the object must not be there, `actual` where it is not. `wanted` and
    `present` hold the models of all objects by kind's name and path; `schema` is where unqualified
    names live. `holder` is what the object is in or on: itself, where it stands alone. `printed` is how the server
    prints the expected text of the facet, where it was asked, and `whole` all that was read back.
    `zone` is the time zone by which values may be turned; "" where nobody named one.
    `tables` is what `tables_of` makes of both, and `below` what `declared_of` makes of `wanted`, for whoever asks for
    many objects; `memory` has what `once` keeps for all that share it.
    """

    ref: ObjectRef
    expected: M | None
    actual: M | None
    wanted: Mapping[str, Mapping[ObjectPath, Any]]
    present: Mapping[str, Mapping[ObjectPath, Any]]
    schema: str
    holder: ObjectRef
    printed: str | None = None
    whole: str | None = None
    zone: str = ""
    tables: Tables | None = None
    below: Tables | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict["Hashable", Any], compare=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is the same for many objects, made for the first of them."""
        if key not in self.memory:
            self.memory[key] = make()
        found: T = self.memory[key]
        return found

    @property
    def new(self) -> M:
        """What is expected. Only where there is such a thing."""
        if self.expected is None:
            raise AssertionError(self.ref)
        return self.expected

    @property
    def old(self) -> M:
        """What is there. Only where there is such a thing."""
        if self.actual is None:
            raise AssertionError(self.ref)
        return self.actual

    @property
    def table(self) -> ObjectPath:
        """The path of the table that the object is on."""
        return self.ref.path[:2]

    @property
    def on(self) -> str:
        """The table that the object is on, as SQL spells it."""
        return dotted(self.ref.path[:2])

    def of_table(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """The objects of a kind that a table has now, with those that it is to get."""
        if self.tables is None:
            return tables_of(self.present, self.wanted).get((kind, table), {})
        return self.tables.get((kind, table), {})

    def declared(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """What the contract says of the objects of a kind on a table; None of those that it declares absent."""
        below = declared_of(self.wanted) if self.below is None else self.below
        return below.get((kind, table), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure(Generic[M]):
    """How one kind's objects are repaired.

    `create` and `drop` make the steps that create and drop an object. `alter` has for each
    facet what repairs it, None where a person must decide; where one statement repairs several facets,
    each gives the same steps. A function that gives no steps says that this case has no cure. `rename`
    gives an object that has another name (a second ref) its own; `relieve` ends the harm of one that
    nobody expects, and never drops it. The steps of one cure run in their order.

    `decide` takes a choice into what is expected: what becomes of a value that goes, by the value.
    """

    create: Callable[[Difference[M]], tuple[Step, ...]]
    drop: Callable[[Difference[M]], tuple[Step, ...]]
    alter: Mapping[str, Callable[[Difference[M]], tuple[Step, ...]] | None]
    rename: Callable[[Difference[M], ObjectRef], tuple[Step, ...]] | None = None
    relieve: Callable[[Difference[M]], tuple[Step, ...]] | None = None
    decide: Callable[[M, Mapping[str, str], M | None], M] | None = None


# Conditions


def present(ref: ObjectRef) -> Condition:
    """That an object is there."""
    return Condition(ref, State.PRESENT)


def valid(ref: ObjectRef) -> Condition:
    """That an object is there and PostgreSQL trusts it."""
    return Condition(ref, State.VALID)


def fitting(ref: ObjectRef) -> Condition:
    """That others can stand on an object: a column has its type, a key its index, a foreign key its target."""
    return Condition(ref, State.CLEAN)


def absent(ref: ObjectRef) -> Condition:
    """That an object is not there."""
    return Condition(ref, State.ABSENT)


def guarding(ref: ObjectRef) -> Condition:
    """That an object keeps out whom it is to keep out."""
    return Condition(ref, State.GUARDING)


def partitioned(difference: Difference[Any]) -> bool:
    """Whether the object is on a partitioned table, where PostgreSQL can do less without a strong lock."""
    return standing_on(difference) == "partitioned table"


def standing_on(difference: Difference[Any]) -> str:
    """What the object is on: `table`, `view` and so on; "" where the plan brings that first, and it is empty."""
    there = difference.present[difference.holder.kind].get(difference.holder.path)
    return "" if there is None else str(there.kind)


def on_table(difference: Difference[Any]) -> bool:
    """Whether the object is on a table of any sort, and not on a view or a foreign table."""
    return standing_on(difference) in {"", "table", "partitioned table"}


def spare(name: str, meaning: str) -> str:
    """A name that nobody has, for what stands in for an object meanwhile: always the same for the same."""
    mark = hashlib.sha256(sent(meaning)).hexdigest()[:8]
    longest = 63 - len(mark) - 1  # PostgreSQL cuts a name after 63 bytes
    return f"{sent(name)[:longest].decode(errors='ignore')}_{mark}"


# SQL expressions about the catalogs, for `Step.done`; they work with an empty search path.


def relation(path: ObjectPath) -> str:
    """The oid of a relation, or null."""
    return f"pg_catalog.to_regclass({literal(dotted(path[:2]))})"


def column_is(path: ObjectPath, condition: str) -> str:
    """Whether the column is there and fulfils a condition over pg_attribute `a`."""
    return (
        f"exists (select from pg_catalog.pg_attribute a where a.attrelid = {relation(path)}"
        f" and a.attname = {literal(path[2])} and not a.attisdropped and {condition})"
    )


def constraint_is(path: ObjectPath, condition: str = "true") -> str:
    """Whether the constraint is there and fulfils a condition over pg_constraint `c`."""
    return (
        f"exists (select from pg_catalog.pg_constraint c where c.conrelid = {relation(path)}"
        f" and c.conname = {literal(path[2])} and {condition})"
    )


def index_is(path: ObjectPath, condition: str = "true") -> str:
    """Whether the table has an index of the path's name that fulfils a condition over pg_index `i`."""
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
    """The names of columns whose numbers an array gives, in its order, as an array of texts."""
    return (
        f"array(select a.attname::text from pg_catalog.unnest({numbers}) with ordinality as k (number, position)"
        f" join pg_catalog.pg_attribute a on a.attrelid = {relation_oid} and a.attnum = k.number order by k.position)"
    )


def array(values: Iterable[str]) -> str:
    """An array of texts."""
    return f"array[{', '.join(literal(value) for value in values)}]::text[]"


def negated(expression: str) -> str:
    """The contrary of an expression that is never null."""
    return f"not {expression}"


def read_as(query: str, path: ObjectPath, text: str | None) -> str:
    """Whether a form's `read` query gives a text; `text` None where it must give none."""
    filled = query.replace("%(on)s::pg_catalog.regclass", relation(path)).replace("%(name)s", literal(path[-1]))
    found = f"({' '.join(filled.split())})"
    return f"{found} is null" if text is None else f"coalesce({found} = {literal(text)}, false)"


def as_printed(query: str, difference: Difference[Any], seen: str | None) -> str:
    """Whether a form's `read` query gives what is expected.

    Where the server was not asked how it prints that: whether it no longer gives what was `seen`.
    """
    path = difference.ref.path
    if difference.printed is not None:
        return read_as(query, path, difference.printed)
    return f"not {read_as(query, path, seen)}"


# Rights


def owning(path: ObjectPath) -> Need:
    """That the role owns a relation, or is a member of the role that does."""
    return Need(
        f"(select pg_catalog.pg_has_role(c.relowner, 'USAGE') from pg_catalog.pg_class c"
        f" where c.oid = {relation(path)})",
        f"own {dotted(path[:2])}",
        "Connect as its owner, or as a member of the role that owns it.",
    )


def creating_in(schema: str) -> Need:
    """That the role may create objects in a schema."""
    return Need(
        f"(select pg_catalog.has_schema_privilege(n.oid, 'CREATE') from pg_catalog.pg_namespace n"
        f" where n.nspname = {literal(schema)})",
        f"have CREATE on the schema {dotted((schema,))}",
        f"grant create on schema {dotted((schema,))} to {{role}};",
    )


def role_there(role: str) -> Need:
    """That a role exists."""
    return Need(
        f"exists (select from pg_catalog.pg_roles r where r.rolname = {literal(role)})",
        f"the role {quoted(role)} does not exist",
        f"create role {quoted(role)};",
        whole=True,
    )


def since(major: int, what: str) -> Need:
    """That the server is of a version that supports something."""
    return Need(
        f"pg_catalog.current_setting('server_version_num')::int >= {major}0000",
        f"needs PostgreSQL {major} or later, for {what}",
        "Upgrade the server, or leave it out of the contract.",
        whole=True,
    )


def referencing(path: ObjectPath) -> Need:
    """That the role may point foreign keys at a table."""
    return Need(
        f"pg_catalog.has_table_privilege({relation(path)}, 'REFERENCES')",
        f"have REFERENCES on {dotted(path[:2])}",
        f"grant references on {dotted(path[:2])} to {{role}};",
    )


# Statements


def block(body: str) -> str:
    """An anonymous block, where only the server can tell which statement is right."""
    return f"do {dollar_quoted(f'{chr(10)}{body}{chr(10)}', 'do')}"


# Rows


def key_of(difference: Difference[Any], alias: str) -> str:
    """The primary key of the difference's table, if that is one column, for an obstacle's `key`; else null."""
    for found in difference.of_table("key", difference.table).values():
        if found.type == "primary key" and len(found.columns) == 1:
            there = (*difference.table, found.columns[0]) in difference.present["column"]
            return f"{alias}.{dotted(found.columns)}" if there else "null"
    return "null"
