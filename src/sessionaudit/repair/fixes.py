"""The SQL that mends a finding, for a report that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.schema import refusals
from sessionaudit.rulebook import REFUSED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection


class Fixes:
    """What the audits are given where findings are to have their SQL; for one run."""

    def __init__(self) -> None:
        self._without: set[ObjectPath] = set()

    def unread(self, connection: Connection, contract: Contract, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """Findings for what the server refuses of the contract on the objects found, beside those that are known.

        What is shown as SQL must be what it seems. Raises DatabaseError.
        """
        from sessionaudit.repair import proof  # noqa: PLC0415 - a clean audit has no use for it

        wrong = proof.refused(connection, contract, (finding.ref.path[:2] for finding in found))
        self._without = {one.ref.path[:2] for one in wrong}
        known = {(finding.ref, finding.facet) for finding in found if finding.rule is REFUSED}
        return tuple(
            refusals.of_error(ref, facet, error, None) for ref, facet, error in wrong if (ref, facet) not in known
        )

    def added(
        self, findings: Sequence[Finding], contract: Contract, actual: Schema, refused: Collection[ObjectRef]
    ) -> tuple[Finding, ...]:
        """The findings, each with the SQL that mends it, as far as that is known."""
        from sessionaudit.repair import plan  # noqa: PLC0415 - loads the cures, which a clean audit has no use for

        return plan.with_fixes(findings, contract, actual, without=self._without, refused=refused)
