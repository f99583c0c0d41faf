"""Link findings into chains: one that lists an object explains those about it, or about what stands on it.

Names no audit. Of what is a cause of a cause, only the nearest is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.core.ordering import a_circle, ordered
from sessionaudit.kinds import HOLDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef

_HOLDING = {kind.name for kind in HOLDING}
_PLACES = {name: place for place, name in enumerate(AUDITS)}


class LinkedFindings(NamedTuple):
    """Findings, each with its nearest causes. `circles` says in sentences where causes went in a circle."""

    findings: tuple[Finding, ...]
    circles: tuple[str, ...] = ()


def linked(findings: Sequence[Finding]) -> LinkedFindings:
    """Return the findings, each with its nearest causes.

    A cause of a finding lists the object that this is about, or one that this stands on; or it is about one of these,
    and its audit comes before, or the object is missing altogether.
    """
    causes = _causes(findings)
    circles = tuple(_cut(causes, findings))
    nearest = _nearest(causes)
    return LinkedFindings(
        tuple(
            replace(finding, because=tuple(findings[cause] for cause in sorted(nearest[place])))
            if nearest[place]
            else finding
            for place, finding in enumerate(findings)
        ),
        circles,
    )


def _causes(findings: Sequence[Finding]) -> list[set[int]]:
    """Return the places of the causes of each finding, near and far."""
    listing: dict[ObjectRef, list[int]] = {}
    leaving: dict[ObjectRef, list[int]] = {}
    about: dict[ObjectRef, list[int]] = {}
    for place, finding in enumerate(findings):
        about.setdefault(finding.ref, []).append(place)
        for ref in (*finding.explains, *((finding.ref,) if finding.explains else ())):
            listing.setdefault(ref, []).append(place)
        for ref in finding.leaves:
            leaving.setdefault(ref, []).append(place)

    def causes(finding: Finding) -> Iterator[int]:
        for ref, whole in _needed(finding):
            yield from (one for one in about.get(ref, ()) if _explains(findings[one], finding, whole=whole))
        unwanted = finding.expected is None and finding.actual is not None
        refs = (finding.ref, *(() if unwanted else finding.stands_on))
        lists = leaving if unwanted else listing
        yield from (one for ref in refs for one in lists.get(ref, ()) if findings[one].audit != finding.audit)

    return [set(causes(finding)) - {place} for place, finding in enumerate(findings)]


def _needed(finding: Finding) -> Iterator[tuple[ObjectRef, bool]]:
    """Return what a finding stands on, and whether it matters only that it is there at all."""
    for ref in finding.stands_on:
        yield ref, ref.kind in _HOLDING
    for ref in finding.decisive:
        yield ref, False


def _explains(cause: Finding, finding: Finding, *, whole: bool) -> bool:
    """Whether a finding about what another stands on is a cause of it; `whole` if only a missing object is one."""
    missing = not cause.facet and cause.expected is not None and cause.actual is None
    if cause.audit == finding.audit:
        return cause.ref not in cause.stands_on and (missing or cause.ref == finding.ref)
    return _PLACES.get(cause.audit, 0) < _PLACES.get(finding.audit, 0) and (missing or not whole)


def _cut(causes: Sequence[set[int]], findings: Sequence[Finding]) -> Iterator[str]:
    """Cut each circle of causes: its mildest finding is no cause in it any more. Say so."""
    while circle := a_circle(dict(enumerate(causes))):
        mildest = min(circle, key=lambda place: findings[place].severity)
        for place in circle:
            causes[place].discard(mildest)
        names = ", ".join(f"{findings[place].rule.name} of {findings[place].ref}" for place in sorted(circle))
        yield (
            f"causes go in a circle ({names}): {findings[mildest].rule.name} of {findings[mildest].ref} is shown as"
            " an effect only"
        )


def _nearest(causes: Sequence[set[int]]) -> list[set[int]]:
    """Return the causes of each finding without those that are a cause of another of its causes."""
    farther: dict[int, set[int]] = {}
    for place in ordered(dict(enumerate(causes)), rank=lambda place: place).order:
        farther[place] = {far for cause in causes[place] for far in (*causes[cause], *farther[cause])}
    return [own - farther[place] for place, own in enumerate(causes)]
