"""Compute what comes of a command of a role on a relation or a function: what the server would do, in its order.

The server's rules are those of its manual (Row Security Policies; Rules and Privileges) and of rowsecurity.c,
rewriteHandler.c and execMain.c. An update or delete that names no column in a WHERE or RETURNING needs neither the
privilege SELECT nor a policy for it; any other needs both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.access.model import EVENTS, FOREIGN, MATERIALIZED, PUBLIC, VIEW
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.access.model import (
        AccessFacts,
        ClosedNeed,
        PolicyCondition,
        ReadColumn,
        ReadPolicy,
        ReadRelation,
        ReadRole,
    )

_OF_COLUMNS = {"select", "insert", "update"}
_READING = {"update", "delete"}
Columns = frozenset[str] | None  # None for all
_NO_COLUMN: frozenset[str] = frozenset()


class AccessReason(NamedTuple):
    """Why a command reaches less than all rows, in a clause.

    `relation` is what lacks a privilege, as which `role` (the caller, or the owner of a view); `policy` is where that
    stands, or what lets no row pass.
    """

    text: str
    relation: ObjectPath | None = None
    role: str = ""
    policy: tuple[str, ...] = ()
    privilege: str = ""


class AccessCell(Struct, frozen=True, kw_only=True):
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


class _Acting(NamedTuple):
    """Who runs a command: `user` has the privileges, which is the owner below a view; `caller` calls the functions."""

    user: ReadRole
    caller: ReadRole


class AccessComputation:
    """Computes cells from what was read."""

    def __init__(self, facts: AccessFacts) -> None:
        self._facts = facts

    def cell(self, role: ReadRole, relation: ReadRelation, command: str) -> AccessCell:
        """Return what comes of a command of a role on a relation."""
        acting = _Acting(role, role)
        if not relation.holds(role, "usage"):
            schema = quoted(relation.path[0])
            lacking = AccessReason(f"{role.name} lacks USAGE on the schema {schema}", relation.path, role.name)
            return AccessCell(verdict=AccessVerdict.REFUSED, reasons=(lacking,))
        if command not in _READING:
            found = self._form(acting, relation, command, reads=False)
            return self._insert(acting, relation, found) if command == "insert" else found
        bare = self._form(acting, relation, command, reads=False)
        if self._readable(acting, relation) == _NO_COLUMN:
            return bare
        found = self._form(acting, relation, command, reads=True)
        return found if found.verdict is bare.verdict else replace(found, other=bare.verdict)

    def call(self, role: ReadRole, path: ObjectPath) -> AccessCell:
        """Return what comes of a call of a function that exists."""
        function = self._facts.functions_by_path[path]
        lacking = [
            AccessReason(f"{role.name} lacks {what}", path, role.name, privilege=privilege)
            for privilege, what in (("usage", f"USAGE on the schema {quoted(path[0])}"), ("execute", "EXECUTE on it"))
            if not function.holds(role, privilege)
        ]
        if function.fires:
            return AccessCell(verdict=AccessVerdict.IMPOSSIBLE)
        return AccessCell(verdict=AccessVerdict.REFUSED if lacking else AccessVerdict.ALL, reasons=tuple(lacking))

    def _insert(self, acting: _Acting, relation: ReadRelation, found: AccessCell) -> AccessCell:
        if found.verdict.is_none or found.verdict is AccessVerdict.UNKNOWN:
            return found
        base = self._written(relation)
        needs = [one for one in base.closed.get(acting.caller.place, ()) if one.command == "insert"]
        if needs:
            within = found.columns is None or {one.column for one in needs} <= found.columns
            other = found.verdict if within and not any(one.generated for one in needs) else None
            reasons = tuple(_closed(acting, relation, needs))
            return replace(found, verdict=AccessVerdict.REFUSED, reasons=reasons, other=other)
        returned = self._form(acting, relation, "insert", reads=True).verdict
        return found if returned is found.verdict else replace(found, returning=returned)

    def _written(self, relation: ReadRelation) -> ReadRelation:
        seen: set[int] = set()
        while relation.kind == VIEW and relation.oid not in seen:
            seen.add(relation.oid)
            relation = self._facts.relations.get(relation.base or 0, relation)
        return relation

    def _form(self, acting: _Acting, relation: ReadRelation, command: str, *, reads: bool) -> AccessCell:
        """Return what comes of a command, whether or not it reads columns; USAGE on the schema is not looked at."""
        if _is_impossible(relation, command):
            return AccessCell(verdict=AccessVerdict.IMPOSSIBLE)
        own = _allowed(acting.user, relation, command)
        if own == _NO_COLUMN:
            return AccessCell(verdict=AccessVerdict.REFUSED, reasons=(_lacks(acting, relation, command),))
        if reads and self._readable(acting, relation) == _NO_COLUMN:
            return AccessCell(verdict=AccessVerdict.REFUSED, reasons=(_lacks(acting, relation, "select"),))
        found = self._rows(acting, relation, command, reads=reads)
        columns = _common(own, found.columns) if command in _OF_COLUMNS else None
        if columns == _NO_COLUMN and not found.verdict.is_none:
            return AccessCell(verdict=AccessVerdict.REFUSED, reasons=(_lacks(acting, relation, command),))
        return replace(found, columns=columns) if columns != found.columns else found

    def _readable(self, acting: _Acting, relation: ReadRelation) -> Columns:
        """Return the columns that a WHERE or RETURNING may name."""
        own = _allowed(acting.user, relation, "select")
        base = self._facts.relations.get(relation.base or 0)
        if own == _NO_COLUMN or relation.kind != VIEW or base is None:
            return own
        return _common(own, _shown(relation, self._readable(self._below(acting, relation), base)))

    def _below(self, acting: _Acting, view: ReadRelation) -> _Acting:
        """Return who reads and writes what a view is of: its owner, but for one with security_invoker."""
        return _Acting(acting.caller if view.invoker else self._facts.by_oid[view.owner], acting.caller)

    def _rows(self, acting: _Acting, relation: ReadRelation, command: str, *, reads: bool) -> AccessCell:
        if command in relation.instead:
            return AccessCell(verdict=AccessVerdict.UNKNOWN, reasons=(AccessReason("a trigger or rule decides"),))
        if relation.kind == VIEW:
            return self._through(acting, relation, command, reads=reads)
        if command == "truncate" or not _bound(acting.user, relation):
            found = AccessCell(verdict=AccessVerdict.ALL)
        else:
            found = self._by_policies(acting, relation, command, reads=reads)
        if command == "update" and found.verdict in {AccessVerdict.ALL, AccessVerdict.BY_POLICY}:
            needs = [one for one in relation.closed.get(acting.caller.place, ()) if one.command == "update"]
            if needs:
                reasons = tuple(_closed(acting, relation, needs))
                return AccessCell(verdict=AccessVerdict.REFUSED, reasons=reasons, policies=found.policies)
        return found

    def _through(self, acting: _Acting, view: ReadRelation, command: str, *, reads: bool) -> AccessCell:
        inner = self._below(acting, view)
        base = self._facts.relations.get(view.base or 0)
        if command != "select":
            if base is None:
                return AccessCell(verdict=AccessVerdict.UNKNOWN)
            beside = [one for one in view.reads if one.relation != base.oid]
            if (command != "insert" or view.check_option) and (refused := self._of_query(inner, view, beside)):
                return refused
            found = self._form(inner, base, command, reads=reads)
            return replace(found, columns=_shown(view, found.columns))
        if refused := self._of_query(inner, view, view.reads):
            return refused
        oids = dict.fromkeys(one.relation for one in view.reads)
        cells = [self._rows(inner, self._facts.relations[oid], "select", reads=False) for oid in oids]
        policies = tuple(dict.fromkeys(policy for cell in cells for policy in cell.policies))
        reasons = tuple(reason for cell in cells for reason in cell.reasons)
        verdicts = {cell.verdict for cell in cells}
        verdict = AccessVerdict.BY_POLICY
        if verdicts <= {AccessVerdict.ALL}:
            verdict = AccessVerdict.ALL
        elif view.events and base is not None and len(oids) == 1:  # one relation, row by row
            verdict = cells[0].verdict
        return AccessCell(verdict=verdict, policies=policies, reasons=reasons)

    def _of_query(self, inner: _Acting, view: ReadRelation, reads: Sequence[ReadColumn]) -> AccessCell | None:
        """Return what comes of a view of which the query needs what may not be used; None if all may be."""
        certain = view.is_plain
        sure = [one for one in reads if one.certain or certain]
        reasons = (*self._unreadable(inner, sure, set()), *(self._uncallable(inner, view.calls) if certain else ()))
        if reasons:
            return AccessCell(verdict=AccessVerdict.REFUSED, reasons=reasons)
        rest = (*self._unreadable(inner, reads, set()), *self._uncallable(inner, view.calls))
        return AccessCell(verdict=AccessVerdict.UNKNOWN, reasons=rest) if rest else None

    def _by_policies(self, acting: _Acting, relation: ReadRelation, command: str, *, reads: bool) -> AccessCell:
        own = [one for one in relation.policies if _binds(one, acting.user)]
        about = [one for one in own if one.is_about(command)]
        seen = [one for one in own if one.is_about("select")] if reads else []
        refs = tuple((*relation.path, one.name) for one in dict.fromkeys((*about, *seen)))
        found, kept, shown = _EVERY, _EVERY, _EVERY
        if command != "insert":
            found = _together([(one, one.using) for one in about])
        if command in {"insert", "update"}:
            kept = _together([(one, one.checked) for one in about])
        if reads:
            shown = _together([(one, one.using) for one in seen])
        evaluated = dict.fromkeys((*found.evaluated, *kept.evaluated, *shown.evaluated))
        if reasons := self._refused_by(acting, relation, evaluated):
            return AccessCell(verdict=AccessVerdict.REFUSED, reasons=tuple(reasons), policies=refs)
        if AccessVerdict.NO_ROW in {found.verdict, shown.verdict} and command != "insert":
            verdict = AccessVerdict.NO_ROW
        elif AccessVerdict.NO_ROW in {kept.verdict, shown.verdict}:
            verdict = AccessVerdict.REFUSED
        else:
            verdicts = (found.verdict, kept.verdict, shown.verdict)
            return AccessCell(verdict=min(verdicts, key=lambda one: one.rank), policies=refs)
        hidden = shown.verdict is AccessVerdict.NO_ROW and AccessVerdict.NO_ROW not in {found.verdict, kept.verdict}
        reason = _shut(acting, relation, "select" if hidden else command, seen if hidden else about)
        return AccessCell(verdict=verdict, reasons=(reason,), policies=refs)

    def _refused_by(
        self, acting: _Acting, relation: ReadRelation, evaluated: Iterable[tuple[ReadPolicy, PolicyCondition]]
    ) -> list[AccessReason]:
        """Return why conditions cannot be evaluated by a role."""
        return [
            reason._replace(policy=(*relation.path, policy.name))
            for policy, condition in evaluated
            for reason in (
                *self._unreadable(acting, condition.reads, set()),
                *self._uncallable(acting, condition.calls),
            )
        ]

    def _unreadable(self, acting: _Acting, reads: Iterable[ReadColumn], seen: set[int]) -> Iterator[AccessReason]:
        """Return why a subquery's relations cannot be read, with the policies on them."""
        by: dict[int, set[str]] = {}
        for one in reads:
            by.setdefault(one.relation, set()).update((one.name,) if one.name else ())
        for oid, names in by.items():
            relation = self._facts.relations.get(oid)
            if relation is None:
                continue
            user = acting.user
            if not relation.holds(user, "select"):
                only = relation.some(user, "select")
                if not only or names - only:
                    yield _lacks(acting, relation, "select", names - only if only else ())
                    continue
            if oid in seen:
                continue
            within = seen | {oid}
            if relation.kind == VIEW:
                inner = _Acting(
                    acting.caller if relation.invoker else self._facts.by_oid[relation.owner], acting.caller
                )
                yield from self._unreadable(inner, relation.reads, within)
                yield from self._uncallable(acting, relation.calls)
            elif relation.kind not in {MATERIALIZED, FOREIGN} and _bound(user, relation):
                about = [one for one in relation.policies if one.is_about("select") and _binds(one, user)]
                for policy, condition in _together([(one, one.using) for one in about]).evaluated:
                    refused = (
                        *self._unreadable(acting, condition.reads, within),
                        *self._uncallable(acting, condition.calls),
                    )
                    where = (*relation.path, policy.name)
                    yield from (reason._replace(policy=where) for reason in refused)

    def _uncallable(self, acting: _Acting, calls: Iterable[int]) -> Iterator[AccessReason]:
        """Return which functions the caller may not call: they run with its rights, even below a view."""
        caller = acting.caller
        for oid in calls:
            function = self._facts.functions.get(oid)
            if function is not None and not function.holds(caller, "execute"):
                text = f"{caller.name} lacks EXECUTE on the function {dotted(function.path)}"
                yield AccessReason(text, function.path, caller.name, privilege="execute")


