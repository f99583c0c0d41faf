"""Wraps texts such that commands in them can still be copied and run.

A command is broken where no other place is left, between its words, and then as a shell continues a line: with `\\`.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"(?:`sessionaudit [^`\n]*`|[^\s])+")
_COMMAND = re.compile(r"(`)(sessionaudit [^`\n]*)(`.*)")
# A word of a shell, with what stands in quotes.
_WORD = re.compile(r"""(?:\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+""")
_MORE = " \\"
NARROWEST = 40


def fold(text: str, width: int, *, first: str = "", indent: int = 0) -> list[str]:
    """A text on lines of at most `width` characters; a word that is longer stays whole.

    `first` stands before it on the first line, `indent` blanks on the others. Blanks that do not belong to a command
    count as one.
    """
    lines: list[str] = []
    line, bare = first, True
    for token in _TOKEN.findall(text):
        space = "" if bare else " "
        if bare or len(line) + len(space) + len(token) <= width:
            line += space + token
        else:
            lines.append(line)
            line = " " * indent + token
        bare = False
        if len(line) > width and (match := _COMMAND.search(line)):
            *whole, line = command(match[2], width, first=line[: match.start(2)], indent=indent + 2, after=match[3])
            lines += whole
    return [*lines, line] if line.strip() or not lines else lines


def command(text: str, width: int, *, first: str = "", indent: int = 2, after: str = "") -> list[str]:
    """A command on lines that a shell takes for one; `after` ends the last of them."""
    lines: list[str] = []
    words = _WORD.findall(text) or [text]
    line = first + words[0]
    for place, word in enumerate(words[1:], start=1):
        end = len(after) if place == len(words) - 1 else len(_MORE)
        if len(line) + 1 + len(word) + end <= width:
            line += f" {word}"
        else:
            lines.append(line + _MORE)
            line = " " * indent + word
    return [*lines, line + after]
