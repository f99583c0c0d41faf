"""The lines in which two texts of several lines differ, with a few around them."""

from __future__ import annotations

from difflib import SequenceMatcher

EXPECTED, ACTUAL, BOTH, LEFT_OUT = "-", "+", " ", "…"
_LEAST = 4  # lines; shorter texts are shown whole
_MOST = 5_000  # lines; comparing takes time that grows with their square
_AROUND = 2
_SHORT = 40  # lines, at most


def lines_apart(expected: str, actual: str) -> list[tuple[str, str]]:
    """Return the lines of two texts that differ, each with its mark; none if the whole texts are easier to read.

    Lines that differ only in blanks are the same. LEFT_OUT stands for equal lines.
    """
    sides = [text.expandtabs().strip("\n").split("\n") for text in (expected, actual)]
    if min(map(len, sides)) < _LEAST or max(map(len, sides)) > _MOST:
        return []
    before, after = sides
    plain = [[" ".join(line.split()) for line in side] for side in sides]
    found: list[tuple[str, str]] = []
    end_of_last = 0
    for group in SequenceMatcher(None, plain[0], plain[1], autojunk=False).get_grouped_opcodes(_AROUND):
        if found or group[0][1]:
            found.append((LEFT_OUT, ""))
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                found += [(BOTH, line) for line in after[other_start:other_end]]
                continue
            found += [(EXPECTED, line) for line in before[start:end]]
            found += [(ACTUAL, line) for line in after[other_start:other_end]]
        end_of_last = group[-1][2]
    differing = sum(mark in {EXPECTED, ACTUAL} for mark, _ in found)
    if not found or len(found) > _SHORT or 2 * differing > len(before) + len(after):
        return []
    return [*found, (LEFT_OUT, "")] if end_of_last < len(before) else found
