"""Which statement of a file did what: from the rows of the catalogs that it wrote, and from what triggers noted.

A row says which command wrote it last, and the notes which command belongs to which statement. So what was made has the
statement that wrote its row, unless an earlier one touched the same relation and names the object; what was dropped has
the statement that the trigger saw drop it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.postgres.catalog_change import CatalogChange
    from sessionaudit.postgres.known_rows import CatalogEvent, CatalogRow
    from sessionaudit.sql.statements import SqlStatement

_OF_PRIVILEGES = {"grant", "revoke"}
_OF_GRANTS = "grant"
_WORDS = re.compile(r"[\w$]+")


class NotedEvent(NamedTuple):
    """What a trigger noted, and by which transaction and command: those of the rows that were written before."""

    event: CatalogEvent
    xid: int
    command: int


class Attribution:
    """The statements of one file, by what they did; `place` gives the path of a relation."""

    def __init__(
        self,
        statements: Sequence[SqlStatement],
        noted: Iterable[NotedEvent],
        change: CatalogChange,
        place: Callable[[int], ObjectPath | None],
    ) -> None:
        self._statements, self._place = statements, place
        known = sorted((one for one in noted if 0 <= one.event.statement < len(statements)), key=_when)
        self._ends = [_when(one) for one in known]
        self._numbers = [one.event.statement for one in known]
        self._wrote: dict[ObjectPath, set[int]] = {}
        self._touched: dict[ObjectPath, set[int]] = {}
        paths: dict[tuple[int, int], set[ObjectPath]] = {}
        for row in change.rows:
            number = self._writer(row)
            for path in self._paths(row):
                paths.setdefault((row.class_, row.oid), set()).add(path)
                if number is not None:
                    self._wrote.setdefault(path, set()).add(number)
                    self._touched.setdefault(path[:2], set()).add(number)
            if row.relation:
                paths.setdefault((row.class_, row.oid), set()).update(filter(None, [place(row.relation)]))
        for one in known:
            for path in paths.get((one.event.class_, one.event.oid), ()):
                self._touched.setdefault(path[:2], set()).add(one.event.statement)
        self._lost: dict[ObjectPath, int] = {}
        for number, row in change.lost:
            for path in self._paths(row):
                self._lost.setdefault(path, number)
        self._tagged = sorted(set(self._numbers))
        self._cut: dict[int, frozenset[str]] = {}

    def made(self, ref: ObjectRef) -> int:
        """The statement that made an object."""
        writer = max(self._wrote.get(ref.path, ()), default=None)
        touching = sorted(self._touched.get(ref.path[:2], ()))
        if writer is None:
            return self._unseen(ref, touching, last=False)
        early = (number for number in touching if number <= writer)
        return next((number for number in early if self._names(number, ref) and not self._drops(number)), writer)

    def changed(self, ref: ObjectRef, facets: Sequence[str]) -> int:
        """The statement that changed facets of an object last."""
        written = self._wrote.get(ref.path)
        if not written:
            return self._unseen(ref, sorted(self._touched.get(ref.path[:2], ())), last=True)
        writer = max(written)
        if self._verb(writer) in _OF_PRIVILEGES and not any(_OF_GRANTS in facet for facet in facets):
            # The row has the privileges, too, and was written once more for these.
            others = [one for one in self._touched.get(ref.path[:2], ()) if self._verb(one) not in _OF_PRIVILEGES]
            return max((one for one in others if self._verb(one) == "alter"), default=max(others, default=writer))
        return writer

    def dropped(self, ref: ObjectRef) -> int:
        """The statement that dropped an object, or gave it another name."""
        for length in range(len(ref.path), 1, -1):
            if ref.path[:length] in self._lost:
                return max(self._lost[ref.path[:length]], 0)
        return self._unseen(ref, [], last=True)

    def _unseen(self, ref: ObjectRef, touching: Sequence[int], *, last: bool) -> int:
        """Whose row does not tell, as privileges have none of their own, and what is printed with another's name.

        That is the first or last statement that names most of it, one that gives or takes privileges before others.
        """
        parts = [part for name in ref.path for part in _WORDS.findall(name.lower())]
        on = _WORDS.findall(ref.path[1].lower()) if len(ref.path) > 1 else []
        ranked = [
            (self._is_about(number, on), hits, number in touching, number if last else -number)
            for number in range(len(self._statements))
            if (hits := sum(part in self._words(number) for part in parts))
        ]
        if ranked:
            return abs(max(ranked)[-1])
        return touching[0] if touching else self._tagged[-1] if self._tagged else 0

    def _is_about(self, number: int, on: Sequence[str]) -> bool:
        """Whether a statement gives privileges on what has these words for a name, or a comment where it has none."""
        verb = self._verb(number)
        if not on:
            return verb == "comment"
        words = self._words(number)
        return verb in _OF_PRIVILEGES and (words.issuperset(on) or words >= {"all", "in", "schema"})

    def _names(self, number: int, ref: ObjectRef) -> bool:
        last = ref.path[-1].partition("(")[0] or ref.path[-2]
        return all(part in self._words(number) for part in _WORDS.findall(last.lower()))

    def _words(self, number: int) -> frozenset[str]:
        """The words of a statement, also of those in quotes."""
        if number not in self._cut:
            self._cut[number] = frozenset(_WORDS.findall(self._statements[number].text.lower()))
        return self._cut[number]

    def _verb(self, number: int) -> str:
        return self._statements[number].words[0]

    def _drops(self, number: int) -> bool:
        return self._verb(number) == "drop"

    def _writer(self, row: CatalogRow) -> int | None:
        place = bisect_left(self._ends, (row.xid, row.command))
        return self._numbers[place] if place < len(self._numbers) else None

    def _paths(self, row: CatalogRow) -> Iterator[ObjectPath]:
        """The paths of what a row is about: its own, and that on its relation."""
        if not row.path:
            return
        yield tuple(row.path)
        on = self._place(row.relation) if row.relation else None
        if on is not None and row.oid != row.relation:
            yield (*on, row.path[-1])


def _when(one: NotedEvent) -> tuple[int, int]:
    return one.xid, one.command