def _allowed(user: ReadRole, relation: ReadRelation, privilege: str) -> Columns:
    """Return the columns on which a role has a privilege, None if it has it on all."""
    return None if relation.holds(user, privilege) else relation.some(user, privilege)


def _common(one: Columns, other: Columns) -> Columns:
    return other if one is None else one if other is None else one & other


def _shown(view: ReadRelation, columns: Columns) -> Columns:
    """Return the columns of a view that show these of its base."""
    return None if columns is None else frozenset(name for name, column in view.shows.items() if column in columns)


def _is_impossible(relation: ReadRelation, command: str) -> bool:
    if command == "select" or command in relation.instead:
        return False
    if relation.kind == MATERIALIZED:
        return True
    if relation.kind != VIEW:  # of a foreign table only its wrapper knows
        return False
    return command == "truncate" or not relation.events & EVENTS[command]


def _bound(user: ReadRole, relation: ReadRelation) -> bool:
    """Whether row security binds a role: not superusers, BYPASSRLS, or owners unless it is forced."""
    if not relation.secured or user.superuser or user.bypasses:
        return False
    return relation.forced or relation.owner not in user.acts_for


def _binds(policy: ReadPolicy, user: ReadRole) -> bool:
    return PUBLIC in policy.roles or bool(policy.roles & user.acts_for)


