"""Hold a text that a client sends, which knows where each of its characters stands in the code."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.audits.code.model import Fields, Items, Known, Span, Unknown, possible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.audits.code.model import CodeValue

# Stands in a text for what the code does not tell: a character of the private use area, which is in no name.
HOLE = "\ue000"
_LARGE, _SMALL = 1e21, 1e-6  # from where on JavaScript prints exponents


class Origin(NamedTuple):
    """From `start` on, a text is the literal `literal` at `at`, from its character `skipped` on."""

    start: int
    literal: str
    at: Span
    exact: bool = False
    skipped: int = 0


class WireText(Struct, frozen=True):
    """A text, and the literals of the code that it consists of; what is between them, the library adds."""

    text: str
    origins: tuple[Origin, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the code tells the whole text."""
        return HOLE not in self.text

    def span(self, start: int = 0, end: int | None = None) -> Span | None:
        """Return the place of a part; of its literal, where the part itself has none. None if nothing has a place."""
        origin = self._origin(start)
        if origin is None:
            return None
        offset = start - origin.start + origin.skipped
        if not origin.exact or not 0 <= offset < len(origin.literal):
            return origin.at
        last = max((len(self.text) if end is None else end) - 1, start)
        final = self._origin(last)
        ends = last - final.start + final.skipped + 1 if final and final.at == origin.at else offset + 1
        first = _moved(origin.at, origin.literal[:offset])
        then = _moved(origin.at, origin.literal[: max(ends, offset + 1)])
        return Span(origin.at.file, *first, *then)

    def covers(self, start: int) -> bool:
        """Whether the character at an offset stands in the code."""
        origin = self._origin(start)
        return origin is not None and origin.start <= start < origin.start + len(origin.literal) - origin.skipped

    def _origin(self, offset: int) -> Origin | None:
        found = [one for one in self.origins if one.start <= max(offset, 0)] or list(self.origins[:1])
        return found[-1] if found else None

    def __add__(self, other: WireText | str) -> WireText:
        if isinstance(other, str):
            return WireText(self.text + other, self.origins)
        moved = (one._replace(start=one.start + len(self.text)) for one in other.origins)
        return WireText(self.text + other.text, (*self.origins, *moved))

    def part(self, start: int, end: int | None = None) -> WireText:
        """Return a part of the text, with its places."""
        last = len(self.text) if end is None else end
        before = [one for one in self.origins if one.start <= start][-1:]
        inside = [one for one in self.origins if start < one.start < last]
        moved = [
            one._replace(start=0, skipped=one.skipped + start - one.start)
            for one in before
            if start - one.start + one.skipped < len(one.literal) or not one.exact
        ]
        return WireText(self.text[start:last], (*moved, *(one._replace(start=one.start - start) for one in inside)))

    def without(self, leave_out: Callable[[str], Iterable[int]]) -> WireText:
        """Return the text without some characters, given by a function that names their offsets."""
        result, at = WireText(""), 0
        for offset in leave_out(self.text):
            if offset > at:
                result += self.part(at, offset)
            at = offset + 1
        return result + self.part(at) if at else self


def _moved(at: Span, before: str) -> tuple[int, int]:
    lines = before.count("\n")
    column = len(before) - before.rfind("\n") if lines else at.column + len(before)
    return at.line + lines, column


def joined(texts: Iterable[WireText | str], between: str = "") -> WireText:
    """Join texts, with another between them."""
    result = WireText("")
    for number, text in enumerate(texts):
        result = (result + between if number else result) + text
    return result


def interpolated(value: CodeValue) -> WireText:
    """Return what JavaScript makes of a value in `${value}`; a list is joined by commas, an object is no use."""
    one = next(possible(value), None)
    if isinstance(one, Known):
        text = spelled(one.value)
        exact = one.exact and isinstance(one.value, str)
        return WireText(text, (Origin(0, text, one.at, exact),))
    if isinstance(one, Items):
        return listed(one)
    if isinstance(one, Fields):
        return WireText("[object Object]", (Origin(0, "[object Object]", one.at),))
    if isinstance(one, Unknown) and one.parts:
        return joined(interpolated(part) for part in one.parts)
    at = one.at if isinstance(one, Unknown) else value.at
    return WireText(HOLE, (Origin(0, HOLE, at),))


def listed(items: Items) -> WireText:
    """Return what `values.join(',')` makes of a list, in which null is nothing."""
    texts = [
        WireText("", (Origin(0, "", one.at),)) if isinstance(one, Known) and one.value is None else interpolated(one)
        for one in items.values
    ]
    return joined([*texts, *([WireText(HOLE)] if items.open else [])], ",")


def spelled(value: str | int | float | bool | None) -> str:
    """Spell a value as JavaScript's `String` does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    if math.isnan(number) or math.isinf(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number.is_integer() and abs(number) < _LARGE:
        return str(int(number))
    text = repr(number)
    if "e" in text:
        if _SMALL <= abs(number) < 1:
            return f"{number:.20f}".rstrip("0")
        mantissa, _, power = text.partition("e")
        sign = power[0] if power[0] in "+-" else "+"
        return f"{mantissa.removesuffix('.0')}e{sign}{power.lstrip('+-0')}"
    return text


class UnknownPartError(ValueError):
    """A value has a part that the code does not tell."""


def json_text(value: CodeValue) -> str:
    """Return what `JSON.stringify` makes of a value. Raises UnknownPartError where a part of it is not known."""
    one = next(possible(value), None)
    if isinstance(one, Known):
        if isinstance(one.value, float) and not math.isfinite(one.value):
            return "null"
        if isinstance(one.value, str):
            return json.dumps(one.value, ensure_ascii=False)
        return spelled(one.value)
    if isinstance(one, Items) and not one.open:
        return f"[{','.join(map(json_text, one.values))}]"
    if isinstance(one, Fields) and not one.open:
        last = {field.name: field for field in one.fields}
        pairs = (f"{json.dumps(name, ensure_ascii=False)}:{json_text(last[name].value)}" for name in last)
        return f"{{{','.join(pairs)}}}"
    raise UnknownPartError(str(value.at))
