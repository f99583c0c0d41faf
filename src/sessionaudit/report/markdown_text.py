"""Spell text from outside as Markdown, so that it shows as it is: without marks, links, mentions or HTML of its own.

Backslashes keep marks from being marks (CommonMark). A mention, a number of an issue or an address has no such escape:
GitHub and GitLab read them in the text that results, but not in code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.visible import visible, visible_page

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = re.compile(r"[\\`*_\[\]<>&|~#$]")
# A word; a part of a name that SQL quotes belongs to it, with its blanks.
_WORDS = re.compile(r"""(?:(?<=[\w"]\.)"(?:[^"]|"")*"|"(?:[^"]|"")*"(?=\.[\w"])|[^ ])+""")
_COMMAND = re.compile(r"(?<![^\s(\u201c])`(\w(?:[^`]*[^`\s])?)`(?![^\s).,;:!?\u201d])")
_AT_START = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")
_QUOTES = "\u201c\u201d\u2018\u2019\"'"
_WORD = re.compile(rf"(?P<lead>[({_QUOTES}]*)(?P<core>.*?)(?P<trail>[){_QUOTES}.,;:?…]*)", re.DOTALL)
# A name with a part that SQL quotes: its own quotes are no marks of the sentence.
_QUOTED = re.compile(
    rf"""(?P<lead>[({_QUOTES[:4]}']*)(?P<core>(?=[^"]*"(?:[^"]|"")*")(?:"(?:[^"]|"")*"|[\w$]+)(?:\."""
    rf"""(?:"(?:[^"]|"")*"|[\w$]+))+)(?P<trail>[){_QUOTES[:4]}'.,;:?…]*)"""
)
# Names read better as code; the others would be links, mentions, emoji or formulas.
_AS_CODE = re.compile(
    r"""_|\w\.["\w]|"\.\w|@|//|www\.|(?:^|\W)[\#!~%&$^][\w"]|\bGH-\d|:[\w+-]+:|\b[0-9a-fA-F]{7,}\b""",
)


def plain(text: str) -> str:
    """Spell a text as a part of a paragraph, on one line; what is between backticks, as our commands are, is code."""
    said: list[str] = []
    for part, is_command in split_commands(visible(" ".join(text.split()))):
        said.append(code(part) if is_command else _WORDS.sub(lambda word: _word(word[0]), part))
    return _AT_START.sub(_started, "".join(said))


def sentence(text: str) -> str:
    """Spell a sentence of our own, in which all that stands between backticks is code."""
    parts = (
        code(part) if place % 2 else _WORDS.sub(lambda word: _word(word[0]), part)
        for place, part in enumerate(text.split("`"))
    )
    return "".join(parts)


def split_commands(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text into its parts, each with whether it is a command, which our sentences have between backticks."""
    return ((part, place % 2 == 1) for place, part in enumerate(_COMMAND.split(text)))


def code(text: str) -> str:
    """Spell a text as code, on one line; a line break in it is visible."""
    text = visible(text) or " "
    fence = "`" * (_longest_run(text) + 1)
    # One blank at each end is taken away by who reads it, unless there is nothing else.
    pad = " " if "`" in {text[0], text[-1]} or (text[0] == text[-1] == " " and text.strip(" ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def cell(text: str) -> str:
    """Spell a piece of Markdown as a cell of a table, in which a bar ends the cell even in code."""
    return text.replace("|", r"\|")


def block(text: str, language: str = "") -> list[str]:
    """Spell a text of several lines as a block of code."""
    text = visible_page(text)
    fence = "`" * max(_longest_run(text) + 1, 3)
    return [f"{fence}{language}", *text.split("\n"), fence]


def _word(word: str) -> str:
    match = _QUOTED.fullmatch(word) or _WORD.fullmatch(word)
    if match is None or not match["core"]:
        return _MARKS.sub(r"\\\g<0>", word)
    lead, core, trail = match.group("lead", "core", "trail")
    return lead + (code(core) if _AS_CODE.search(core) else _MARKS.sub(r"\\\g<0>", core)) + trail


def _started(match: re.Match[str]) -> str:
    """Keep the start of a paragraph from being that of a list."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