class _Together(NamedTuple):
    """What conditions let pass together, and those that are evaluated: a constant true or false saves others."""

    verdict: AccessVerdict
    evaluated: tuple[tuple[ReadPolicy, PolicyCondition], ...] = ()


_EVERY = _Together(AccessVerdict.ALL)


def _together(conditions: Iterable[tuple[ReadPolicy, PolicyCondition | None]]) -> _Together:
    """Return what policies with these conditions let pass: one permissive one must, and each restrictive one."""
    known = [(policy, condition) for policy, condition in conditions if condition is not None]
    permissive = [one for one in known if one[0].permissive]
    if not permissive:
        return _Together(AccessVerdict.NO_ROW)
    restrictive = [one for one in known if not one[0].permissive and not one[1].is_always]
    narrow = [one for one in restrictive if not one[1].is_never]
    open_ = any(condition.is_always for _, condition in permissive)
    some = [] if open_ else [one for one in permissive if not one[1].is_never]
    if len(narrow) < len(restrictive) or not (open_ or some):
        return _Together(AccessVerdict.NO_ROW, (*some, *narrow))
    verdict = AccessVerdict.ALL if open_ and not narrow else AccessVerdict.BY_POLICY
    return _Together(verdict, (*some, *narrow))


def _lacks(acting: _Acting, relation: ReadRelation, privilege: str, columns: Iterable[str] = ()) -> AccessReason:
    named = f" ({', '.join(sorted(map(quoted, columns)))})" if columns else ""
    who = acting.user.name
    of_owner = ", the owner of the view," if acting.user is not acting.caller else ""
    text = f"{who}{of_owner} lacks {privilege.upper()}{named} on {dotted(relation.path)}"
    return AccessReason(text, relation.path, who, privilege=privilege)


def _closed(acting: _Acting, relation: ReadRelation, needs: Iterable[ClosedNeed]) -> Iterator[AccessReason]:
    for need in needs:
        of = "the constraint" if need.command == "update" else "the column"
        text = f"{acting.caller.name} lacks {need.what}, which {of} {quoted(need.column)} needs"
        yield AccessReason(text, relation.path, acting.caller.name, privilege="usage")


def _shut(acting: _Acting, relation: ReadRelation, command: str, policies: Sequence[ReadPolicy]) -> AccessReason:
    who, name = acting.user.name, dotted(relation.path)
    if not any(one.permissive for one in policies):
        return AccessReason(f"no policy of {name} for {command} applies to {who}", relation.path, who)
    first = (*relation.path, policies[0].name)
    return AccessReason(f"the policies of {name} for {command} let no row of {who} pass", relation.path, who, first)
