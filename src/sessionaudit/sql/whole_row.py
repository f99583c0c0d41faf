"""Replace whole-row references, such as `t` in `is_open(t)`: a copy of the table does not have the table's type.

A null of that type replaces the reference while the server prints the expression, and is replaced back afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.text import quoted, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.sql.text import Token


def mentioned(text: str, names: Sequence[str]) -> bool:
    """Whether one of the names may be a whole-row reference."""
    found = [*tokens(text)]
    return any(_stands(found, index, names) for index in range(len(found)))


def lent(text: str, names: Sequence[str], type_: str) -> str | None:
    """Replace whole-row references by these names with nulls of the type.

    Returns None if this is not safe: a subquery may use one of the names for something else, and a row within a row is
    parsed and printed as its columns.
    """
    found = [*tokens(text)]
    if any(token.text.lower() in {"from", "row"} for token in found):
        return None
    result, position = "", 0
    for index, token in enumerate(found):
        if _stands(found, index, names):
            star = _text(found, index + 1) == "."
            if star and not (_text(found, index - 1) == "(" and _text(found, index + 3) == ")"):
                return None
            result += text[position : token.start] + _null(names.index(unquote(token.text)), type_)
            position = found[index + 2].end if star else token.end
    return result + text[position:]


def returned(printed: str, names: Sequence[str], type_: str) -> str:
    """Replace the nulls in the server's text with the whole-row references."""
    for place, name in enumerate(names):
        printed = printed.replace(_null(place, type_), f"{quoted(name)}.*")
    return printed


def has_null(text: str, type_: str) -> bool:
    """Whether a text itself contains such a null."""
    return f"null::{type_}[]" in text.lower()


def _null(place: int, type_: str) -> str:
    return f"(NULL::{type_}[])[{place + 1}]"


def _stands(found: Sequence[Token], index: int, names: Sequence[str]) -> bool:
    token = found[index]
    if token.sort not in {"word", "quoted"} or unquote(token.text) not in names:
        return False
    before, after = _text(found, index - 1), _text(found, index + 1)
    return before not in {".", "::"} and after != "(" and (after != "." or _text(found, index + 2) == "*")


def _text(found: Sequence[Token], index: int) -> str:
    return found[index].text if 0 <= index < len(found) else ""
