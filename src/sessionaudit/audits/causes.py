"""Link findings of different audits: one that lists an object explains those about it. Names no audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef


def linked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, each with those of other audits that explain it.

    One explains another if it lists the object that this is about, or one that this stands on, or is about it.
    """
    by: dict[ObjectRef, list[Finding]] = {}
    for finding in findings:
        for ref in (*finding.explains, *((finding.ref,) if finding.explains else ())):
            by.setdefault(ref, []).append(finding)
    return tuple(_linked(finding, by) for finding in findings) if by else tuple(findings)


def _linked(finding: Finding, by: dict[ObjectRef, list[Finding]]) -> Finding:
    if finding.expected is None:  # what is there, and should not be, has not failed to be made
        return finding
    found = [one for ref in (finding.ref, *finding.stands_on) for one in by.get(ref, ()) if one.audit != finding.audit]
    causes = list({id(one): one for one in found}.values())
    return replace(finding, because=tuple(causes)) if causes else finding
