"""Define what comes of a command of a role, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.ref import dotted
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.access.model import ClosedNeed, ReadPolicy, ReadRelation, ReadRole

_LACKS = "{role} lacks {privilege}{detail} on {name}"
_OWNER_LACKS = "{role}, the owner of the view, lacks {privilege}{detail} on {name}"
_NO_USAGE = "{role} lacks USAGE on the schema {detail}"
_NO_EXECUTE = "{role} lacks EXECUTE on the function {name}"
_NO_NEED = "{role} lacks {detail} needs"
_NO_POLICY = "no policy of {name} for {detail} applies to {role}"
_NOTHING_PASSES = "the policies of {name} for {detail} let no row of {role} pass"
_BY_TRIGGER = "a trigger runs in its place"
_BY_RULE = "a rewrite rule runs in its place"


class AccessReason(NamedTuple):
    """Why a command reaches less than all rows.

    `relation` is that of which the `role` (the caller, or the owner of a view) lacks the `privilege`, which is empty
    where policies let no row pass; `policy` is the one that needs it. A matrix has many, so that the `text` is made
    only where it is told.
    """

    clause: str
    relation: ObjectPath = ()
    role: str = ""
    policy: tuple[str, ...] = ()
    privilege: str = ""
    detail: str = ""

    @property
    def text(self) -> str:
        """The reason as a clause."""
        name = dotted(self.relation) if self.relation else ""
        return self.clause.format(role=self.role, name=name, privilege=self.privilege.upper(), detail=self.detail)


class AccessCell(Struct, frozen=True, kw_only=True, gc=False):
    """What comes of a command.

    `columns` are the only ones that it may be about. `policies` decide on rows, each as the path of a policy. `other`
    is what comes of it in another form: of an update or delete without WHERE and RETURNING, of an insert with a value
    for each column whose default is out of reach; None if it is the same. `returning` is what comes of an insert with
    RETURNING, if it is less.
    """

    verdict: AccessVerdict
    columns: frozenset[str] | None = None
    policies: tuple[tuple[str, ...], ...] = ()
    reasons: tuple[AccessReason, ...] = ()
    other: AccessVerdict | None = None
    returning: AccessVerdict | None = None

    @property
    def most(self) -> AccessVerdict:
        """The most that any form of the command reaches."""
        return self.verdict if self.other is None else max(self.verdict, self.other, key=lambda one: one.rank)


IMPOSSIBLE = AccessCell(verdict=AccessVerdict.IMPOSSIBLE)
EVERY_ROW = AccessCell(verdict=AccessVerdict.ALL)
BY_TRIGGER = AccessCell(verdict=AccessVerdict.UNKNOWN, reasons=(AccessReason(_BY_TRIGGER),))
BY_RULE = AccessCell(verdict=AccessVerdict.UNKNOWN, reasons=(AccessReason(_BY_RULE),))


def refused(*reasons: AccessReason, policies: tuple[tuple[str, ...], ...] = ()) -> AccessCell:
    """Return the cell of a command that is refused for these reasons."""
    return AccessCell(verdict=AccessVerdict.REFUSED, reasons=reasons, policies=policies)


def lacks(
    user: ReadRole, relation: ReadRelation, privilege: str, columns: Iterable[str] = (), *, owner: bool = False
) -> AccessReason:
    """Say that a role, perhaps as the owner of a view, lacks a privilege, on some columns if they are given."""
    named = f" ({', '.join(sorted(map(quoted, columns)))})" if columns else ""
    return AccessReason(_OWNER_LACKS if owner else _LACKS, relation.path, user.name, (), privilege, named)


def lacks_usage(role: ReadRole, path: ObjectPath) -> AccessReason:
    """Say that a role lacks USAGE on the schema of an object."""
    return AccessReason(_NO_USAGE, path, role.name, (), "usage", quoted(path[0]))


def lacks_execute(role: ReadRole, path: ObjectPath) -> AccessReason:
    """Say that a role may not call a function."""
    return AccessReason(_NO_EXECUTE, path, role.name, (), "execute")


def closed(role: ReadRole, relation: ReadRelation, needs: Iterable[ClosedNeed]) -> Iterator[AccessReason]:
    """Say what a role lacks to fill or to check columns."""
    for need in needs:
        of = "the constraint" if need.command == "update" else "the column"
        detail = f"{need.what}, which {of} {quoted(need.column)}"
        yield AccessReason(_NO_NEED, relation.path, role.name, (), "usage", detail)


def shut(user: ReadRole, relation: ReadRelation, command: str, policies: Sequence[ReadPolicy]) -> AccessReason:
    """Say that no policy for a command applies to a role, or that those that do let nothing pass."""
    if not any(one.permissive for one in policies):
        return AccessReason(_NO_POLICY, relation.path, user.name, (), "", command)
    return AccessReason(_NOTHING_PASSES, relation.path, user.name, (*relation.path, policies[0].name), "", command)
