"""`trace`: a story for each id that matches a row, and what the others match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionaudit.audits import runner
from sessionaudit.audits.audit import Options
from sessionaudit.cli.outcome import canvas, deliver, say, spelled_error
from sessionaudit.cli.pasted import given
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_USAGE, SessionAuditError
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.report import story as page
from sessionaudit.story.trace import Story, Teller

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.postgres.connection import Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the command is given; the timeout is in seconds."""

    url: Url
    contract: Path
    json: bool
    output: Path | None
    timeout: float
    no_color: bool


def run(call: Call, ids: Sequence[str]) -> int:
    """Tell the stories, and return the exit code. Raises SessionAuditError."""
    wanted = given(ids)
    asked = Options(statement_timeout=call.timeout, without=("data",))
    examined = runner.examine(call.url, call.contract, asked)
    told: list[Story | Lookup] = []
    try:
        with closing(connect(call.url)) as connection:
            teller = Teller(connection, examined.contract, examined.report.findings, call.timeout)
            for one in teller.tell(wanted):
                told.append(one)  # noqa: PERF402 - what was told before an error stands
    except SessionAuditError as error:
        if told:
            _deliver(call, told, error)
        raise
    _deliver(call, told)
    return _code(told)


def _deliver(call: Call, told: Sequence[Story | Lookup], error: SessionAuditError | None = None) -> None:
    stories = [one for one in told if isinstance(one, Story)]
    lost = [one for one in told if not isinstance(one, Story)]
    if call.json:
        deliver(page.data(stories, lost, error=spelled_error(error)["error"] if error else None), call.output)
    elif stories:
        sheet = canvas(no_color=call.no_color, output=call.output)
        deliver("\n".join(page.tree(story, sheet) for story in stories), call.output, colour=sheet.colour)
    for one in lost:
        for line in page.lost(one):
            say(line)


def _code(told: Sequence[Story | Lookup]) -> int:
    stories = [one for one in told if isinstance(one, Story)]
    if len(stories) < len(told):
        return EXIT_USAGE
    if all(story.whole for story in stories):
        return EXIT_CLEAN
    return EXIT_DATABASE if all(story.whole or story.unknown for story in stories) else EXIT_FINDINGS
