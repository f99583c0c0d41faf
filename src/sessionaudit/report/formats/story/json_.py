"""Print the stories of rows as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import spelled_json
from sessionaudit.report.lookups import hits

if TYPE_CHECKING:
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.story.content import StoriesPage
    from sessionaudit.story.trace import Story

VERSION = 1


def render(page: StoriesPage, _canvas: Canvas) -> str:
    """Render a page; later versions may add keys, but never change or remove them."""
    told = {
        "version": VERSION,
        "stories": [_story(story) for story in page.stories],
        "unfound": [{"given": one.given, "reason": one.reason, "rows": hits(one.hits)} for one in page.unfound],
        "error": page.error,
    }
    return spelled_json(told) + "\n"


def _story(story: Story) -> dict[str, Any]:
    return {
        "subject": story.subject,
        "id": story.id,
        "given": story.given,
        "found_by": story.by or "id",
        "since": story.since,
        "whole": story.whole,
        "links": [
            {
                "name": one.name,
                "summary": one.summary,
                "state": str(one.state),
                "rows": list(one.rows),
                "missing_since": story.since if str(one.state) == "missing" else None,
                "reason": one.reason,
                "why": [
                    {
                        "code": finding.rule.code,
                        "rule": finding.rule.name,
                        "object": str(finding.ref),
                        "message": finding.message,
                        "location": {"file": finding.location.file, "line": finding.location.line}
                        if finding.location
                        else None,
                        "fingerprint": finding.fingerprint,
                    }
                    for finding in one.why
                ],
                "commands": list(one.commands),
            }
            for one in story.chapters
        ],
        "next": list(story.commands),
    }
