"""What `backfill` does with ids: one outcome for each. All rows are for a module of their own."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING

from sessionaudit.audits import runner
from sessionaudit.audits.audit import Options
from sessionaudit.audits.data import fitness, selected_invariants
from sessionaudit.audits.data.invariants import why_not
from sessionaudit.backfill import repair as repairs
from sessionaudit.backfill.give_way import Ending
from sessionaudit.backfill.single import Backfill, Patience
from sessionaudit.backfill.unmended import Outcome, State
from sessionaudit.cli import mending_all
from sessionaudit.cli.mending_call import about, cut_short, journalling, name
from sessionaudit.cli.options import Format
from sessionaudit.cli.outcome import columns, deliver, say, spelled_error
from sessionaudit.cli.pasted import given
from sessionaudit.errors import (
    EXIT_CLEAN,
    EXIT_DATABASE,
    EXIT_FINDINGS,
    EXIT_USAGE,
    SessionAuditError,
)
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.report import backfill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.backfill.journal import Journal
    from sessionaudit.backfill.made import Batch
    from sessionaudit.cli.mending_call import Call, Everything
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.connection import Connection


def run(call: Call, ids: Sequence[str], everything: Everything) -> int:
    """Do what a call asks for, and return the exit code. Raises SessionAuditError."""
    contract, chosen, found = _fit(call, all_=everything.wanted)
    if everything.wanted:
        return mending_all.run(call, contract, chosen, everything)
    return _these(call, contract, chosen[0], given(ids), found)


def _fit(call: Call, *, all_: bool) -> tuple[Contract, tuple[Invariant, ...], list[Finding]]:
    """The contract and the invariants to mend, if the schema that their repairs stand on is fit; and its findings."""
    asked = Options(statement_timeout=call.statement_timeout, without=("data",))
    examined = runner.examine(call.url, call.contract, asked)
    contract, report = examined.contract, examined.report
    chosen = (
        selected_invariants.repairable(contract, call.invariant)
        if all_
        else (selected_invariants.usual(contract, call.invariant),)
    )
    found = [*report.findings, *(finding for finding, _ in report.waived)]
    fitness.require(contract, chosen, found, report.skipped, keep_older=call.keep_older)
    return contract, chosen, found


# These


def _these(call: Call, contract: Contract, invariant: Invariant, ids: Sequence[str], found: Sequence[Finding]) -> int:
    batch = name()
    told: list[Outcome] = []
    journal: Journal | None = None
    ending: Ending | None = None
    try:
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(closing(connect(call.url)))
            repair = repairs.load(connection, contract, invariant, keep_older=call.keep_older)
            patience = Patience(statement=call.statement_timeout)
            filling = Backfill(
                connection,
                repair,
                batch,
                dry=call.dry,
                patience=patience,
                tell=told.append,
                explain=lambda sql: why_not(sql, invariant.each, contract, found),
            )
            if not call.dry:
                said = about(connection, contract, [invariant.name])
                begun = cut_short(call, said, tell_others=False)
                journal = stack.enter_context(journalling(call, connection, batch, said, begun))
                ending = Ending(repair, journal, batch, threading.Event())
                _look_back(call, connection, ending)
                filling.journal = _begins(journal, invariant.name)
            filling.run(ids)
            if ending is not None and ending.journal.tells and all(one.state is not State.UNPROVEN for one in told):
                ending.end(connection)
    except KeyboardInterrupt as end:
        _deliver(call, told, invariant, batch, journal, end)
        say(f"Stopped after {len(told)} of {len(ids)} ids.")
        raise
    except SessionAuditError as error:
        if not told:
            raise
        _deliver(call, told, invariant, batch, journal, error)
        number = f"The results of the first {len(told)} of {len(ids)} ids are committed."
        error.hint = f"{number} {error.hint}".rstrip()
        raise
    _deliver(call, told, invariant, batch, journal)
    if not all(one.state.named for one in told):
        return EXIT_USAGE
    if any(one.state is State.UNPROVEN for one in told) or (ending is not None and ending.unproven):
        return EXIT_DATABASE
    doubled = ending is not None and ending.doubled
    return EXIT_CLEAN if all(one.state.fine for one in told) and not doubled else EXIT_FINDINGS


def _look_back(call: Call, connection: Connection, ending: Ending) -> None:
    """See to what a run left that was cut short, and tell of it. Raises DatabaseError."""
    name = ending.repair.invariant.name
    ending.look_back(connection)
    for key, why in ending.doubled.items():
        say(f"{key}: another session created a row at the same time, and that of the last run was kept because {why}")
    if ending.gave_way:
        rows = "1 row of the last run was" if ending.gave_way == 1 else f"{ending.gave_way:,} rows of the last run were"
        if not call.quiet:
            say(f"{rows} deleted, because others have created the same.")
    if ending.unproven:
        say(f"It could not be verified that {name} holds for the rows repaired before: {ending.unproven}.")


def _deliver(
    call: Call,
    told: Sequence[Outcome],
    invariant: Invariant,
    batch: str,
    journal: Journal | None,
    error: SessionAuditError | KeyboardInterrupt | None = None,
) -> None:
    if call.format_ is Format.json:
        path = str(journal.path) if journal is not None and journal.made else None
        ended = spelled_error(error)["error"] if error is not None else None
        about = {"invariant": invariant.name, "batch": batch, "journal": path, "error": ended}
        deliver(backfill.data(told, about, dry=call.dry), None)
    elif not call.quiet:
        deliver(backfill.lines(told, dry=call.dry, room=columns(sys.stdout)), None)


def _begins(journal: Journal, invariant: str) -> Callable[[Batch], Callable[[], None]]:
    return lambda batch: journal.begin(invariant, batch)
