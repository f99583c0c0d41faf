"""Define the page of a trace is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.story.trace import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class StoriesPage:
    """The stories, the ids that name no row or several, and the error that ended the trace early, if any."""

    stories: Sequence[Story]
    unfound: Sequence[Lookup] = ()
    error: Mapping[str, Any] | None = None
