"""Probe a database for `sessionaudit probe`: the whole audit of behaviour, or some of the journeys."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.audits.audit import Context, Options, Read
from sessionaudit.audits.behaviour.audit import NAME, PARTS, together
from sessionaudit.audits.behaviour.journeys.dry import described_steps, examine_dry
from sessionaudit.audits.behaviour.journeys.execution import execute_journeys
from sessionaudit.audits.behaviour.journeys.grounds import Grounds
from sessionaudit.audits.behaviour.journeys.part import PART as JOURNEYS
from sessionaudit.audits.behaviour.journeys.part import outcome_of
from sessionaudit.audits.behaviour.journeys.touching import Touched, touched
from sessionaudit.audits.causes import linked
from sessionaudit.audits.runner import examining
from sessionaudit.audits.selection import judged
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.core.background import in_background
from sessionaudit.core.node import nearest
from sessionaudit.core.report import Report
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome
    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.journeys import Journey
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Skipped
    from sessionaudit.core.report import Outcome
    from sessionaudit.postgres.connection import Connection, Url

_BESIDE = ("schema",)  # which says why a step fails
_NO_SECTION = "Add journeys to it; see docs/behaviour.md."
_STANDBY = """
select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only') = 'on'"""


class ProbePlace(NamedTuple):
    """The contract and the database, which is called so where it is a private one; `unmade` is what that lacks."""

    contract: Path
    url: Url
    called: str = ""
    unmade: tuple[Skipped, ...] = ()


class ProbeAsked(NamedTuple):
    """Which journeys, none for all and the rest of the audit; `agree` is asked before they are executed.

    Without it, none is. The time for a statement is in seconds.
    """

    journeys: tuple[str, ...] = ()
    agree: Callable[[Touched], bool] | None = None
    timeout: float = 30


class ProbeReport(Struct, frozen=True, kw_only=True):
    """The report, the journeys, and what executing them touched; None if they were only explained.

    `schema` is what was found of the schema beside it.
    """

    report: Report
    journeys: tuple[JourneyOutcome, ...]
    schema: Examination
    touched: Touched | None = None


def probe(place: ProbePlace, asked: ProbeAsked) -> ProbeReport:
    """Probe a database. Raises UsageError, ContractError and DatabaseError."""
    others = tuple(name for name in AUDITS if name not in _BESIDE)
    options = Options(without=others, statement_timeout=asked.timeout)
    with examining(place.url, place.contract, options) as (examination, connection):
        if connection is None:
            raise AssertionError(place)
        return in_background(lambda: _probed(place, asked, examination, connection)).result()


def _probed(place: ProbePlace, asked: ProbeAsked, examination: Examination, connection: Connection) -> ProbeReport:
    contract = examination.contract
    journeys = chosen(contract, asked.journeys)
    found: Touched | None = None
    if asked.agree is not None and journeys:
        found = _permitted(place, asked, contract, journeys, connection)
    grounds = Grounds(contract, frozenset(finding.ref for finding in examination.found))
    if found is not None:
        outcomes = execute_journeys(connection, grounds, journeys, timeout=asked.timeout)
    else:
        outcomes = examine_dry(connection, grounds, journeys, timeout=asked.timeout)
    parts = [*([] if asked.journeys else _others(examination, connection, asked.timeout)), outcome_of(outcomes)]
    outcome = together(parts)
    findings = tuple(replace(finding, audit=NAME) for finding in outcome.findings)
    whole = outcome.whole and not asked.journeys
    outcome = replace(outcome, findings=findings, skipped=(*place.unmade, *outcome.skipped), whole=whole)
    report = _report(place, examination, connection, outcome)
    report = replace(report, selected=asked.journeys)
    return ProbeReport(report=report, journeys=tuple(outcomes), schema=examination, touched=found)


def _report(place: ProbePlace, examination: Examination, connection: Connection, outcome: Outcome) -> Report:
    contract = examination.contract
    today = dt.datetime.now(tz=dt.UTC).date()
    own, waived = judged(outcome.findings, contract, examination.selection, today)
    every = linked((*examination.found, *own)).findings
    kept: tuple[Finding, ...] = tuple(one for one in every if one.audit == NAME)
    shown = (*own, *(finding for finding, _ in waived))
    return Report(
        database=None if place.called else describe(connection),
        contract=place.called or contract.file,
        findings=kept,
        waived=waived,
        outcomes=(with_unsaid(outcome, contract, examination.selection, shown),),
    )


def chosen(contract: Contract, names: Sequence[str]) -> tuple[Journey, ...]:
    """Return the journeys of these names, all without names. Raises UsageError."""
    known = [one.name for one in contract.journeys]
    for name in names:
        if name not in known:
            raise UsageError(f"{contract.file} has no journey “{name}”", hint=nearest(name, known) or _NO_SECTION)
    if not any(part.applies(contract) for part in PARTS):
        raise UsageError(f"{contract.file} has no section “journeys”", hint=_NO_SECTION)
    return tuple(one for one in contract.journeys if not names or one.name in names)


def _others(examination: Examination, connection: Connection, timeout: float) -> list[Outcome]:
    """Run the other parts of the audit."""
    context = Context(
        contract=examination.contract,
        database=Read(connection, examination.actual),
        selection=examination.selection,
        options=Options(statement_timeout=timeout),
    )
    return [part.run(context) for part in PARTS if part is not JOURNEYS and part.applies(examination.contract)]


def _permitted(
    place: ProbePlace, asked: ProbeAsked, contract: Contract, journeys: Sequence[Journey], connection: Connection
) -> Touched | None:
    """Return what executing touches, if it is harmless and agreed to. Raises UsageError if it is not harmless."""
    standby, read_only = connection.execute(_STANDBY).fetchone() or (False, False)
    if standby or read_only:
        what = "this server is a standby" if standby else "transactions are read-only here by default"
        raise UsageError(
            f"{what}, so that nothing that writes can be executed",
            hint="Without --execute the journeys are explained, which needs no writing; or use --embedded.",
        )
    described = described_steps(connection, contract.schema, journeys, timeout=asked.timeout)
    found = touched(connection, contract, described, timeout=asked.timeout)
    if found.calling and not place.called:
        one, *others = found.calling
        more = f", and {len(others)} more" if others else ""
        raise UsageError(
            f"the journeys cannot be executed here: they would run {one.name}; {one.why}{more}",
            hint="What leaves the server cannot be rolled back. Use --embedded, or execute the other journeys.",
        )
    return found if asked.agree is None or asked.agree(found) else None
