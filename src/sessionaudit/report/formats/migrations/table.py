"""Print migrations for people: a line for each, and below what is wrong, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.unseen import unseen
from sessionaudit.audits.migrations.verdicts import NOT_LOOKED_AT
from sessionaudit.core.counting import counted
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import visible
from sessionaudit.report.formats import table
from sessionaudit.report.formats.migrations.content import MigrationsPage, word
from sessionaudit.report.migration_sentences import causes_sentence
from sessionaudit.report.page import Page, PageOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.migrations.correction import LedgerCorrection
    from sessionaudit.audits.migrations.effects import ChangedRows, MigrationLocks, MigrationReplay
    from sessionaudit.audits.migrations.verdicts import MigrationVerdict
    from sessionaudit.core.finding import Location
    from sessionaudit.report import Canvas

_HEADS = ("migration", "ledger", "database", "verdict")
_STYLES = {"ok": "good", NOT_LOOKED_AT: "warn", "waived": "faint", "accepted": "faint", "left out": "faint"}
_DEEDS = {"added": "adds", "changed": "changes", "dropped": "drops"}
_ROWS = {"insert": "inserted", "copy": "copied", "update": "updated", "delete": "deleted"}
_UNMEASURED = (
    "not measured, as it runs in no transaction. By PostgreSQL's manual, what is done CONCURRENTLY, and VACUUM without "
    "FULL, takes ShareUpdateExclusiveLock on its table, which blocks other changes of the schema; VACUUM FULL takes "
    "AccessExclusiveLock, which blocks reads and writes"
)
_LEAST = 8  # characters of a file's name; a longer one has a line of its own


def render(page: MigrationsPage, canvas: Canvas) -> str:
    """Render the page; names are never cut, so a very long one may exceed the width."""
    lines = [*_Migrations(page, canvas).lines()]
    return "\n".join(lines) + "\n" + table.render(page.found.report, canvas, aside=causes_sentence(page.found))


class _Migrations(PageOf["MigrationsPage"]):
    def lines(self) -> Iterable[str]:
        rows = [self._row(one) for one in self._page.found.migrations]
        if rows:
            yield from self._table(rows)
            yield ""
        if self._page.found.detailed:
            for one in self._page.found.migrations:
                yield from self._effects(one)
        for correction in self._page.found.corrections:
            yield from correction_lines(self, correction)
            yield ""

    def _row(self, one: MigrationVerdict) -> tuple[str, str, str, str]:
        folder = self._page.found.examined.evidence.folder.path
        name = one.file.removeprefix(f"{folder}/") or one.version or one.name
        return visible(name), one.ledger or "-", one.database or "-", word(one, self._page)

    def _table(self, rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
        # What was not asked, as with --files-only, has no column.
        kept = [place for place in range(4) if place in {0, 3} or any(row[place] != "-" for row in rows)]
        heads, *rows = [tuple(row[place] for place in kept) for row in (_HEADS, *rows)]
        widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
        room = max(self.width - sum(widths[1:-1]) - min(widths[-1], 30) - 2 * len(kept[1:]), _LEAST)
        widths[0] = min(widths[0], room)
        yield self.paint(_spread(heads, widths), "faint")
        for row in rows:
            style = _STYLES.get(row[-1], "bad")
            first, shown = row[0], row
            if len(first) > widths[0]:
                yield first
                shown = ("", *row[1:])
            start = _spread((*shown[:-1], ""), widths)
            words = row[-1].split(", ")
            for place, text in enumerate(words):
                end = "," if place < len(words) - 1 else ""
                yield (start if not place else " " * len(start)) + self.paint(text + end, style)

    def _effects(self, one: MigrationVerdict) -> Iterable[str]:
        """Render what a file does, statement by statement."""
        replay = one.replay
        if replay is None or replay.state in {"code", "not-run"}:
            return
        yield self.paint(visible(one.file), "strong")
        told = sorted(_told(replay), key=lambda one: one[0].line)
        for location, text in told:
            yield from self.wrapped(text, 10, first=f"{location.line:>6}  ")
        if not told:
            yield "        no statement" if replay.state == "empty" else "        nothing that is looked at"
        yield ""
        if replay.locks is not None:
            yield from self._locks(replay.locks)

    def _locks(self, locks: MigrationLocks) -> Iterable[str]:
        """Render the locks on what was there before, in the words of a repair."""
        yield self.paint("Locks on what was there before, until the transaction ends", "strong")
        for one in locks.taken:
            text = f"{one.level} on {dotted(one.relation)}, which blocks {one.level.blocks}"
            yield from self.wrapped(text, 10, first=f"{one.location.line:>6}  ")
        for location in locks.unmeasured:
            yield from self.wrapped(_UNMEASURED, 10, first=f"{location.line:>6}  ")
        if not (locks.taken or locks.unmeasured):
            yield "        none"
        for path in locks.rewritten:
            yield from self.wrapped(f"{dotted(path)} is written anew, which takes as long as it is large", 8)
        yield ""


def _told(replay: MigrationReplay) -> Iterator[tuple[Location, str]]:
    """What each statement does, as far as that is known, and of which it is not."""
    for effect in replay.effects:
        facets = f": {', '.join(effect.facets)}" if effect.facets else ""
        yield effect.location, f"{_DEEDS[effect.deed]} {effect.ref}{facets}"
    for met in replay.met_existing:
        text = f"does nothing: {met.ref} was there before" + (f", made at {met.made_by}" if met.made_by else "")
        lacking = f". It lacks {', '.join(map(str, met.lacking))}" if met.lacking else ""
        yield met.location, text + lacking
    rows = replay.locks.rows if replay.locks else ()
    for changed in rows:
        yield changed.location, _rows_told(changed)
    counted_at = {changed.location for changed in rows}
    for one in unseen(replay):
        if one.location not in counted_at:
            yield one.location, f"not looked at: {one.words} …: {one.why}"
    for failure in replay.failures:
        yield failure.location, f"is rejected: {failure.message}"


def _rows_told(one: ChangedRows) -> str:
    of = f" of {', '.join(one.relations)}" if one.relations else ""
    if one.rows is None:
        return f"removes all rows{of}"
    how = _ROWS.get(one.deed, "changed")
    return f"changes rows{of}: {counted(one.rows, 'row')} {how} in the private server"


def _spread(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells[:-1], widths, strict=False)) + f"  {cells[-1]}"


def correction_lines(page: Page, one: LedgerCorrection) -> Iterable[str]:
    """Render how the ledger is corrected for a migration: the row, or the tool's own command."""
    where = one.file or one.version
    aside = f" Not looked at: {one.unproven}." if one.unproven else ""
    aside += f" --allow ledger leaves it: {one.refused}." if one.refused else ""
    yield from page.wrapped(f"To correct the ledger for {where}, after a look at what is said of it below:{aside}")
    yield from (f"  {visible(line)}" for line in one.sql.split("\n") if one.sql)
    if one.command:
        yield from page.wrapped("Or by the tool itself:" if one.sql else "By the tool itself:")
        yield f"  {visible(one.command)}"
