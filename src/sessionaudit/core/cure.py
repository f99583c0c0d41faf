"""Define what the cures of all kinds share: their input, their declaration, and common SQL conditions."""

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
    """Return the objects on each table, by kind's name: the existing ones and the expected ones."""
    found: Tables = {}
    for side in (present, wanted):
        for kind, paths in side.items():
            for path, value in paths.items():
                if len(path) > 2 and value is not None:
                    found.setdefault((kind, path[:2]), {})[path] = value
    return found


def declared_of(wanted: Mapping[str, Mapping[ObjectPath, Any]]) -> Tables:
    """Return the contract's objects, by kind's name and container; None for those that it declares absent."""
    found: Tables = {}
    for kind, paths in wanted.items():
        for path, value in paths.items():
            found.setdefault((kind, path[:-1]), {})[path] = value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Generic[M]):
    """An object that is not as expected, with its context in the contract and the database.

    `expected` is None if the object must not exist, `actual` if it does not exist. `wanted` and `present` hold the
    models of all expected and existing objects, by kind's name and path; `schema` is the schema of unqualified names.
    `printed` is the expected text of the facet as the server prints it, if it was asked. `zone` is the time zone for
    converting values; "" if none was given. `tables` is the result of `tables_of`, and `below` that of `declared_of`,
    for use with many objects; `memory` holds the values of `once`.
    """

    ref: ObjectRef
    expected: M | None
    actual: M | None
    wanted: Mapping[str, Mapping[ObjectPath, Any]]
    present: Mapping[str, Mapping[ObjectPath, Any]]
    schema: str
    printed: str | None = None
    zone: str = ""
    tables: Tables | None = None
    below: Tables | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict["Hashable", Any], compare=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return a value that is the same for many objects; it is made for the first one."""
        if key not in self.memory:
            self.memory[key] = make()
        found: T = self.memory[key]
        return found

    @property
    def new(self) -> M:
        """The expected model. Use it only if there is one."""
        if self.expected is None:
            raise AssertionError(self.ref)
        return self.expected

    @property
    def old(self) -> M:
        """The existing model. Use it only if there is one."""
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

    @property
    def holder(self) -> ObjectRef:
        """The table that the object is on."""
        return ObjectRef("table", self.table)

    def of_table(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """Return the objects of a kind on a table: the existing ones and the expected ones."""
        if self.tables is None:
            return tables_of(self.present, self.wanted).get((kind, table), {})
        return self.tables.get((kind, table), {})

    def declared(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """Return the contract's objects of a kind on a table; None for those that it declares absent."""
        below = declared_of(self.wanted) if self.below is None else self.below
        return below.get((kind, table), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure(Generic[M]):
    """How one kind's objects are repaired.

    `create` and `drop` return the steps that create and drop an object. `alter` holds for each facet the function that
    repairs it, or None if a person must decide; if one statement repairs several facets, each function returns the same
    steps. A function that returns no steps says that there is no cure for this case. `rename` gives an object with
    another name (a second ref) its expected name; `relieve` ends the harm of an unexpected object without dropping it.
    The steps of one cure run in their order.

    `decide` adds choices to the expected model: the replacements of removed values.
    """

    create: Callable[[Difference[M]], tuple[Step, ...]]
    drop: Callable[[Difference[M]], tuple[Step, ...]]
    alter: Mapping[str, Callable[[Difference[M]], tuple[Step, ...]] | None]
    rename: Callable[[Difference[M], ObjectRef], tuple[Step, ...]] | None = None
    relieve: Callable[[Difference[M]], tuple[Step, ...]] | None = None
    decide: Callable[[M, Mapping[str, str], M | None], M] | None = None


# Conditions


def present(ref: ObjectRef) -> Condition:
    """Return the condition that an object exists."""
    return Condition(ref, State.PRESENT)


def valid(ref: ObjectRef) -> Condition:
    """Return the condition that an object exists and PostgreSQL has validated it."""
    return Condition(ref, State.VALID)


def fitting(ref: ObjectRef) -> Condition:
    """Return the condition that others can depend on an object: a column has its type, a key its index."""
    return Condition(ref, State.CLEAN)


def absent(ref: ObjectRef) -> Condition:
    """Return the condition that an object does not exist."""
    return Condition(ref, State.ABSENT)


def guarding(ref: ObjectRef) -> Condition:
    """Return the condition that an object restricts access as intended."""
    return Condition(ref, State.GUARDING)


def partitioned(difference: Difference[Any]) -> bool:
    """Whether the object is on a partitioned table, where PostgreSQL can do less without a strong lock."""
    return standing_on(difference) == "partitioned table"


def standing_on(difference: Difference[Any]) -> str:
    """Return what the object is on: `table`, `view` and so on; "" if the plan creates that first, empty."""
    table = difference.present["table"].get(difference.table)
    return "" if table is None else str(table.kind)


def on_table(difference: Difference[Any]) -> bool:
    """Whether the object is on a table of any sort, not on a view or a foreign table."""
    return standing_on(difference) in {"", "table", "partitioned table"}


def spare(name: str, meaning: str) -> str:
    """Return an unused name for a temporary replacement of an object; the same input gives the same name."""
    mark = hashlib.sha256(sent(meaning)).hexdigest()[:8]
    longest = 63 - len(mark) - 1  # PostgreSQL truncates a name to 63 bytes
    return f"{sent(name)[:longest].decode(errors='ignore')}_{mark}"


# SQL expressions about the catalogs, for `Step.done`; they work with an empty search path.


def relation(path: ObjectPath) -> str:
    """Return SQL for the oid of a relation, or null."""
    return f"pg_catalog.to_regclass({literal(dotted(path[:2]))})"


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


def array(values: Iterable[str]) -> str:
    """Spell an array of texts."""
    return f"array[{', '.join(literal(value) for value in values)}]::text[]"


def negated(expression: str) -> str:
    """Negate an expression that is never null."""
    return f"not {expression}"


def read_as(query: str, path: ObjectPath, text: str | None) -> str:
    """Return SQL for whether a form's `read` query returns a text; None means that it must return none."""
    filled = query.replace("%(on)s::pg_catalog.regclass", relation(path)).replace("%(name)s", literal(path[-1]))
    found = f"({' '.join(filled.split())})"
    return f"{found} is null" if text is None else f"coalesce({found} = {literal(text)}, false)"


def as_printed(query: str, difference: Difference[Any], seen: str | None) -> str:
    """Return SQL for whether a form's `read` query returns the expected text.

    If the server was not asked how it prints that text: whether the query no longer returns the text `seen`.
    """
    path = difference.ref.path
    if difference.printed is not None:
        return read_as(query, path, difference.printed)
    return f"not {read_as(query, path, seen)}"


# Rights


def owning(path: ObjectPath) -> Need:
    """Return the need that the role owns a relation, or is a member of its owner."""
    return Need(
        f"(select pg_catalog.pg_has_role(c.relowner, 'USAGE') from pg_catalog.pg_class c"
        f" where c.oid = {relation(path)})",
        f"own {dotted(path[:2])}",
        "Connect as its owner, or as a member of the role that owns it.",
    )


def creating_in(schema: str) -> Need:
    """Return the need that the role may create objects in a schema."""
    return Need(
        f"(select pg_catalog.has_schema_privilege(n.oid, 'CREATE') from pg_catalog.pg_namespace n"
        f" where n.nspname = {literal(schema)})",
        f"have CREATE on the schema {dotted((schema,))}",
        f"grant create on schema {dotted((schema,))} to {{role}};",
    )


def role_there(role: str) -> Need:
    """Return the need that a role exists."""
    return Need(
        f"exists (select from pg_catalog.pg_roles r where r.rolname = {literal(role)})",
        f"the role {quoted(role)} does not exist",
        f"create role {quoted(role)};",
        whole=True,
    )


def since(major: int, what: str) -> Need:
    """Return the need that the server's version supports something."""
    return Need(
        f"pg_catalog.current_setting('server_version_num')::int >= {major}0000",
        f"needs PostgreSQL {major} or later, for {what}",
        "Upgrade the server, or leave it out of the contract.",
        whole=True,
    )


def referencing(path: ObjectPath) -> Need:
    """Return the need that the role may reference a table by foreign keys."""
    return Need(
        f"pg_catalog.has_table_privilege({relation(path)}, 'REFERENCES')",
        f"have REFERENCES on {dotted(path[:2])}",
        f"grant references on {dotted(path[:2])} to {{role}};",
    )


# Statements


def block(body: str) -> str:
    """Return a DO block, for cases in which only the server can choose the statement."""
    return f"do {dollar_quoted(f'{chr(10)}{body}{chr(10)}', 'do')}"


# Rows


def key_of(difference: Difference[Any], alias: str) -> str:
    """Return the primary key of the table, if it has one column, for an obstacle's `key`; else null."""
    for found in difference.of_table("key", difference.table).values():
        if found.type == "primary key" and len(found.columns) == 1:
            there = (*difference.table, found.columns[0]) in difference.present["column"]
            return f"{alias}.{dotted(found.columns)}" if there else "null"
    return "null"
