"""Find the position in its contract file of a node, or of a character of a text. Lines and columns count from 1."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from sessionaudit.core.finding import Location

if TYPE_CHECKING:
    from sessionaudit.core.node import Node, Scalar

# The line breaks of a YAML file.
LINE_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")


@lru_cache(maxsize=4)  # most questions are about the text that was asked about before
def line_starts(source: str) -> tuple[int, ...]:
    """Return the index at which each line of a text begins."""
    return (0, *(match.end() for match in LINE_BREAK.finditer(source)))


def line_and_column(source: str, index: int) -> tuple[int, int]:
    """Return the line and the column of an index of a text."""
    starts = line_starts(source)
    line = bisect_right(starts, index)
    return line, index - starts[line - 1] + 1


def behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the place behind what matches at a place; the place itself if nothing does."""
    match = pattern.match(text, at)
    return match.end() if match else at


def where(node: Node) -> Location:
    """Return the location of a node in its file."""
    return Location(node.source.file, node.line, node.column)


def already(first: Node, second: Node) -> str:
    """Return a hint with the place of what a second node repeats."""
    same = first.source.file == second.source.file
    return f"It is already in line {first.line}." if same else f"It is already in {where(first)}."


_UNITS = {"'": r"''|\S", '"': r"\\(?:x..|u.{4}|U.{8}|\s|.)|\S"}  # compiled when first used
_BLANK_ESCAPES = frozenset(["\\" + letter for letter in "ntrvfNLP_"])


def place(scalar: Scalar, offset: int) -> Location:
    """Return the location in its file of the character at an offset of a scalar.

    YAML folds lines, removes indentation and replaces escapes, but it keeps the order of characters other than white
    space: the location is found by counting these.
    """
    file, source, _ = scalar.source
    start = line_starts(source)[scalar.line - 1] + scalar.column - 1
    if scalar.style in {"|", ">"}:
        header = LINE_BREAK.search(source, start)
        start = header.end() if header else len(source)
    elif scalar.style:
        start += 1
    wanted = sum(not character.isspace() for character in scalar[:offset])
    end = start
    for unit in re.compile(_UNITS.get(scalar.style, r"\S")).finditer(source, start):
        if not _blank(unit[0]):
            if not wanted and offset < len(scalar.rstrip()):
                return Location(file, *line_and_column(source, unit.start()))
            if not wanted:
                break
            wanted -= 1
            end = unit.end()
    return Location(file, *line_and_column(source, end))


def _blank(unit: str) -> bool:
    """Whether an escape in a double-quoted text denotes white space."""
    if len(unit) == 1 or unit[0] != "\\":
        return False
    letter = unit.encode("ascii", "replace").decode("unicode_escape") if len(unit) > 2 else unit[1]
    return unit in _BLANK_ESCAPES or letter.isspace()
