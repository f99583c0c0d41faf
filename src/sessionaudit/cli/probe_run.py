"""What `sessionaudit probe` does: it finds a database, asks before anything is executed, and prints the page."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.behaviour.journeys.session import ProbeAsked, ProbePlace, probe
from sessionaudit.cli.private_database import private_database
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.question import confirmed
from sessionaudit.report import probe_sentences

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.behaviour.journeys.session import ProbeReport
    from sessionaudit.audits.behaviour.journeys.touching import Touched
    from sessionaudit.cli.options.probe import MadeFrom
    from sessionaudit.postgres.connection import Url


class ProbeWhere(NamedTuple):
    """The contract, the live database, and what a private one is made from; None for the live one."""

    contract: Path
    url: Url
    made_from: MadeFrom | None


class ProbeHow(NamedTuple):
    """Which journeys, whether they are executed on the live database, and whether that is agreed to."""

    journeys: tuple[str, ...]
    execute: bool
    yes: bool
    timeout: float
    quiet: bool


def probed(where: ProbeWhere, how: ProbeHow) -> ProbeReport:
    """Probe the database. Raises SessionAuditError."""

    def agree(touched: Touched) -> bool:
        for line in () if how.quiet and how.yes else probe_sentences.touching(touched):
            say(line)
        return confirmed(how.yes, probe_sentences.question(touched), otherwise="Nothing was executed.")

    asked = ProbeAsked(how.journeys, agree if how.execute else None, how.timeout)
    if where.made_from is None:
        return probe(ProbePlace(where.contract, where.url), asked)
    with ExitStack() as stack:
        place = private_database(where.contract, where.made_from, how.journeys, stack)
        return probe(place, asked._replace(agree=_harmless))


def _harmless(_touched: Touched) -> bool:
    return True
