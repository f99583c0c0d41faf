"""Read what roles may do with relations and functions, in one round trip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core.query import constant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sessionaudit.postgres.connection import Connection

_NAMES = ("privileges", "policies", "calls", "uses")
_QUERIES = {name: constant(Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")) for name in _NAMES}
_ROLES = "select r.rolname::text from pg_catalog.pg_roles r where r.rolname = any (%(roles)s::text[])"
_EVERY = "*"
# By the words of our privileges, those of pg_policy.polcmd.
_COMMANDS = {"select": "r", "insert": "a", "update": "w", "delete": "d"}


class BindingPolicy(NamedTuple):
    """A policy that binds a role; `command` is that of pg_policy."""

    name: str
    command: str
    permissive: bool
    using: str
    check: str

    def about(self, privilege: str) -> bool:
        """Whether it is about a command."""
        return self.command in {_EVERY, _COMMANDS[privilege]}

    def shuts(self, privilege: str) -> bool:
        """Whether no row can pass it."""
        text = (self.check or self.using) if privilege == "insert" else self.using
        return text == "false"


class RoleRights(Struct, frozen=True, kw_only=True):
    """What a role may do with a relation: on the whole of it, and on columns, as `select name`.

    It is `bound` if row security binds it, by `policies`.
    """

    schema: bool
    whole: frozenset[str]
    columns: frozenset[str]
    bound: bool
    policies: tuple[BindingPolicy, ...] = ()

    def lacking(self, privilege: str, names: Collection[str] | None) -> list[str] | None:
        """Return the columns of which a privilege is missing, None if none is; the empty list is the whole relation."""
        if not self.schema:
            return []
        if privilege in self.whole:
            return None
        of_columns = any(one.startswith(f"{privilege} ") for one in self.columns)
        if not names:  # which any column permits
            return None if of_columns else []
        missing = [name for name in names if f"{privilege} {name}" not in self.columns]
        return None if not missing else missing if of_columns else []

    def shut(self, privilege: str) -> bool:
        """Whether row security lets no row pass, whatever it is."""
        if not self.bound:
            return False
        about = [one for one in self.policies if one.about(privilege)]
        permissive = [one for one in about if one.permissive]
        restrictive = [one for one in about if not one.permissive]
        return all(one.shuts(privilege) for one in permissive) or any(one.shuts(privilege) for one in restrictive)


class LackingUse(NamedTuple):
    """A sequence or a function that a role may not use, and what of a relation uses it.

    `sort` is default, generated, check or policy, and `name` that of the column, constraint or policy.
    """

    sort: str
    name: str
    kind: str
    path: tuple[str, str]
    arguments: str


class Rights(Struct, frozen=True, kw_only=True):
    """The rights of roles, by role and relation; and whether each may call a function, by role and function.

    `lacking` is what a relation uses and a role may not.
    """

    relations: Mapping[tuple[str, int], RoleRights]
    calls: Mapping[tuple[str, int], bool]
    roles: frozenset[str]
    lacking: Mapping[tuple[str, int], Sequence[LackingUse]]


def read_rights(
    connection: Connection, roles: Collection[str], relations: Collection[int], functions: Collection[int]
) -> Rights:
    """Read the rights of roles on relations and functions, in the open transaction. Raises psycopg.Error."""
    given = {"roles": sorted(roles), "relations": sorted(relations), "functions": sorted(functions)}
    with connection.pipeline():
        cursors = [connection.execute(query, given) for query in _QUERIES.values()]
        exist = connection.execute(
            "select rolname::text from pg_catalog.pg_roles where rolname = any(%(roles)s)", given
        )
        privileges, policies, calls, uses = (cursor.fetchall() for cursor in cursors)
        there = frozenset(name for (name,) in exist.fetchall())
    binding: dict[tuple[str, int], list[BindingPolicy]] = {}
    for role, relation, *policy in policies:
        binding.setdefault((role, relation), []).append(BindingPolicy(*policy))
    lacking: dict[tuple[str, int], list[LackingUse]] = {}
    for role, relation, sort, name, kind, schema, used, arguments in uses:
        lacking.setdefault((role, relation), []).append(LackingUse(sort, name, kind, (schema, used), arguments))
    found = {
        (role, relation): RoleRights(
            schema=schema,
            whole=frozenset(whole),
            columns=frozenset(columns),
            bound=bound,
            policies=tuple(binding.get((role, relation), ())),
        )
        for role, relation, schema, whole, columns, bound in privileges
    }
    may_call = {(role, oid): may for role, oid, may in calls}
    return Rights(relations=found, calls=may_call, roles=there, lacking=lacking)
