"""Link findings of different audits: one that lists an object explains those about it. Names no audit.

So does one about an object that another stands on, if its audit comes before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits import AUDITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef

_PLACES = {name: place for place, name in enumerate(AUDITS)}


def linked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, each with those of other audits that explain it.

    One explains another if it lists the object that this is about, or one that this stands on, or is about it.
    """
    by: dict[ObjectRef, list[Finding]] = {}
    about: dict[ObjectRef, list[Finding]] = {}
    for finding in findings:
        about.setdefault(finding.ref, []).append(finding)
        for ref in (*finding.explains, *((finding.ref,) if finding.explains else ())):
            by.setdefault(ref, []).append(finding)
    return tuple(_linked(finding, by, about) for finding in findings)


def _linked(finding: Finding, by: dict[ObjectRef, list[Finding]], about: dict[ObjectRef, list[Finding]]) -> Finding:
    place = _PLACES.get(finding.audit, 0)
    found = [one for ref in finding.stands_on for one in about.get(ref, ()) if _PLACES.get(one.audit, 0) < place]
    if finding.expected is not None or finding.actual is None:  # else it is there, and has not failed to be made
        refs = (finding.ref, *finding.stands_on)
        found += [one for ref in refs for one in by.get(ref, ()) if one.audit != finding.audit]
    causes = list({id(one): one for one in found}.values())
    return replace(finding, because=tuple(causes)) if causes else finding
