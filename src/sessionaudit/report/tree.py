"""Print what follows from a finding, as a tree below it: one line for each rule at each height."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted, listed_words
from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import fold
from sessionaudit.report.forest import alike
from sessionaudit.report.told import headline, listed_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.core.finding import Finding, Skipped
    from sessionaudit.report.forest import AlikeBranches, Branch
    from sessionaudit.report.page import Page

_SO = "so: "
_STEP = 4  # blanks by which each height is further right
_FEW = 8  # names of findings of one rule
_MANY = 3  # findings that follow, from which on they are counted


def follow_lines(page: Page, root: Branch, indent: int) -> Iterator[str]:
    """Return the lines of all that follows from a root, and how much that is."""
    yield from page.wrapped(rolled_up(root), indent, "faint")
    yield from _lines(page, alike(root.follows), root.unchecked, indent, frozenset((root.finding.fingerprint,)))


def rolled_up(root: Branch) -> str:
    """Say how much follows from a root, in all; "" if that is little."""
    findings = [branch.finding for branch in root.every][1:]
    unchecked = sum(len(branch.unchecked) for branch in root.every)
    rows = sum(one.rows for one in findings)
    if len(findings) + unchecked < _MANY and not rows:
        return ""
    kinds = Counter(ref.kind.replace("_", " ") for ref in dict.fromkeys(one.ref for one in findings))
    counts = [counted(number, kind) for kind, number in kinds.most_common()]
    counts += [counted(rows, "row")] if rows else []
    counts += [f"{counted(unchecked, 'part')} not checked"] if unchecked else []
    return f"Because of this: {', '.join(counts)}."


def _lines(
    page: Page,
    groups: Sequence[AlikeBranches],
    unchecked: Sequence[Skipped],
    indent: int,
    above: frozenset[str],
) -> Iterator[str]:
    for group in groups:
        yield from _line(page, group.findings, indent, above)
        inner = above | {one.fingerprint for one in group.findings}
        yield from _lines(page, group.follows, group.unchecked, indent + _STEP, inner)
    if unchecked:
        text = f"not checked: {listed_parts([one.what for one in unchecked])}"
        yield from page.wrapped(text, indent + _STEP, "faint", " " * indent + _SO)


def _line(page: Page, findings: Sequence[Finding], indent: int, above: frozenset[str]) -> Iterator[str]:
    start, worst = " " * indent + _SO, max(one.severity for one in findings)
    head = f"{findings[0].rule.code} {findings[0].rule.name}"
    text, place = _named(page, findings)
    first, *rest = fold(f"{head}: {text}", page.width - len(start))
    gap = page.width - len(start) - len(first) - len(place)
    end = " " * gap + page.paint(place, "faint") if place and not rest and gap >= 2 else ""
    yield start + page.paint(head, str(worst)) + first.removeprefix(head) + end
    yield from (" " * (indent + _STEP) + line for line in rest)
    others = {cause.fingerprint: cause for one in findings for cause in one.because if cause.fingerprint not in above}
    for cause in others.values():
        yield from page.wrapped(f"also because of {headline(cause)}", indent + _STEP, "faint")


def _named(page: Page, findings: Sequence[Finding]) -> tuple[str, str]:
    """What findings of one rule are about, and where the only one is declared."""
    first, *more = findings
    if not more and not _shown(first):
        place = first.location._replace(column=0) if first.location else None
        rows = f" ({counted(first.rows, 'row')})" if first.rows else ""
        return visible(f"{first.ref}{rows}"), visible(str(place)) if place else ""
    if len({one.ref for one in findings}) == 1 and not _shown(first):
        return visible(f"{first.ref}, {listed_words([one.facet for one in findings])}"), ""
    folder, names = _names(findings)
    shown = names if page.canvas.verbose else names[:_FEW]
    rest = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    times = f"{len(findings)} times{folder}: " if more else ""
    return visible(f"{times}{', '.join(shown)}{rest}"), ""


def _names(findings: Sequence[Finding]) -> tuple[str, list[str]]:
    """Return a name of each finding, in code its place; if these are in one folder, that comes first."""
    if all(map(_shown, findings)):
        places = sorted(str(one.location._replace(column=0)) for one in findings if one.location)
        parents = [PurePath(place).parent for place in places]
        comparable = len({parent.is_absolute() for parent in parents}) == 1 < len(parents)
        folder = os.path.commonpath(parents) if comparable else ""
        if not folder:
            return "", places
        return f" in {folder}", [str(PurePath(place).relative_to(folder)) for place in places]
    refs = Counter(one.ref for one in findings)
    facets = max(refs.values()) > 1
    return "", [f"{one.ref.dotted} {one.facet}".rstrip() if facets else one.ref.dotted for one in findings]


def _shown(finding: Finding) -> bool:
    """Whether its place says more than the name of its object: that of a call in code."""
    return bool(finding.location and finding.location.snippet)
