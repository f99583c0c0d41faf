"""Find the rows of each VALUES of a statement, and what the statement is with one of them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.sql.text import Token


class RowOfSeveral(NamedTuple):
    """One row of a VALUES: the statement with it alone, where the row stands in both, and whether it says null."""

    text: str
    first: int
    end: int
    moved: int
    has_null: bool

    def position(self, alone: int) -> int:
        """Return where a part of it stands in the whole statement, from 1; 0 for what stands elsewhere."""
        return alone + self.moved if self.first < alone <= self.end else 0


def rows_of_values(text: str, words: Sequence[Token]) -> list[list[RowOfSeveral]]:
    """Return the rows of each VALUES, in the order of the text."""
    return [_alone(text, _rows(words[place + 1 :])) for place in range(len(words)) if _opens(words[place : place + 2])]


def is_null(token: Token) -> bool:
    """Whether it is the word null."""
    return token.sort == "word" and token.text.lower() == "null"


def _opens(words: Sequence[Token]) -> bool:
    return [word.text.lower() for word in words] == ["values", "("] and words[0].sort == "word"


def _rows(words: Sequence[Token]) -> list[list[Token]]:
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in words:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth > 0 or (depth == 0 and token.text == ")"):
            rows[-1].append(token)
        elif depth == 0 and token.text == ",":
            rows.append([])
        else:
            break
    return [row for row in rows if row]


def _alone(text: str, rows: Sequence[Sequence[Token]]) -> list[RowOfSeveral]:
    first, last = rows[0][0].start, rows[-1][-1].end
    found: list[RowOfSeveral] = []
    for row in rows:
        begin, end = row[0].start, row[-1].end
        alone = f"{text[:first]}{text[begin:end]}{text[last:]}"
        found.append(RowOfSeveral(alone, first, first + end - begin, begin - first, any(map(is_null, row))))
    return found
