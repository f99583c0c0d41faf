"""Define what is read of roles, relations and functions, as far as it decides what the roles may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.access.weighing import PolicyShape

COMMANDS = ("select", "insert", "update", "delete", "truncate")
# The letters of privileges in `rights`.
LETTERS = {"select": "s", "insert": "i", "update": "w", "delete": "d", "truncate": "t", "usage": "u", "execute": "x"}
# By the command, its bit in pg_relation_is_updatable.
EVENTS = {"update": 4, "insert": 8, "delete": 16}
VIEW, MATERIALIZED, FOREIGN = "v", "m", "f"
TABLES = frozenset({"r", "p"})
PUBLIC = 0
ALWAYS = "true"


class ReadColumn(NamedTuple):
    """A column of a relation that a view or a policy reads; the name is None where it is the whole relation.

    It is `certain` unless it may be read only for some column of a view.
    """

    relation: int
    name: str | None
    certain: bool = True


class PolicyCondition(Struct, frozen=True, kw_only=True, gc=False):
    """A condition as PostgreSQL prints it, what its subqueries read, and the functions that it calls."""

    text: str
    reads: tuple[ReadColumn, ...] = ()
    calls: tuple[int, ...] = ()

    @property
    def is_subquery(self) -> bool:
        """Whether it reads or calls anything."""
        return bool(self.reads or self.calls)


class ReadPolicy(Struct, frozen=True, kw_only=True, gc=False):
    """A policy; `ref` is its path, and `roles` are oids."""

    ref: tuple[str, ...]
    roles: frozenset[int]
    using: PolicyCondition | None
    check: PolicyCondition | None
    shape: PolicyShape

    @property
    def name(self) -> str:
        """Its name."""
        return self.ref[-1]

    @property
    def permissive(self) -> bool:
        """Whether it is permissive."""
        return self.shape.permissive

    def opens(self, command: str) -> bool:
        """Whether it lets every row pass a command."""
        said = self.shape.using if command != "insert" or self.shape.check is None else self.shape.check
        return self.permissive and self.shape.is_about(command) and said == ALWAYS


class ReadRole(Struct, frozen=True, kw_only=True):
    """A role; `place` is that of its rights in relations and functions.

    `acts_for` are the oids of roles whose privileges it has, as far as they own relations or have policies.
    """

    oid: int
    name: str
    superuser: bool
    bypasses: bool
    place: int
    acts_for: frozenset[int]


class ClosedNeed(NamedTuple):
    """What a role lacks to fill or check a column; `generated` says that no value can be given in its place."""

    command: str
    column: str
    generated: bool
    what: str


class ReadRelation(Struct, frozen=True, kw_only=True):
    """A relation.

    `first_column` is one that an update can set. `rights` has for each role the letters of its privileges on all
    columns, `columns` by role's place and command the only columns of a privilege. Of a view: the `events` that can be
    done with it, the `base` that they write, which column of that each of its own `shows`, what its query `reads` and
    `calls`; it `is_plain` if it computes no column. `instead` are commands in whose place a trigger runs, and in that
    of those that are `ruled` a rewrite rule; `closed` has by role's place what it lacks to fill and check columns.
    """

    oid: int
    path: ObjectPath
    kind: str
    owner: int
    secured: bool
    forced: bool
    invoker: bool
    is_partition: bool
    first_column: str
    rights: tuple[str, ...]
    columns: Mapping[tuple[int, str], frozenset[str]]
    policies: tuple[ReadPolicy, ...] = ()
    has_subqueries: bool = False
    events: int = 0
    base: int | None = None
    shows: Mapping[str, str]
    is_plain: bool = False
    check_option: str = ""
    reads: tuple[ReadColumn, ...] = ()
    calls: tuple[int, ...] = ()
    instead: frozenset[str] = frozenset()
    ruled: frozenset[str] = frozenset()
    closed: Mapping[int, tuple[ClosedNeed, ...]]

    def holds(self, role: ReadRole, privilege: str) -> bool:
        """Whether a role has a privilege on all columns, or USAGE on the schema."""
        return LETTERS[privilege] in self.rights[role.place]

    def some(self, role: ReadRole, privilege: str) -> frozenset[str]:
        """Return the only columns on which a role has a privilege; none if it has it on all or on none."""
        return self.columns.get((role.place, privilege), frozenset())


class ReadFunction(Struct, frozen=True, kw_only=True):
    """A function; it is `fixed` if its search_path is, and `fires` if only triggers can call it."""

    oid: int
    path: ObjectPath
    definer: bool
    fixed: bool
    fires: bool
    rights: tuple[str, ...]

    def holds(self, role: ReadRole, privilege: str) -> bool:
        """Whether a role has EXECUTE, or USAGE on the schema."""
        return LETTERS[privilege] in self.rights[role.place]


class AccessFacts(Struct, frozen=True, kw_only=True):
    """All that was read."""

    roles: Mapping[str, ReadRole]
    relations: Mapping[int, ReadRelation]
    functions: Mapping[int, ReadFunction]
    by_path: Mapping[ObjectPath, ReadRelation]
    functions_by_path: Mapping[ObjectPath, ReadFunction]
    by_oid: Mapping[int, ReadRole]
