"""Compute what comes of a command of a role on a relation or a function: what the server would do, in its order.

The server's rules are those of its manual (Row Security Policies; Rules and Privileges) and of rowsecurity.c,
rewriteHandler.c and execMain.c. An update or delete that names no column in a WHERE or RETURNING needs neither the
privilege SELECT nor a policy for it; any other needs both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.postgres.access.cells import (
    BY_RULE,
    BY_TRIGGER,
    EVERY_ROW,
    IMPOSSIBLE,
    AccessCell,
    closed,
    lacks,
    lacks_execute,
    lacks_usage,
    refused,
    shut,
)
from sessionaudit.postgres.access.model import EVENTS, FOREIGN, MATERIALIZED, PUBLIC, VIEW
from sessionaudit.postgres.access.weighing import USING, weighed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.access.cells import AccessReason
    from sessionaudit.postgres.access.model import (
        AccessFacts,
        ReadColumn,
        ReadPolicy,
        ReadRelation,
        ReadRole,
    )
    from sessionaudit.postgres.access.weighing import PolicyShape

_OF_COLUMNS = {"select", "insert", "update"}
_READING = {"update", "delete"}
Columns = frozenset[str] | None  # None for all
_NO_COLUMN: frozenset[str] = frozenset()


class _Acting(NamedTuple):
    """Who runs a command: `user` has the privileges, which is the owner below a view; `caller` calls the functions."""

    user: ReadRole
    caller: ReadRole


class AccessComputation:
    """Computes cells from what was read."""

    def __init__(self, facts: AccessFacts) -> None:
        self._facts = facts
        self._bound: dict[tuple[int, int], tuple[list[ReadPolicy], tuple[PolicyShape, ...]]] = {}

    def cell(self, role: ReadRole, relation: ReadRelation, command: str) -> AccessCell:
        """Return what comes of a command of a role on a relation."""
        acting = _Acting(role, role)
        if not relation.holds(role, "usage"):
            return refused(lacks_usage(role, relation.path))
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
        if function.fires:
            return IMPOSSIBLE
        lacking = [] if function.holds(role, "usage") else [lacks_usage(role, path)]
        lacking += [] if function.holds(role, "execute") else [lacks_execute(role, path)]
        return refused(*lacking) if lacking else EVERY_ROW

    def _insert(self, acting: _Acting, relation: ReadRelation, found: AccessCell) -> AccessCell:
        if found.verdict.is_none or found.verdict is AccessVerdict.UNKNOWN:
            return found
        base = self._written(relation)
        needs = [one for one in base.closed.get(acting.caller.place, ()) if one.command == "insert"]
        if needs:
            within = found.columns is None or {one.column for one in needs} <= found.columns
            other = found.verdict if within and not any(one.generated for one in needs) else None
            reasons = tuple(closed(acting.caller, relation, needs))
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
            return IMPOSSIBLE
        if command in relation.ruled:  # not even the privilege is asked for
            return BY_RULE
        own = _allowed(acting.user, relation, command)
        if own == _NO_COLUMN:
            return refused(_lacking(acting, relation, command))
        if reads and self._readable(acting, relation) == _NO_COLUMN:
            return refused(_lacking(acting, relation, "select"))
        found = self._rows(acting, relation, command, reads=reads)
        columns = _common(own, found.columns) if command in _OF_COLUMNS else None
        if columns == _NO_COLUMN and not found.verdict.is_none:
            return refused(_lacking(acting, relation, command))
        return replace(found, columns=columns) if columns != found.columns else found

    def _readable(self, acting: _Acting, relation: ReadRelation) -> Columns:
        """Return the columns that a WHERE or RETURNING may name.

        Below a view all columns must be readable that its query names.
        """
        own = _allowed(acting.user, relation, "select")
        base = self._facts.relations.get(relation.base or 0)
        if own == _NO_COLUMN or relation.kind != VIEW or base is None:
            return own
        below = self._readable(self._below(acting, relation), base)
        named = {one.name for one in relation.reads if one.relation == base.oid}
        return own if below is None or named <= below else _NO_COLUMN

    def _below(self, acting: _Acting, view: ReadRelation) -> _Acting:
        """Return who reads and writes what a view is of: its owner, but for one with security_invoker."""
        return _Acting(acting.caller if view.invoker else self._facts.by_oid[view.owner], acting.caller)

    def _rows(self, acting: _Acting, relation: ReadRelation, command: str, *, reads: bool) -> AccessCell:
        if command in relation.instead:
            return BY_TRIGGER
        if relation.kind == VIEW:
            return self._through(acting, relation, command, reads=reads)
        if command == "truncate" or not _bound(acting.user, relation):
            found = EVERY_ROW
        else:
            found = self._by_policies(acting, relation, command, reads=reads)
        if command == "update" and found.verdict in {AccessVerdict.ALL, AccessVerdict.BY_POLICY}:
            needs = [one for one in relation.closed.get(acting.caller.place, ()) if one.command == "update"]
            if needs:
                return refused(*closed(acting.caller, relation, needs), policies=found.policies)
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
        reasons = (
            *self._unreadable(inner, sure, frozenset()),
            *(self._uncallable(inner, view.calls) if certain else ()),
        )
        if reasons:
            return refused(*reasons)
        rest = (*self._unreadable(inner, reads, frozenset()), *self._uncallable(inner, view.calls))
        return AccessCell(verdict=AccessVerdict.UNKNOWN, reasons=rest) if rest else None

    def _by_policies(self, acting: _Acting, relation: ReadRelation, command: str, *, reads: bool) -> AccessCell:
        own, shapes = self._binding(acting.user, relation)
        found = weighed(shapes, command, reads)
        refs = tuple(own[place].ref for place in dict.fromkeys((*found.about, *found.seen)))
        if relation.has_subqueries and (reasons := [*self._unevaluable(acting, own, found.evaluated, frozenset())]):
            return refused(*reasons, policies=refs)
        if not found.verdict.is_none:
            return AccessCell(verdict=found.verdict, policies=refs)
        deciding = [own[place] for place in (found.seen if found.hidden else found.about)]
        reason = shut(acting.user, relation, "select" if found.hidden else command, deciding)
        return AccessCell(verdict=found.verdict, reasons=(reason,), policies=refs)

    def _binding(self, user: ReadRole, relation: ReadRelation) -> tuple[list[ReadPolicy], tuple[PolicyShape, ...]]:
        """Return the policies of a relation that are for a role, and their shapes."""
        key = (user.oid, relation.oid)
        if key not in self._bound:
            own = [one for one in relation.policies if _binds(one, user)]
            self._bound[key] = own, tuple(one.shape for one in own)
        return self._bound[key]

    def _unevaluable(
        self,
        acting: _Acting,
        policies: Sequence[ReadPolicy],
        evaluated: Iterable[tuple[int, str]],
        seen: frozenset[int],
    ) -> Iterator[AccessReason]:
        """Return why conditions cannot be evaluated by a role, but for relations that were `seen`."""
        for place, use in evaluated:
            policy = policies[place]
            condition = policy.using if use == USING else policy.check
            if condition is not None and condition.is_subquery:
                refused_ = (
                    *self._unreadable(acting, condition.reads, seen),
                    *self._uncallable(acting, condition.calls),
                )
                yield from (reason._replace(policy=policy.ref) for reason in refused_)

    def _unreadable(self, acting: _Acting, reads: Iterable[ReadColumn], seen: frozenset[int]) -> Iterator[AccessReason]:
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
                    yield _lacking(acting, relation, "select", names - only if only else ())
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
                own, shapes = self._binding(user, relation)
                yield from self._unevaluable(acting, own, weighed(shapes, "select", False).evaluated, within)

    def _uncallable(self, acting: _Acting, calls: Iterable[int]) -> Iterator[AccessReason]:
        """Return which functions the caller may not call: they run with its rights, even below a view."""
        caller = acting.caller
        for oid in calls:
            function = self._facts.functions.get(oid)
            if function is not None and not function.holds(caller, "execute"):
                yield lacks_execute(caller, function.path)


def _lacking(acting: _Acting, relation: ReadRelation, privilege: str, columns: Iterable[str] = ()) -> AccessReason:
    return lacks(acting.user, relation, privilege, columns, owner=acting.user is not acting.caller)


def _allowed(user: ReadRole, relation: ReadRelation, privilege: str) -> Columns:
    """Return the columns on which a role has a privilege, None if it has it on all."""
    return None if relation.holds(user, privilege) else relation.some(user, privilege)


def _common(one: Columns, other: Columns) -> Columns:
    return other if one is None else one if other is None else one & other


def _shown(view: ReadRelation, columns: Columns) -> Columns:
    """Return the columns of a view that show these of its base."""
    return None if columns is None else frozenset(name for name, column in view.shows.items() if column in columns)


def _is_impossible(relation: ReadRelation, command: str) -> bool:
    if command == "select" or command in relation.instead | relation.ruled:
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
