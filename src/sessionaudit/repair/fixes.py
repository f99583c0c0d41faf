"""Add to findings the SQL that repairs them, for reports that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.schema import refusals
from sessionaudit.core.step import Hazard
from sessionaudit.rulebook import REFUSED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.steps.cured import World


class Fixes:
    """Adds SQL to the findings of one audit run."""

    def __init__(self) -> None:
        self._without: set[ObjectPath] = set()

    def unread(self, connection: Connection, contract: Contract, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return new findings for definitions, of objects with findings, that the server rejects.

        Only valid texts may be shown as SQL. Raises DatabaseError.
        """
        from sessionaudit.audits.schema import fragment_syntax  # noqa: PLC0415 - a clean audit has no use for it

        wrong = fragment_syntax.refused(connection, contract, (finding.ref.path[:2] for finding in found))
        self._without = {one.ref.path[:2] for one in wrong}
        known = {(finding.ref, finding.facet) for finding in found if finding.rule is REFUSED}
        return tuple(
            refusals.of_error(one.ref, one.facet, one.error, None) for one in wrong if (one.ref, one.facet) not in known
        )

    def added(
        self, findings: Sequence[Finding], contract: Contract, actual: Schema, refused: Collection[ObjectRef]
    ) -> tuple[Finding, ...]:
        """Return the findings, each with the SQL that repairs it, as far as that is known."""
        if not findings:
            return ()
        return _with_fixes(findings, contract, actual, without=self._without, refused=refused)


def _with_fixes(
    findings: Iterable[Finding],
    contract: Contract,
    actual: Schema,
    *,
    without: Collection[ObjectPath] = (),
    refused: Collection[ObjectRef] = (),
) -> tuple[Finding, ...]:
    """Return the findings with the SQL of their cures, unless that depends on other objects of the database.

    A finding gets no SQL if its repair must be requested: that of a note, or of an object that the contract does not
    name, or one that removes a protection or grants access that another finding should restrict first. Findings on the
    tables `without`, whose texts in the contract must not be put into a statement, get none either, nor do those that
    create an object that the server has `refused`.
    """
    from sessionaudit.steps.cured import World  # noqa: PLC0415 - loads the cures, which a clean audit has no use for

    world = World.of(contract, actual)
    return tuple(
        finding if finding.ref.path[:2] in without else replace(finding, fix=_fix(finding, world, refused))
        for finding in findings
    )


def _fix(finding: Finding, world: World, refused: Collection[ObjectRef]) -> tuple[str, ...]:
    from sessionaudit.steps.cured import cures, unasked  # noqa: PLC0415 - loaded above

    chains = () if unasked(finding) else cures(finding, world, refused)
    steps = [step for chain in chains for step in chain]
    asked = any(Hazard.LOOSEN in step.hazards or any(one.stands is False for one in step.guards) for step in steps)
    if asked or any(step.around is not None for step in steps):
        return ()
    return tuple(sql for step in steps for sql in step.sql)
