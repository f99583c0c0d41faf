"""What `sessionaudit trace` does: the stories are told, and their page is printed, also where an error ends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.given_ids import given
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_USAGE, SessionAuditError
from sessionaudit.report.errors import spelled_error
from sessionaudit.report.formats.story import TABLE
from sessionaudit.report.formats.story.content import StoriesPage
from sessionaudit.report.formats.story.table import lost
from sessionaudit.story.session import stories
from sessionaudit.story.trace import Story

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.cli.options.formats import PageFormat
    from sessionaudit.story.session import TraceOptions


def run(options: TraceOptions, ids: Sequence[str], format_: PageFormat, output: Path | None, *, no_color: bool) -> int:
    """Tell the story of each id, and return the exit code. Raises SessionAuditError."""
    told: list[Story | Lookup] = []
    sheet = canvas(no_color=no_color, output=output)
    ended: SessionAuditError | None = None
    try:
        for one in stories(options, given(ids)):
            told.append(one)  # noqa: PERF402 - what was told before an error stands
    except SessionAuditError as error:
        ended = error
        if not told:
            raise
    page = StoriesPage(
        stories=[one for one in told if isinstance(one, Story)],
        unfound=[one for one in told if not isinstance(one, Story)],
        error=spelled_error(ended)["error"] if ended else None,
    )
    if text := format_.render(page, sheet):
        deliver(text, output, colour=sheet.colour and format_ is TABLE)
    for line in (line for one in page.unfound for line in lost(one)):
        say(line)
    if ended:
        raise ended
    return _code(page)


def _code(page: StoriesPage) -> int:
    if page.unfound:
        return EXIT_USAGE
    if all(story.whole for story in page.stories):
        return EXIT_CLEAN
    return EXIT_DATABASE if all(story.whole or story.unknown for story in page.stories) else EXIT_FINDINGS
