"""Arrange findings as trees: below each, what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.finding import Finding, Skipped
    from sessionaudit.core.ref import ObjectRef


class Branch(Struct, frozen=True):
    """A finding, and what follows from it: findings, and what could not be checked."""

    finding: Finding
    follows: tuple[Branch, ...]
    unchecked: tuple[Skipped, ...] = ()

    @property
    def is_cause(self) -> bool:
        """Whether anything follows from it."""
        return bool(self.follows or self.unchecked)

    @property
    def every(self) -> Iterator[Branch]:
        """This branch and all below it."""
        yield self
        for branch in self.follows:
            yield from branch.every


class CauseCounts(Struct, frozen=True):
    """How many findings are causes that follow from nothing else, and what they explain: findings, of how many in all,
    and parts that could not be checked.
    """

    causes: int
    explained: int
    findings: int
    unchecked: int

    @property
    def sentence(self) -> str:
        """What they explain, without a full stop; "" if there are none."""
        if not self.causes:
            return ""
        explained = f"{self.explained:,} of {counted(self.findings, 'finding')}" if self.explained else ""
        verb = "is" if self.unchecked == 1 else "are"
        why = f"why {counted(self.unchecked, 'part')} {verb} not checked" if self.unchecked else ""
        told = ", and ".join(filter(None, (explained, why)))
        return f"{counted(self.causes, 'cause')} explain{'s' if self.causes == 1 else ''} {told}"


class AlikeBranches(Struct, frozen=True):
    """Findings of one rule that follow from the same, and what follows from any of them."""

    findings: tuple[Finding, ...]
    follows: tuple[AlikeBranches, ...]
    unchecked: tuple[Skipped, ...]


def forest(findings: Sequence[Finding], unchecked: Iterable[Skipped] = ()) -> tuple[Branch, ...]:
    """Return the findings that follow from no other, each with those that do: first those from which most follow.

    Each finding is there once: below that of its causes which is itself the furthest from a root. What was `unchecked`
    is with the first finding about what it stands on, if there is one.
    """
    places = {finding.fingerprint: place for place, finding in reversed(list(enumerate(findings)))}
    causes = [
        [places[cause.fingerprint] for cause in finding.because if places.get(cause.fingerprint, place) != place]
        for place, finding in enumerate(findings)
    ]
    parents = _parents(causes)
    below: dict[int | None, list[int]] = {}
    for place, parent in enumerate(parents):
        below.setdefault(parent, []).append(place)
    barred = _barred(findings, unchecked)

    def branch(place: int) -> Branch:
        return Branch(findings[place], tuple(map(branch, below.get(place, ()))), tuple(barred.get(place, ())))

    roots = tuple(map(branch, below.get(None, ())))
    return tuple(sorted(roots, key=lambda root: (not root.is_cause, -sum(1 for _ in root.every))))


def cause_counts(roots: Iterable[Branch]) -> CauseCounts:
    """Count what the trees of all findings explain."""
    whole = [list(root.every) for root in roots]
    causes = [tree for tree in whole if tree[0].is_cause]
    return CauseCounts(
        causes=len(causes),
        explained=sum(len(tree) - 1 for tree in causes),
        findings=sum(map(len, whole)),
        unchecked=sum(len(branch.unchecked) for tree in causes for branch in tree),
    )


def alike(branches: Iterable[Branch]) -> tuple[AlikeBranches, ...]:
    """Put branches of one rule together, at each height."""
    by_rule: dict[str, list[Branch]] = {}
    for branch in branches:
        by_rule.setdefault(branch.finding.rule.code, []).append(branch)
    return tuple(
        AlikeBranches(
            tuple(branch.finding for branch in several),
            alike(inner for branch in several for inner in branch.follows),
            tuple(one for branch in several for one in branch.unchecked),
        )
        for several in by_rule.values()
    )


def in_order(branches: Iterable[Branch]) -> tuple[Finding, ...]:
    """Return the findings of trees, the causes first: all roots, then what follows from them at once, and so on."""
    found: list[Finding] = []
    level = list(branches)
    while level:
        found += [branch.finding for branch in level]
        level = [inner for branch in level for inner in branch.follows]
    return tuple(found)


def _barred(findings: Sequence[Finding], unchecked: Iterable[Skipped]) -> Mapping[int, list[Skipped]]:
    about: dict[ObjectRef, int] = {}
    for place, finding in enumerate(findings):
        about.setdefault(finding.ref, place)
    barred: dict[int, list[Skipped]] = {}
    for one in unchecked:
        found = next((about[ref] for ref in one.stands_on if ref in about), None)
        if found is not None:
            barred.setdefault(found, []).append(one)
    return barred


def _parents(causes: Sequence[Sequence[int]]) -> list[int | None]:
    """Return the place of each one's parent. Where causes go in a circle, one of them has none."""
    parents: list[int | None] = [None] * len(causes)
    depths: dict[int, int] = {}
    on_the_way: set[int] = set()

    def depth(place: int) -> int:
        if place not in depths:
            on_the_way.add(place)
            above = {cause: depth(cause) for cause in causes[place] if cause not in on_the_way}
            on_the_way.remove(place)
            parents[place] = max(above, key=lambda cause: above[cause], default=None)
            depths[place] = 1 + max(above.values(), default=-1)
        return depths[place]

    for place in range(len(causes)):
        depth(place)
    return parents
