"""Arrange findings as trees: below each, what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.finding import Finding


class Branch(NamedTuple):
    """A finding, and what follows from it."""

    finding: Finding
    follows: tuple[Branch, ...]


def forest(findings: Sequence[Finding]) -> tuple[Branch, ...]:
    """Return the findings that follow from no other, each with those that do: first those from which some follow.

    Each finding is there once: below that of its causes which is itself the furthest from a root.
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

    def branch(place: int) -> Branch:
        return Branch(findings[place], tuple(map(branch, below.get(place, ()))))

    roots = tuple(map(branch, below.get(None, ())))
    return tuple(sorted(roots, key=lambda root: not root.follows))


def in_order(branches: Iterable[Branch]) -> tuple[Finding, ...]:
    """Return the findings of trees, the causes first: all roots, then what follows from them at once, and so on."""
    found: list[Finding]
    level, found = list(branches), []
    while level:
        found += [branch.finding for branch in level]
        level = [inner for branch in level for inner in branch.follows]
    return tuple(found)


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
