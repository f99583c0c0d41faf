"""Find what is wrong, in any system, with what a role may do with a relation or function."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.behaviour.access import rules
from sessionaudit.audits.behaviour.access.finding_of import finding_of, grants_of, listed, needed, policy_refs
from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.finding import Severity
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.access.model import PUBLIC, TABLES
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.access.cells import AccessCell, AccessReason
    from sessionaudit.postgres.access.model import ReadFunction, ReadRelation, ReadRole

    Cells = Mapping[str, AccessCell]

VISITOR = "anon"
WRITES = ("insert", "update", "delete")
ON_ROWS = ("select", *WRITES)
_EFFECTS = {
    "select": "reads are empty",
    "insert": "inserts are refused (42501)",
    "update": "updates change nothing, without an error",
    "delete": "deletes remove nothing, without an error",
}


class RoleOnRelation(NamedTuple):
    """A role of a relation, and the `cells` of the commands of which the contract states nothing.

    `of_api` tells that requests of users come as this role.
    """

    wanted: WantedObject
    relation: ReadRelation
    role: ReadRole
    cells: Cells
    of_api: bool

    @property
    def name(self) -> str:
        """The relation's name in SQL."""
        return dotted(self.relation.path)

    def holds(self, command: str) -> bool:
        """Whether the role has the privilege, on the whole relation or on a column."""
        whole = self.relation.holds(self.role, command) or bool(self.relation.some(self.role, command))
        return whole and self.relation.holds(self.role, "usage")


def of_role(one: RoleOnRelation) -> Iterator[Finding]:
    """Return the findings on the access of a role to a relation."""
    yield from _refused(one)
    if not one.relation.secured:
        yield from _unsecured(one)
        return
    yield from _open(one)
    yield from _shut(one)
    yield from _unseen(one)
    yield from _ungranted(one)


def of_function(wanted: WantedObject, function: ReadFunction, role: str, cells: Cells) -> Iterator[Finding]:
    """Return the finding on a function with its owner's rights that a role of the API may call."""
    cell = cells.get("execute")
    if cell is not None and cell.verdict is AccessVerdict.ALL and function.definer and not function.fixed:
        yield finding_of(
            rules.UNFIXED_PATH,
            wanted,
            role,
            "search_path",
            ("fixed", None),
            f"The function {dotted(wanted.path)} runs with the rights of its owner, its search_path is not fixed, and "
            f"{role} may call it.",
        )


def _unsecured(one: RoleOnRelation) -> Iterator[Finding]:
    writes = [command for command in WRITES if command in one.cells and not one.cells[command].most.is_none]
    if writes and one.of_api and one.relation.kind in TABLES:
        yield finding_of(
            rules.UNSECURED,
            one.wanted,
            one.role.name,
            "row_security",
            ("enabled", "disabled"),
            f"Row security of {one.name} is off, and {one.role.name} may {listed(writes)} every row of it.",
        )


def _open(one: RoleOnRelation) -> Iterator[Finding]:
    if one.role.bypasses or one.role.superuser:
        return
    opening_to = {PUBLIC, *({one.role.oid} if one.role.name == VISITOR else ())}
    for command in WRITES:
        if command not in one.cells or one.cells[command].most is not AccessVerdict.ALL:
            continue
        opening = [policy for policy in one.relation.policies if policy.opens(command) and policy.roles & opening_to]
        if opening:
            yield finding_of(
                rules.OPEN_WRITE,
                one.wanted,
                one.role.name,
                command,
                (None, "all"),
                f"{one.role.name} may {command} every row of {one.name}: the policy {quoted(opening[0].name)} is true, "
                "and it is granted.",
                severity=Severity.WARNING if command == "insert" else Severity.ERROR,
                stands_on=policy_refs(one.relation.path, [opening[0].name]),
            )


def _shut(one: RoleOnRelation) -> Iterator[Finding]:
    shut = [command for command in ON_ROWS if command in one.cells and _is_shut(one, command)]
    if not shut:
        return
    why = one.cells[shut[0]].reasons[0].text
    yield finding_of(
        rules.UNUSABLE_GRANT,
        one.wanted,
        one.role.name,
        "grants",
        (None, ", ".join(shut)),
        f"{one.role.name} has {listed(shut)} on {one.name}, and row security lets no row pass: {_effects(shut)}; "
        f"{why}.",
        stands_on=policy_refs(one.relation.path, [policy.name for policy in one.relation.policies]),
    )


def _is_shut(one: RoleOnRelation, command: str) -> bool:
    cell = one.cells[command]
    if cell.verdict is AccessVerdict.NO_ROW:
        return cell.most is AccessVerdict.NO_ROW
    # An insert that no policy lets through is refused, although it is granted.
    return cell.most is AccessVerdict.REFUSED and one.holds(command) and not any(why.privilege for why in cell.reasons)


def _effects(commands: Sequence[str]) -> str:
    return ", ".join(_EFFECTS[one] for one in commands)


def _unseen(one: RoleOnRelation) -> Iterator[Finding]:
    found = [
        command
        for command in ("update", "delete")
        if command in one.cells
        and one.cells[command].verdict is AccessVerdict.NO_ROW
        and not one.cells[command].most.is_none
    ]
    if found:
        yield finding_of(
            rules.UNSEEN_WRITE,
            one.wanted,
            one.role.name,
            "select",
            (None, ", ".join(found)),
            f"{one.role.name} may {listed(found)} rows of {one.name} that no policy lets it read: with WHERE or "
            "RETURNING nothing is changed, without an error.",
        )


def _ungranted(one: RoleOnRelation) -> Iterator[Finding]:
    for policy in one.relation.policies:
        commands = [command for command in ON_ROWS if policy.shape.is_about(command)]
        if one.role.oid not in policy.roles or not policy.permissive or any(map(one.holds, commands)):
            continue
        if any(command in one.cells for command in commands):
            yield finding_of(
                rules.UNUSABLE_POLICY,
                one.wanted,
                one.role.name,
                f"policy {policy.name}",
                (", ".join(commands), None),
                f"The policy {quoted(policy.name)} of {one.name} is for {one.role.name}, which has no privilege to "
                f"{listed(commands, 'or')} there: each is refused (42501).",
                stands_on=(
                    *grants_of(one.relation.path, one.role.name),
                    *policy_refs(one.relation.path, [policy.name]),
                ),
            )


def _refused(one: RoleOnRelation) -> Iterator[Finding]:
    """Return findings on privileges that are of no use, as something else that is needed is refused."""
    by: dict[tuple[AccessReason, ...], list[str]] = {}
    for command in ON_ROWS:
        cell = one.cells.get(command)
        if cell is None or cell.verdict is not AccessVerdict.REFUSED or not one.holds(command):
            continue
        if lacking := tuple(dict.fromkeys(reason for reason in cell.reasons if reason.privilege)):
            by.setdefault(lacking, []).append(command)
    for reasons, commands in by.items():
        why = "; ".join(map(_needed, reasons))
        yield finding_of(
            rules.REFUSED_BY_POLICY,
            one.wanted,
            one.role.name,
            ", ".join(commands),
            (None, "refused"),
            f"{one.role.name} has {listed(commands)} on {one.name}, and it is refused (42501): {why}.",
            stands_on=tuple(dict.fromkeys(ref for reason in reasons for ref in needed(reason))),
        )


def _needed(reason: AccessReason) -> str:
    if not reason.policy:
        return reason.text
    return f"{reason.text}, and the policy {quoted(reason.policy[-1])} of {dotted(reason.policy[:-1])} needs it"
