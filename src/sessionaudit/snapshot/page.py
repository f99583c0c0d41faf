"""A contract in YAML as a person would write it: an entry on one line wherever it fits.

PyYAML writes a document at once, and cannot be told which lists stand on one line; so the lines are put together here,
and the texts in them are spelled by the rules of `core.node`, which are those that the reader of contracts has.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.core.node import flow, in_quotes, surprising

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDEST = 120
_LONGEST_KEY = 1000  # YAML looks no further than 1,024 characters for the colon after a key
_INDENT = "  "
# A text that stands in no brackets and needs no quotes: it begins like a word or a parenthesis, and has no “: ”, “ #”.
_PLAIN = re.compile(r"[A-Za-z0-9_(/$.+][^\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u2028\u2029]*\Z")
_MARKS = re.compile(r":\s|\s#|:\Z|\s\Z")


class Said(dict[str, Any]):
    """A mapping that says something of one object, and stands in brackets where it fits on a line."""


class Unquoted(str):
    """A text that stands without quotes although YAML reads another type: true."""

    __slots__ = ()


def parts(value: Any) -> dict[str, Any] | None:
    """A value that is a mapping; None for another."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def lines(sections: Mapping[str, Any], remarks: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    """The lines of a contract's sections, with a blank line before each, and before each entry of several lines.

    `remarks` are comments, by the keys that lead to what they are about.
    """
    for section, found in sections.items():
        yield ""
        entries = parts(found)
        if entries is None:
            yield from _entry(f"{section}:", found, 0)
            continue
        yield f"{section}:"
        for number, (key, value) in enumerate(entries.items()):
            own = list(_lines({key: value}, remarks, (section,), 1))
            if number and (len(own) > 1):
                yield ""
            yield from own


def entry(key: str, value: Any, step: str = _INDENT) -> list[str]:
    """The lines of one entry, the first of them not indented; what is below another is indented by a `step`."""
    return list(_lines({key: value}, {}, (), 0, step))


def _lines(
    data: Mapping[str, Any],
    remarks: Mapping[tuple[str, ...], str],
    path: tuple[str, ...],
    depth: int,
    step: str = _INDENT,
) -> Iterator[str]:
    indent = step * depth
    for key, value in data.items():
        here = (*path, key)
        for line in remarks.get(here, "").splitlines():
            yield f"{indent}# {line}".rstrip()
        name = plain(key)
        if len(name) > _LONGEST_KEY:
            yield f"{indent}? {name}"
            name = ""
        start = f"{indent}{name}:"
        below = parts(value)
        if below and not _fits(below, len(start)):
            yield start
            yield from _lines(below, remarks, here, depth + 1, step)
        else:
            yield from _entry(start, value, depth, step)


def _fits(value: dict[str, Any], before: int) -> bool:
    return isinstance(value, Said) and before + 1 + len(flow(value)) <= _WIDEST


def _entry(start: str, value: Any, depth: int, step: str = _INDENT) -> Iterator[str]:
    below = parts(value)
    if value is None or below is not None:
        yield f"{start} {flow(below or {})}"
    elif isinstance(value, bool):
        yield f"{start} {str(value).lower()}"
    elif isinstance(value, list):
        items = cast("list[str]", value)
        found = flow(items)
        if len(start) + 1 + len(found) <= _WIDEST or not items:
            yield f"{start} {found}"
        else:
            yield start
            yield from (f"{step * (depth + 1)}- {flow(one)}" for one in items)
    elif "\n" in value and _block(value):
        yield f"{start} |{'' if value.endswith(chr(10)) else '-'}"
        yield from (f"{step * (depth + 1)}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
    else:
        yield f"{start} {plain(value)}"


def _block(text: str) -> bool:
    """Whether a text of several lines can stand as it is: it begins with no blank, and has nothing unseen."""
    return (
        not text.startswith((" ", "\n"))
        and not text.endswith("\n\n")
        and all(line.isprintable() or line.replace("\t", "").isprintable() for line in text.split("\n"))
    )


def plain(text: str) -> str:
    """A text that stands in no brackets, in quotes only where it must be."""
    return str(text) if isinstance(text, Unquoted) else _plain(text)


@lru_cache(maxsize=16384)  # most columns are alike in name and type
def _plain(text: str) -> str:
    if _PLAIN.match(text) and not _MARKS.search(text) and not surprising(text) and text.isprintable():
        return text
    return in_quotes(text)
