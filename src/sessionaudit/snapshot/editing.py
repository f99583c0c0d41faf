"""Changes what a YAML text says, and of the text only that: every other character stays as it stands.

A library that reads a text and writes it anew, as ruamel.yaml does, has its own mind about indentation, spaces in
brackets and blank lines. Here the places of the parts are known, and a part is replaced, added or removed where it is.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sessionaudit.contract.extents import extents, says
from sessionaudit.core.node import flow
from sessionaudit.core.place import line_and_column
from sessionaudit.errors import UsageError
from sessionaudit.snapshot import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.contract.extents import Data, Extent

Keys = tuple[str, ...]
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)")
_BLOCK = re.compile(r"[|>][-+0-9]*")
_BREAK = re.compile(r"\r\n|\n|\r")


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


class _Kept(NamedTuple):
    """A part of a list or a mapping that stays; what is inside it may change."""

    place: int


class _New(NamedTuple):
    """A part that is added: an entry under its key, or the item of a list, whose key is ""."""

    key: str
    value: Data


def rewritten(source: str, wanted: Data, file: str, renamed: Mapping[Keys, str] | None = None) -> str:
    """The text of a contract, changed so that it says what is wanted; what it says already keeps its spelling.

    `renamed` gives the new names of keys, which stand in `wanted`, by the keys that lead to them. Raises UsageError
    where the text cannot be changed without harm to the rest of it.
    """
    root, wanted = extents(source), _as_texts(wanted)
    editor = _Editor(source, file, root, renamed or {})
    editor.change(root, wanted, _Around((), -1, root.start, in_brackets=False))
    text = editor.done()
    if not says(text, wanted):
        raise editor.refused(root.start)
    return text


class _Around(NamedTuple):
    """What a part stands in: the keys that lead to it, the column of its key, where that ends, and brackets."""

    keys: Keys
    column: int
    colon: int
    in_brackets: bool


class _Editor:
    def __init__(self, source: str, file: str, root: Extent, renamed: Mapping[Keys, str]) -> None:
        self._source, self._file, self._renamed = source, file, renamed
        found = _BREAK.search(source)
        self._break = found[0] if found else "\n"
        self._edits: list[_Edit] = []
        below = (value.start for _, value in (root.entries or {}).values() if value.entries and value.style == "-")
        self._step = " " * max(map(self._column, below), default=2)

    def done(self) -> str:
        """The text with all changes."""
        text, begun = "", 0
        for one in sorted(self._edits, key=lambda edit: edit[:2]):
            text += self._source[begun : one.start] + one.text
            begun = max(begun, one.end)
        return text + self._source[begun:]

    def refused(self, index: int) -> UsageError:
        """The error that says where the text cannot be changed."""
        line, _ = line_and_column(self._source, index)
        return UsageError(
            f"{self._file}:{line}: what stands here cannot be changed without reformatting what is around it",
            hint="Change it yourself; --dry-run --only OBJECT shows what can be changed.",
        )

    def change(self, old: Extent, new: Data, around: _Around) -> None:
        """Make a part say something else."""
        data = old.data
        if data == new and not any(keys[: len(around.keys)] == around.keys for keys in self._renamed):
            return
        if old.entries and isinstance(new, dict) and new:
            self._mapping(old, old.entries, new, around)
        elif old.items and isinstance(new, list) and new:
            self._list(old, new, around)
        else:
            self._replace(old, new, around)

    def _replace(self, old: Extent, new: Data, around: _Around) -> None:
        in_lines = isinstance(new, dict) and new and not isinstance(new, page.Said) and not around.in_brackets
        if in_lines or old.style == "-":
            said = self._after_key(new, around)
            if old.style == "-":
                self._edits.append(_Edit(around.colon, around.colon, said))
                self._remove_lines(old.start, old.end)
            else:
                self._put(old, around.colon, said)
        else:
            text = self._text(new, old.style, around) if isinstance(new, str) else _in_brackets(new)
            self._put(old, old.start, text if old.end > old.start else f" {text}")

    def _put(self, old: Extent, start: int, text: str) -> None:
        """Put a text in the place of a part; the remark behind that stays on the first line, and is no part of it."""
        first, mark, rest = text.partition(self._break)
        block = _BLOCK.match(self._source, old.start) if old.style in {"|", ">"} else None
        end = block.end() if block else old.end
        rest_at = self._text_end(end)
        self._edits.append(_Edit(start, end, first))
        self._edits.append(_Edit(rest_at, max(rest_at, old.end), mark + rest))

    def _after_key(self, value: Data, around: _Around) -> str:
        """What stands behind the colon of a key that has this value, in lines where it takes some."""
        first, *rest = page.entry("k", value, self._step)
        return self._indented([first.removeprefix("k:"), *rest], around.column, first=False)

    def _text(self, text: str, style: str, around: _Around) -> str:
        if style == "'" and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        if style == '"':
            return json.dumps(text, ensure_ascii=not text.isprintable())
        return flow(text) if around.in_brackets else self._after_key(text, around).lstrip(" ")

    def _mapping(
        self, old: Extent, entries: dict[str, tuple[Extent, Extent]], new: dict[str, Data], around: _Around
    ) -> None:
        names = {self._renamed.get((*around.keys, key), key): key for key in entries}
        places = {key: place for place, key in enumerate(entries)}
        plan = [_Kept(places[names[key]]) if key in names else _New(key, value) for key, value in new.items()]
        if not names.keys() & new.keys():  # there is nothing by which to add
            self._replace(old, new, around)
            return
        for name, key in names.items():
            if name not in new:
                continue
            at, value = entries[key]
            keys = (*around.keys, key)
            in_brackets = around.in_brackets or old.style == "["
            if name != key:
                text = flow(name) if in_brackets else page.plain(name)
                self._edits.append(_Edit(at.start, at.end, text))
            colon = _COLON.match(self._source, at.end)
            if colon is None:
                raise self.refused(at.start)
            self.change(value, new[name], _Around(keys, self._column(at.start), colon.end(), in_brackets))
        self._parts(old, [(key.start, value.end) for key, value in entries.values()], plan, around)

    def _list(self, old: Extent, new: list[Data], around: _Around) -> None:
        before = [json.dumps(item.data) for item in old.items]
        plan: list[_Kept | _New] = []
        matcher = SequenceMatcher(None, before, [json.dumps(item) for item in new], autojunk=False)
        for what, start, end, first, last in matcher.get_opcodes():
            if what == "equal":
                plan += [_Kept(place) for place in range(start, end)]
            else:
                plan += [_New("", item) for item in new[first:last]]
        if any(isinstance(one, _Kept) for one in plan):
            self._parts(old, [(item.start, item.end) for item in old.items], plan, around)
        else:
            self._replace(old, new, around)

    def _parts(
        self, old: Extent, spans: Sequence[tuple[int, int]], plan: Sequence[_Kept | _New], around: _Around
    ) -> None:
        """Remove the parts that are not in the plan, and add the new ones, each behind the one before it."""
        kept = {one.place for one in plan if isinstance(one, _Kept)}
        if old.style == "[":
            self._remove_in_brackets(spans, kept)
        else:
            for place, (start, end) in enumerate(spans):
                if place not in kept:
                    self._remove_lines(start, end)
        last = -1
        for one in plan:
            if isinstance(one, _Kept):
                last = max(last, one.place)
            elif old.style == "[":
                at = spans[last][1] if last >= 0 else spans[min(kept)][0]
                text = f"{flow(one.key)}: {_in_brackets(one.value)}" if one.key else _in_brackets(one.value)
                self._edits.append(_Edit(at, at, f", {text}" if last >= 0 else f"{text}, "))
            else:
                self._add_lines(old, spans, last if last >= 0 else None, one, around)

    def _remove_in_brackets(self, spans: Sequence[tuple[int, int]], kept: set[int]) -> None:
        for place, (start, end) in enumerate(spans):
            if place in kept:
                continue
            after = place < max(kept)
            cut = (start, spans[place + 1][0]) if after else (spans[place - 1][1], end)  # with the comma before it
            if "#" in self._source[slice(*cut)] and "\n" in self._source[slice(*cut)]:
                raise self.refused(start)
            self._edits.append(_Edit(*cut, ""))

    def _remove_lines(self, start: int, end: int) -> None:
        """Remove the lines of a part, with one of two blank lines that would come together."""
        first = self._line_start(start)
        if self._source[first:start].strip(" -"):
            raise self.refused(start)
        last = self._line_end(end)
        before = self._line_start(first - len(self._ends(first))) if first else 0
        if first and not self._source[before:first].strip():
            after = self._source[last : self._line_end(last)]
            if not after.strip():
                first = before
        self._edits.append(_Edit(first, last, ""))

    def _add_lines(
        self, old: Extent, spans: Sequence[tuple[int, int]], place: int | None, new: _New, around: _Around
    ) -> None:
        column = self._column(old.start)
        lines = page.entry(new.key, new.value, self._step) if new.key else [f"- {page.plain(str(new.value))}"]
        depth = len(around.keys)
        spaced = depth == 0 or (depth == 1 and (len(spans) == 1 or self._has_blank(spans)))
        blank = [""] if new.key and spaced and (len(lines) > 1 or depth == 0) else []
        if place is None:
            at = self._line_start(spans[0][0])
            if self._source[at : spans[0][0]].strip():
                raise self.refused(old.start)
            self._edits.append(_Edit(at, at, self._indented(lines, column) + self._break))
            return
        at = self._line_end(spans[place][1])
        next_ = self._source[at : self._line_end(at)]
        text = self._indented([*blank, *lines, *(blank if next_.strip() else [])], column)
        self._edits.append(_Edit(at, at, text + self._break if self._ends(at) else self._break + text))

    def _has_blank(self, spans: Sequence[tuple[int, int]]) -> bool:
        return any(
            not line.strip()
            for (_, end), (start, _) in pairwise(spans)
            for line in self._source[self._line_end(end) : self._line_start(start)].splitlines()
        )

    def _indented(self, lines: Sequence[str], column: int, *, first: bool = True) -> str:
        blanks = " " * column
        return self._break.join(
            f"{blanks}{line}" if line and (first or place) else line for place, line in enumerate(lines)
        )

    def _column(self, index: int) -> int:
        return index - self._line_start(index)

    def _line_start(self, index: int) -> int:
        return max(self._source.rfind(mark, 0, index) for mark in "\n\r") + 1

    def _ends(self, index: int) -> str:
        """The line break right before an index; "" where there is none."""
        before = self._source[max(index - 2, 0) : index]
        return before if before == "\r\n" else before[-1:] if before.endswith(("\n", "\r")) else ""

    def _text_end(self, index: int) -> int:
        """Where the line of an index ends, before its break."""
        found = _BREAK.search(self._source, index)
        return found.start() if found else len(self._source)

    def _line_end(self, index: int) -> int:
        """Where the line after that of an index begins."""
        found = _BREAK.search(self._source, index)
        return found.end() if found else len(self._source)


def _as_texts(value: object) -> Any:
    """The same, with texts only: what YAML reads as another type stands bare."""
    if isinstance(value, bool):
        return page.Unquoted(str(value).lower())
    if (parts := page.parts(value)) is not None:
        found = {key: _as_texts(one) for key, one in parts.items()}
        return page.Said(found) if isinstance(value, page.Said) else found
    return [_as_texts(one) for one in cast("list[object]", value)] if isinstance(value, list) else value


def _in_brackets(value: Data) -> str:
    if isinstance(value, page.Unquoted):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {_in_brackets(one)}" for key, one in value.items()) + "}"
    return f"[{', '.join(map(_in_brackets, value))}]" if isinstance(value, list) else flow(value)
