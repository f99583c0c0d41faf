"""Print the stories of rows for people: a tree of links for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import command, fold
from sessionaudit.report.lookups import rows_of
from sessionaudit.report.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.core.finding import Finding
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.story.content import StoriesPage
    from sessionaudit.story.trace import Chapter, Story

_STYLES = {"there": "good", "missing": "bad", "not needed": "faint", "not known": "warn"}
_LEAST = 20


def render(page: StoriesPage, canvas: Canvas) -> str:
    """Render the trees one below the other, without the ids that name no row."""
    return "\n".join(_tree(story, canvas) for story in page.stories)


def _tree(story: Story, canvas: Canvas) -> str:
    """Render the links, each with its shown values, why it is missing, and the commands that repair it."""
    age = f", {story.age} ago" if story.age else ""
    page = Page(canvas)
    width = page.width
    found = f", found by {story.by} “{story.given}”" if story.by else ""
    header = f"{story.subject} {story.id}{found}" + (f", since {story.since}{age}" if story.since else "")
    lines = fold(visible(header), width, indent=2)
    name_width = max(len(one.name) for one in story.chapters) if story.chapters else 0
    told: set[str] = set()
    for index, chapter in enumerate(story.chapters):
        last = index == len(story.chapters) - 1
        state = page.paint(f"{chapter.state:<10}", _STYLES[str(chapter.state)])
        stem = "   " if last else "│  "
        start, blank = f"{'└─' if last else '├─'} ", f"  {chapter.name:<{name_width}}  "
        indent = len(stem) + 10 + len(blank)
        first, *more = fold(visible(chapter.summary), max(width - indent, _LEAST)) or [""]
        lines += [f"{start}{state}{blank}{first}", *(f"{stem:<{indent}}{line}" for line in more)]
        for label, text in _told(chapter, story):
            if label == "why: " and text in told:  # each text is printed once
                continue
            told.add(text)
            start = f"{stem}            {visible(label)}"
            room = max(width - len(start), _LEAST)
            is_command = label == "run: "
            broken = command(visible(text), room) if is_command else fold(visible(text), room)
            # A continued command is copied together with the text before it.
            rest = " " * len(start) if is_command else f"{stem}            {'':<{len(label)}}"
            lines += [(rest if at else start) + line for at, line in enumerate(broken)]
    lines += _next(story, page)
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
    for line in chapter.commands:
        yield "run: ", line


def _place(finding: Finding) -> str:
    return f"{finding.location.file}:{finding.location.line}: " if finding.location else ""


def _next(story: Story, page: Page) -> list[str]:
    if story.whole:
        return ["", "Nothing is missing."]
    told: list[str] = []
    for line in story.commands or story.otherwise:
        told += page.command("Next", line)
    return ["", *told]


def lost(lookup: Lookup) -> list[str]:
    """Render what an id finds that names no row or several: a line for each."""
    rows = [f"  {line}" for line in rows_of(lookup.hits)]
    return [f"error: “{lookup.given}”: {lookup.reason}", *rows, *(["  …"] if lookup.more else [])]
