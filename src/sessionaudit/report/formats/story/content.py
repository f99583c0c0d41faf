"""Define the page of a trace is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.story.trace import Story


class StoriesPage(Struct, frozen=True, kw_only=True):
    """The stories, the ids that name no row or several, and the error that ended the trace early, if any."""

    stories: Sequence[Story]
    unfound: Sequence[Lookup] = ()
    error: Mapping[str, Any] | None = None
