"""Print what follows from a finding, as a tree below it: one entry for each rule at each height.

What the line above or the whole report makes clear is left out of a name, so that the whole story fits on a screen.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.counting import counted, listed_words, plural
from sessionaudit.core.finding import Severity
from sessionaudit.core.ref import ObjectRef, Spelled, dotted
from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import fold
from sessionaudit.kinds import KINDS
from sessionaudit.report.forest import alike
from sessionaudit.report.told import headline, listed_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.finding import Finding, Location, Skipped
    from sessionaudit.report.forest import AlikeBranches, Branch
    from sessionaudit.report.page import Page

_SO = "so:  "
_STEP = 2  # blanks by which each height is further right
_GAP = 2  # blanks before a place
_FEW = 8  # names of findings of one rule
_MANY = 3  # findings that follow, from which on they are counted
_MADE_UP = re.compile(r"_(?:pkey|fkey|key|check|excl|idx)\d*$")  # as PostgreSQL names constraints and indexes
_STARTS = "(?<![^\\s(“])"  # before a file's name: no part of a longer one
_PATHS = {kind.name: kind.path for kind in KINDS}


class _Above(Struct, frozen=True):
    """What the lines above an entry say: the findings right above, and all of them."""

    findings: Sequence[Finding]
    fingerprints: frozenset[str]


class TreePrinter:
    """Prints the trees of one page. If all objects in them are in one schema, no name repeats it."""

    def __init__(self, page: Page, roots: Iterable[Branch], contract: str) -> None:
        self._page, self._contract = page, contract
        self._bare_lines = False
        refs = {branch.finding.ref for root in roots for branch in root.every}
        schemas = {ref.path[place] for ref in refs if (place := _schema_place(ref)) is not None}
        self._schema = schemas.pop() if len(schemas) == 1 else ""

    @property
    def left_out(self) -> str:
        """What the lines that were printed leave out, as a sentence; "" if nothing."""
        told = [f"names without a schema are in {dotted((self._schema,))}"] if self._schema else []
        told += [f"lines without a file {'' if told else 'are '}in {self._contract}"] if self._bare_lines else []
        text = ", ".join(told)
        return f"{text[:1].upper()}{text[1:]}{'.' if text else ''}"

    def lines(self, root: Branch, indent: int) -> Iterator[str]:
        """Return the lines of all that follows from a root, whose own text begins after `indent` blanks."""
        above = _Above((root.finding,), frozenset((root.finding.fingerprint,)))
        yield from self._lines(alike(root.follows), root.unchecked, indent, above)

    def _lines(
        self, groups: Sequence[AlikeBranches], unchecked: Sequence[Skipped], indent: int, above: _Above
    ) -> Iterator[str]:
        for group in groups:
            yield from self._entry(group.findings, indent, above)
            known = above.fingerprints | {one.fingerprint for one in group.findings}
            yield from self._lines(group.follows, group.unchecked, indent + _STEP, _Above(group.findings, known))
        if unchecked:
            text = f"not checked: {listed_parts([one.what for one in unchecked])}"
            yield from self._page.wrapped(text, indent, "faint", _SO.rjust(indent))

    def _entry(self, findings: Sequence[Finding], indent: int, above: _Above) -> Iterator[str]:
        page, room = self._page, self._page.width - indent
        rule, worst = findings[0].rule, max(one.severity for one in findings)
        name = f"{rule.code} {rule.name}" if page.canvas.verbose else rule.name
        name = name if worst is Severity.ERROR else f"{worst} {name}"
        text, place = self._named(findings, above)
        first, *rest = fold(f"{name}{visible(text)}", room)
        lines, last = [page.paint(name, str(worst)) + first.removeprefix(name), *rest], [first, *rest][-1]
        bare = place.removeprefix(f"{visible(self._contract)}:")
        bare = "" if bare == place else f":{bare}"
        shown = next((one for one in (place, bare) if one and len(last) + _GAP + len(one) <= room), "")
        self._bare_lines |= bool(shown) and shown == bare
        if shown:
            lines[-1] += " " * (room - len(last) - len(shown)) + page.paint(shown, "faint")
        elif place:
            lines += [page.paint(line.rjust(room), "faint") for line in fold(place, room)]
        yield from (f"{'' if number else _SO:>{indent}}{line}" for number, line in enumerate(lines))
        if page.canvas.verbose:  # which rows
            for one in findings:
                if one.rows and one.actual:
                    yield from page.wrapped(one.actual, indent, "faint")
        causes = {cause.fingerprint: cause for one in findings for cause in one.because}
        for fingerprint, cause in causes.items():
            if fingerprint not in above.fingerprints:
                yield from page.wrapped(f"also because of {headline(cause)}", indent, "faint")

    def _named(self, findings: Sequence[Finding], above: _Above) -> tuple[str, str]:
        """What stands behind the name of a rule: of what, and where that is declared."""
        if all(map(_shown, findings)):
            folder, names = _in_folder(findings)
            return f"{folder}: {self._few(names)}", ""
        by_ref: dict[ObjectRef, list[Finding]] = {}
        for one in findings:
            by_ref.setdefault(one.ref, []).append(one)
        (file, *files) = sorted(_files(above.findings)) or [""]
        place = visible(_places(findings, "" if files or file == self._contract else file))
        (first, *more), kinds = by_ref, {ref.kind for ref in by_ref}
        if not more and all(one.ref.path == first.path for one in above.findings):
            facets = listed_words([one.facet for one in findings if one.facet]) if first.kind not in _PATHS else ""
            return f": {facets or f'the same {_kind(first)}'}{_rows(findings)}", place
        names = [
            (self._name(ref, several, facets=len(findings) > len(by_ref), kind=len(kinds) > 1), len(several))
            for ref, several in by_ref.items()
        ]
        kind = _kind(first) if len(kinds) == 1 and not _says(findings[0]) else ""
        kind = f"{plural(kind) if more else kind} " if kind else ""
        return f": {kind}{self._few(names)}", place

    def _name(self, ref: ObjectRef, findings: Sequence[Finding], *, facets: bool, kind: bool) -> str:
        """An object without what all have in common, with the parts of it that the findings are about."""
        place, path = _schema_place(ref), ref.path
        name = ref.dotted
        if place is not None and path[place] == self._schema:
            holder, last = path[-2:]
            named = len(path) > 2 and not place and last.startswith(f"{holder}_") and _MADE_UP.search(last)
            begins = dotted(path[:place])
            rest = name.removeprefix(f"{dotted(path[: place + 1])}.")
            name = dotted((last,)) if named else f"{begins}{'.' if begins else ''}{rest}"
        known = [one.facet for one in findings if one.facet] if facets or ref.kind not in _PATHS else []
        parts = f" ({', '.join(known)})" if known else ""
        return f"{f'{_kind(ref)} ' if kind else ''}{name}{parts}{_rows(findings)}"

    def _few(self, names: Sequence[tuple[str, int]]) -> str:
        """List names, each with how many findings it stands for; of many only the first."""
        shown = names if self._page.canvas.verbose else names[:_FEW]
        rest = sum(number for _, number in names[len(shown) :])
        return f"{', '.join(name for name, _ in shown)}{f' and {rest} more' if rest else ''}"


def rolled_up(root: Branch) -> str:
    """Say how much follows from a root, in all; "" if that is little."""
    findings = [branch.finding for branch in root.every][1:]
    unchecked = sum(len(branch.unchecked) for branch in root.every)
    rows = _counted_rows(findings)
    if len(findings) + unchecked < _MANY and not rows:
        return ""
    kinds = Counter(_kind(ref) for ref in dict.fromkeys(one.ref for one in findings))
    counts = [counted(number, kind) for kind, number in kinds.most_common()]
    counts += [rows] if rows else []
    counts += [f"{counted(unchecked, 'part')} not checked"] if unchecked else []
    return f"Because of this: {', '.join(counts)}."


def _counted_rows(findings: Iterable[Finding]) -> str:
    """Count the rows that findings concern; several of one table may concern the same, of which no keys are known."""
    by_holder: dict[str, list[int]] = {}
    for one in findings:
        if one.rows:
            by_holder.setdefault(one.holder, []).append(one.rows)
    number = sum(map(max, by_holder.values()))
    least = "at least " if any(len(numbers) > 1 for numbers in by_holder.values()) else ""
    return f"{least}{counted(number, 'row')}" if number else ""


def shortened(text: str, place: Location | None) -> str:
    """Shorten the places that a message names, where that of its finding stands above it."""
    if place is None or not place.line:
        return text
    text = re.sub(rf" \({re.escape(place.file)}:{place.line}(?::\d+)?\)", "", text)
    text = re.sub(rf"{_STARTS}{re.escape(place.file)}:(\d+)(?::\d+)?", r"line \1", text)
    folder = os.path.dirname(place.file)  # noqa: PTH120 - as it is printed
    return re.sub(rf"{_STARTS}{re.escape(folder)}/([^\s/]+?:\d+)(?::\d+)?", r"\1", text) if folder else text


def _kind(ref: ObjectRef) -> str:
    return ref.kind.replace("_", " ")


def _says(finding: Finding) -> bool:
    """Whether the name of its rule says what kind of object a finding is about."""
    return f"-{finding.ref.kind.replace('_', '-')}-" in f"-{finding.rule.name}-"


def _schema_place(ref: ObjectRef) -> int | None:
    """Where in a path the schema stands, if the object is in one: a publication is not, but its tables are."""
    path = _PATHS.get(ref.kind, ())[: len(ref.path)]
    place = path.index("schema") if "schema" in path and len(path) > 1 else None
    everywhere = place is not None and isinstance(ref.path[place], Spelled)  # default privileges, say
    return None if everywhere else place


def _rows(findings: Iterable[Finding]) -> str:
    rows = _counted_rows(findings)
    return f" ({rows})" if rows else ""


def _in_folder(findings: Sequence[Finding]) -> tuple[str, list[tuple[str, int]]]:
    """Return the places of calls in code, each with how many it stands for; the folder of several comes first."""
    lines = _lines_by_file(findings)
    parents = [PurePath(file).parent for file in lines]
    comparable = len({parent.is_absolute() for parent in parents}) == 1 < len(parents)
    folder = os.path.commonpath(parents) if comparable else ""
    names = {str(PurePath(file).relative_to(folder)) if folder else file: lines[file] for file in lines}
    return f" in {folder}" if folder else "", [(_place(file, at), len(at)) for file, at in names.items()]


def _places(findings: Sequence[Finding], above: str) -> str:
    """Where objects are declared; the only file that the line `above` names is left out."""
    return ", ".join(_place("" if file == above else file, at) for file, at in _lines_by_file(findings).items())


def _files(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(one.location.file for one in findings if one.location)


def _lines_by_file(findings: Iterable[Finding]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in sorted(one.location[:2] for one in findings if one.location):
        found.setdefault(place[0], []).append(place[1])
    return found


def _place(file: str, lines: Iterable[int]) -> str:
    """Spell several lines of a file; one line is named once, and 0 is none."""
    numbers = [str(line) for line in dict.fromkeys(lines) if line]
    if not numbers:
        return file
    few = f"{', '.join(numbers[:_FEW])}{' …' if len(numbers) > _FEW else ''}"
    return f"{file or 'same file'}:{few}"


def _shown(finding: Finding) -> bool:
    """Whether its place says more than the name of its object: that of a call in code."""
    return bool(finding.location and finding.location.snippet)
