"""Define the formats of pages. Each kind of page has its own list of formats, which its commands offer."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sessionaudit.report import Canvas

P = TypeVar("P")
W = TypeVar("W")


class Format(Struct, Generic[P], frozen=True):
    """A format of a page: its name, and the module whose `render` prints the page, loaded when needed.

    `wants_fixes` says that the page shows the SQL that repairs a finding, which is slow to make. `of_checklist` says
    that the page is the contract's checklist, so that the call asks whether each of its sentences is true. `styled`
    says that it has colours, and details that --verbose asks for; `has_plans`, that it shows query plans, `has_forest`,
    that it shows what follows from what, unless --flat asks for a list, `has_links`, that rules link to their
    pages. `part` takes from the page what the module prints, where that is not all of it.
    """

    name: str
    module: str
    wants_fixes: bool = False
    of_checklist: bool = False
    styled: bool = False
    has_plans: bool = False
    has_forest: bool = False
    has_links: bool = False
    part: Callable[[P], Any] | None = None

    def render(self, page: P, canvas: Canvas) -> str:
        """Render a page; the text ends with a line break."""
        spell: Callable[[Any, Canvas], str] = import_module(self.module).render
        return spell(self.part(page) if self.part else page, canvas)

    def render_error(self, error: Mapping[str, Any], canvas: Canvas) -> str:
        """Render an error (`report.errors`) in place of the page; "" if the format has no way to tell one."""
        spell: Callable[[Mapping[str, Any], Canvas], str] | None
        spell = getattr(import_module(self.module), "render_error", None)
        return spell(error, canvas) if spell else ""

    def __str__(self) -> str:
        return self.name


class StreamedFormat(Struct, Generic[W], frozen=True):
    """A format of a page that is written piece by piece: its name, and the module with its `writer`."""

    name: str
    module: str

    def writer(self, write: Callable[[str], None], *, width: int | None) -> W:
        """Return the writer of the page, which passes each piece to `write`.

        `width` is that of a terminal, which needs escapes; None for a file or a pipe.
        """
        make: Callable[[Callable[[str], None], int | None], W] = import_module(self.module).writer
        return make(write, width)

    def __str__(self) -> str:
        return self.name
