"""Find what is wrong with the policies of a relation themselves: they compare a column with itself, or recurse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.behaviour.access import rules
from sessionaudit.audits.behaviour.access.captured import captured
from sessionaudit.audits.behaviour.access.finding_of import access_ref, finding_of, holder_of, listed, policy_refs
from sessionaudit.audits.behaviour.access.of_roles import ON_ROWS
from sessionaudit.core import sqlstate
from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.finding import Finding, Skipped
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.recursion import recursions
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.access.cells import AccessCell
    from sessionaudit.postgres.access.model import AccessFacts, ReadRelation
    from sessionaudit.postgres.connection import Connection


class AskedRecursion(NamedTuple):
    """What was found, and what could not be asked."""

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def of_policies(wanted: WantedObject, relation: ReadRelation, contract: Contract) -> Iterator[Finding]:
    """Return the findings on policies that compare a column with itself."""
    for policy in relation.policies:
        (ref,) = policy_refs(relation.path, [policy.name])
        entry = contract.objects[ref.kind].get(ref.path)
        for facet, condition in (("using", policy.using), ("check", policy.check)):
            for comparison in captured(condition.text) if condition else ():
                yield Finding(
                    rule=rules.CAPTURED,
                    severity=rules.CAPTURED.severity,
                    ref=ref,
                    facet=facet,
                    expected=None,
                    actual=None,
                    message=f"The policy {quoted(policy.name)} of {dotted(relation.path)} compares a column with "
                    f"itself: {comparison} is true for every row that has it. Write the name of the table whose "
                    "column is meant.",
                    locations=(entry.location(facet) if entry else wanted.place,),
                    holder=holder_of(wanted),
                )


def asked_recursion(
    connection: Connection, wanted: WantedObject, facts: AccessFacts, cells: Mapping[str, Mapping[str, AccessCell]]
) -> AskedRecursion:
    """Ask the server whether commands by policy fail as policies recurse. Raises psycopg.Error."""
    relation = facts.by_path[wanted.path]
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    for role, own in cells.items():
        commands = [one for one in ON_ROWS if one in own and own[one].verdict is AccessVerdict.BY_POLICY]
        some = relation.some(facts.roles[role], "update")
        column = min(some) if some else relation.first_column
        found = recursions(connection, role, relation.path, commands, column)
        if found.refused:
            what = f"whether policies of {dotted(relation.path)} recurse for {role}"
            hint = f"Connect as a member of it: GRANT {quoted(role)} TO …;"
            skipped.append(Skipped(what, found.refused, hint, about=(access_ref(relation.path, role),)))
        if found.messages:
            failing = list(found.messages)
            findings.append(
                finding_of(
                    rules.RECURSIVE,
                    wanted,
                    role,
                    ", ".join(failing),
                    (None, sqlstate.INVALID_OBJECT_DEFINITION),
                    f"{role} cannot {listed(failing, 'or')} rows of {dotted(relation.path)}: "
                    f"{found.messages[failing[0]]} ({sqlstate.INVALID_OBJECT_DEFINITION}).",
                    stands_on=policy_refs(relation.path, [one.name for one in relation.policies]),
                )
            )
    return AskedRecursion(tuple(findings), tuple(skipped))
