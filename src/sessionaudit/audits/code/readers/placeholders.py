"""Turn the placeholders of libraries into the parameters of the server: `%s`, `%(name)s`, `:name`, `@name`, `?`.

All else of a statement stays as it is, so that what the server says of a position holds for the file.
"""

from __future__ import annotations

import re
from enum import Flag, auto
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


class Style(Flag):
    """How placeholders are written."""

    FORMAT = auto()  # %s, %(name)s; and %% for a percent sign
    COLON = auto()  # :name, and psql's :'name'
    MARK = auto()  # ?, where no operator can stand
    AT = auto()  # @name
    SQLC = auto()  # sqlc.arg(name), sqlc.narg(name)


class Numbered(NamedTuple):
    """A statement with parameters: `kept` has where each part that stays begins in it, and where in the text before."""

    text: str
    kept: tuple[tuple[int, int], ...]


_TOKENS = re.compile(
    r"""
      (?P<skip> [eE]'(?:[^'\\]|''|\\.)*' | (?<!:)'(?:[^']|'')*' | (?<!:)"(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/
              | \$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$ | :: | := )
    | (?P<number> \$(?P<n>[0-9]+) )
    | (?P<percent> %% )
    | (?P<format> %(?:\((?P<named>[^()]+)\))?[sbtd](?![A-Za-z0-9_]) )
    | (?P<colon> (?<![\w:\\\[\])]):(?:(?P<colon_name>[A-Za-z_]\w*)(?P<must>!?(?![=~]))|'(?P<psql>\w+)') )
    | (?P<at> (?<![\w@<>=~!?|&\#*+/-])@(?P<at_name>[A-Za-z_]\w*) )
    | (?P<sqlc> \bsqlc\.n?arg\(\s*['"]?(?P<arg>\w+)['"]?\s*\) )
    | (?P<mark> (?<![?@|&<>=!~\#-])\?(?![?|&]) | (?<==)\?(?![?|&]) )
    """,
    re.VERBOSE | re.DOTALL,
)
_STYLES = {
    "format": Style.FORMAT,
    "percent": Style.FORMAT,
    "colon": Style.COLON,
    "mark": Style.MARK,
    "at": Style.AT,
    "sqlc": Style.SQLC,
}
# Words behind which a value stands, so that `?` is none of JSON's operators.
_BEFORE_VALUE = frozenset(
    "and or not in like ilike between limit offset values select where when then else case is returning by on set from "
    "any all similar to interval".split()
)
_LAST_WORD = re.compile(r"(\w+|\"|\)|\]|')\s*\Z")


def numbered(text: str, styles: Style) -> Numbered:
    """Return a statement with the placeholders of some styles as parameters, each name once."""
    said: list[str] = []
    kept: list[tuple[int, int]] = []
    names: dict[str, int] = {}
    count = max((int(one["n"]) for one in _TOKENS.finditer(text) if one["number"]), default=0)
    length = position = 0
    for match in _of_styles(text, styles):
        part = text[position : match.start()]
        kept.append((length, position))
        if match["percent"]:
            put = "%"
        else:
            name = match["named"] or match["colon_name"] or match["psql"] or match["at_name"] or match["arg"]
            if name not in names or name is None:
                count += 1
            number = names.setdefault(name, count) if name else count
            put = f"${number}"
        said += [part, put]
        length += len(part) + len(put)
        position = match.end()
    kept.append((length, position))
    said.append(text[position:])
    return Numbered("".join(said), tuple(kept))


def _of_styles(text: str, styles: Style) -> Iterator[re.Match[str]]:
    for match in _TOKENS.finditer(text):
        style = _STYLES.get(match.lastgroup or "") or next((one for name, one in _STYLES.items() if match[name]), None)
        if style is None or style not in styles:
            continue
        if style is Style.MARK and _is_operator(text, match.start()):
            continue
        if style is Style.COLON and _in_brackets(text, match.start()):
            continue
        yield match


def _is_operator(text: str, at: int) -> bool:
    before = _LAST_WORD.search(text, max(0, at - 80), at)
    return before is not None and before[1].lower() not in _BEFORE_VALUE


def _in_brackets(text: str, at: int) -> bool:
    """Tell whether a colon divides the bounds of a slice, as in `list[a :b]`."""
    return text.rfind("[", 0, at) > text.rfind("]", 0, at)


def places(whole: Numbered, text: str, at: Span) -> tuple[tuple[int, Span], ...]:
    """Return the places of the parts of a statement that stands in a file, as `text`, at a place."""
    return tuple((offset, moved(text, at, before)) for offset, before in whole.kept)


def moved(text: str, at: Span, offset: int) -> Span:
    """Return the rest of a place, from an offset of the text that stands there."""
    lines = text.count("\n", 0, offset)
    column = offset - text.rfind("\n", 0, offset) if lines else at.column + offset
    return Span(at.file, at.line + lines, column, at.end_line, at.end_column)
