"""Find `:name` and `:name.column` in a statement, and number them as the server does.

Each occurrence is a parameter of its own: so the server types each by its place, and none by another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.sql.text import Token, UnclosedError, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Sequence


class NamedParameter(NamedTuple):
    """An occurrence: the value that it names, a column of that, or "", and where it stands in the text."""

    name: str
    column: str
    start: int
    end: int


class NumberedStatement(NamedTuple):
    """A statement with `$1`, `$2` and so on, and what each of them stands for."""

    text: str
    parameters: tuple[NamedParameter, ...]

    def offset(self, position: int) -> int:
        """Return the index in the text before, of a position from 1 of the numbered one."""
        index, grown = position - 1, 0
        for number, one in enumerate(self.parameters, start=1):
            length = len(f"${number}")
            if index < one.start + grown:
                break
            if index < one.start + grown + length:
                return one.start
            grown += length - (one.end - one.start)
        return max(index - grown, 0)


def numbered_statement(text: str) -> NumberedStatement:
    """Number the parameters of a statement. Raises UnclosedError where a quote is not closed."""
    found = tuple(_parameters(list(tokens(text))))
    result, at = "", 0
    for number, one in enumerate(found, start=1):
        result += f"{text[at : one.start]}${number}"
        at = one.end
    return NumberedStatement(result + text[at:], found)


def is_parameter(text: str) -> bool:
    """Whether a text is one parameter, and nothing else."""
    try:
        found = numbered_statement(text).parameters
    except UnclosedError:
        return False
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))


def foreign_parameter(text: str) -> int | None:
    """Return where a statement has a parameter `$1` of its own. Raises UnclosedError."""
    return next((token.start for token in tokens(text) if token.sort == "parameter"), None)


def _parameters(words: Sequence[Token]) -> list[NamedParameter]:
    found: list[NamedParameter] = []
    for index, token in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        if token.text != ":" or following is None or following.start != token.end or not _is_name(following):
            continue
        column = _column(words[index + 2 : index + 4], following.end)
        end = column.end if column else following.end
        found.append(NamedParameter(unquote(following.text), unquote(column.text) if column else "", token.start, end))
    return found


def _column(words: Sequence[Token], end: int) -> Token | None:
    """Return the name that follows after a dot, without a blank."""
    if len(words) == 2 and words[0].text == "." and (words[0].start, words[1].start) == (end, end + 1):
        return words[1] if _is_name(words[1]) else None
    return None


def _is_name(token: Token) -> bool:
    return token.sort in {"word", "quoted"}
