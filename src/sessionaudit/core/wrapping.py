"""Wrap texts so that commands in them can still be copied and run.

A command is broken only if it does not fit on a line, between words, with a `\\` as in a shell.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"(?:`sessionaudit [^`\n]*`|[^\s])+")
_COMMAND = re.compile(r"(`)(sessionaudit [^`\n]*)(`.*)")
# A shell word, including its quoted parts.
_WORD = re.compile(r"""(?:\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+""")
_MORE = " \\"
NARROWEST = 40


def fold(text: str, width: int, *, first: str = "", indent: int = 0) -> list[str]:
    """Wrap a text to lines of at most `width` characters; a longer word stays whole.

    `first` precedes the first line, `indent` blanks precede the others. Several blanks outside of commands become one.
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
    """Wrap a command to lines that a shell joins; `after` ends the last one."""
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
