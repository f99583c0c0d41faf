"""A format of a page. Each kind of page has its own list of formats, which its commands offer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.report import Canvas

P = TypeVar("P")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Format(Generic[P]):
    """A format of a page: its name, and the module whose `render` spells the page, loaded when it is printed.

    `wants_fixes` tells that the page shows the SQL that repairs a finding, which is slow to make.
    """

    name: str
    module: str
    wants_fixes: bool = False

    def render(self, page: P, canvas: Canvas) -> str:
        """Spell a page; ends with a line break."""
        spell: Callable[[P, Canvas], str] = import_module(self.module).render
        return spell(page, canvas)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class StreamedFormat(Generic[W]):
    """A format of a page that is written as it comes: its name, and the module whose `writer` makes what spells it."""

    name: str
    module: str

    def writer(self, write: Callable[[str], None], *, terminal: bool) -> W:
        """What spells the page and hands it to `write`, piece by piece; on a terminal nothing may stay unseen."""
        make: Callable[[Callable[[str], None], bool], W] = import_module(self.module).writer
        return make(write, terminal)

    def __str__(self) -> str:
        return self.name
