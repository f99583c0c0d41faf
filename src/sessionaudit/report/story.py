"""The story of one row: as a tree for people, as JSON for programs."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import spelled_json, visible
from sessionaudit.report.mended import hits, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.core.finding import Finding
    from sessionaudit.data.lookup import Lookup
    from sessionaudit.data.trace import Chapter, Story
    from sessionaudit.report import Canvas

VERSION = 1
_STYLES = {"there": "green", "missing": "bold red", "not needed": "dim", "not known": "yellow"}
_NARROWEST = 40


def tree(story: Story, canvas: Canvas) -> str:
    """The links one below the other, with what is shown of each, why it is missing, and what mends it."""
    age = f", {story.age} ago" if story.age else ""
    found = f", found by {story.by} “{story.given}”" if story.by else ""
    lines = [visible(f"{story.subject} {story.id}{found}" + (f", since {story.since}{age}" if story.since else ""))]
    name_width = max(len(one.name) for one in story.chapters) if story.chapters else 0
    told: set[str] = set()
    for index, chapter in enumerate(story.chapters):
        last = index == len(story.chapters) - 1
        state = f"{chapter.state:<10}"
        if canvas.colour:
            from rich.style import Style  # noqa: PLC0415 - without colours rich is not needed

            state = Style.parse(_STYLES[str(chapter.state)]).render(state)
        lines.append(f"{'└─' if last else '├─'} {state}  {chapter.name:<{name_width}}  {visible(chapter.summary)}")
        stem = "   " if last else "│  "
        for label, text in _told(chapter, story):
            if label == "why: " and text in told:  # once is enough
                continue
            told.add(text)
            start = f"{stem}            {visible(label)}"
            broken = wrap(visible(text), max(canvas.width - len(start), _NARROWEST), break_on_hyphens=False)
            lines += [
                (start if not at else f"{stem}            {'':<{len(label)}}") + line for at, line in enumerate(broken)
            ]
    lines += _next(story)
    return "\n".join(lines) + "\n"


def _told(chapter: Chapter, story: Story) -> Iterable[tuple[str, str]]:
    for row in chapter.rows:
        yield "", ", ".join(f"{label} {value}" for label, value in row.items() if value is not None)
    if str(chapter.state) == "missing" and story.since:
        yield "", f"missing since {story.since}" + (f", that is {story.age}" if story.age else "")
    if chapter.reason:
        yield "", chapter.reason
    for finding in chapter.why:
        yield "why: ", f"{_place(finding)}{finding.rule.code} {finding.rule.name}: {finding.message}"
    for command in chapter.commands:
        yield "run: ", command


def _place(finding: Finding) -> str:
    return f"{finding.location.file}:{finding.location.line}: " if finding.location else ""


def _next(story: Story) -> list[str]:
    if story.whole:
        return ["", "Nothing is missing."]
    return ["", *(f"Next: {visible(command)}" for command in story.commands or ("sessionaudit check",))]


def lost(lookup: Lookup) -> list[str]:
    """Of an id that names no row, or several, what it finds: a line for each."""
    rows = [f"  {line}" for line in rows_of(lookup.hits)]
    return [f"error: “{lookup.given}”: {lookup.reason}", *rows, *(["  …"] if lookup.more else [])]


def data(stories: Sequence[Story], unfound: Sequence[Lookup], *, error: Mapping[str, Any] | None) -> str:
    """The same of all as one JSON object; `error` is what ended it before its time."""
    told = {
        "version": VERSION,
        "stories": [_story(story) for story in stories],
        "unfound": [{"given": one.given, "reason": one.reason, "rows": hits(one.hits)} for one in unfound],
        "error": error,
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
