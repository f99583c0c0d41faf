"""A format of a page. Each kind of page has its own list of formats, which its commands offer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.report import Canvas

P = TypeVar("P")


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
