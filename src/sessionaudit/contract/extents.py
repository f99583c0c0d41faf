"""Where each part of a YAML text begins and ends, so that one can be replaced and all else stays as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator

Data = str | list["Data"] | dict[str, "Data"]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Extent(Struct):
    """A text, a list or a mapping from `start` to `end`, which are indexes of the source.

    `style` is that of a text: `'`, `"`, `|`, `>`, or "" where it stands bare; `[` for what stands in brackets, and `-`
    for a list or a mapping that stands in lines.
    """

    start: int
    end: int
    style: str
    text: str = ""
    items: list[Extent] = field(default_factory=list["Extent"])
    entries: dict[str, tuple[Extent, Extent]] | None = None

    @property
    def data(self) -> Data:
        """What it says."""
        if self.entries is not None:
            return {key: value.data for key, (_, value) in self.entries.items()}
        return [item.data for item in self.items] if self.style in {"[", "-"} else self.text


def extents(source: str) -> Extent:
    """The parts of a text that was read as a contract before, so that it is one mapping without tags and anchors."""
    events = yaml.parse(source, Loader=_Loader)
    next(events)
    next(events)
    return _Extents(source, events).of(next(events))


def says(source: str, data: Data) -> bool:
    """Whether a text is YAML and says this."""
    try:
        return extents(source).data == data
    except yaml.YAMLError:
        return False


class _Extents:
    def __init__(self, source: str, events: Iterator[yaml.Event]) -> None:
        self._source, self._events = source, events

    def of(self, event: yaml.Event) -> Extent:
        start, end = _span(event)
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            if style in {"|", ">"}:  # what the library counts to it ends where the next part begins
                end = start + len(self._source[start:end].rstrip())
            return Extent(start, end, style, event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            found = Extent(start, end, "[" if event.flow_style else "-")
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                found.items.append(self.of(inner))
            last = found.items[-1] if found.items else found
        else:
            entries: dict[str, tuple[Extent, Extent]] = {}
            found = last = Extent(start, end, "[" if getattr(event, "flow_style", False) else "-", entries=entries)
            while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
                key, last = self.of(inner), self.of(next(self._events))
                entries[key.text] = (key, last)
        found.end = _span(inner)[1] if found.style == "[" else last.end
        return found


def _span(event: yaml.Event) -> tuple[int, int]:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        raise AssertionError(event)
    return start.index, end.index
