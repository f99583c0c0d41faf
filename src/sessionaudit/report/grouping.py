"""Group findings by what they are about, for pages that people read from their top."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.core.finding import Finding


def groups(
    findings: Sequence[Finding], following: Mapping[str, object], holders: Sequence[str]
) -> list[tuple[str, list[Finding]]]:
    """Group findings by the table of their object: those from which others follow first, then the worst table.

    What is among `holders` comes before them, in that order.
    """
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.holder, []).append(finding)
    for group in found.values():
        if all(one.location and one.location.snippet for one in group):  # of a file, which one reads from its top
            group.sort(key=lambda one: one.location[1:3] if one.location else ())
    if holders:
        places = {holder: place for place, holder in enumerate(holders)}
        return sorted(found.items(), key=lambda group: places.get(group[0], len(places)))
    roots = {finding.holder for finding in findings if finding.fingerprint in following}
    first = sorted(group for group in found.items() if group[0] in roots)
    others = (group for group in found.items() if group[0] not in roots)
    return [*first, *sorted(others, key=lambda group: [-finding.severity for finding in group[1]] + [0])]


def follows(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    """The findings that follow from another, by the fingerprint of that."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for cause in finding.because:
            found.setdefault(cause.fingerprint, []).append(finding)
    return found
