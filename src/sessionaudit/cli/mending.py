"""What `backfill` does: some ids, everything, or taking back; with its messages."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from sessionaudit import audit
from sessionaudit.cli import mending_all
from sessionaudit.cli.mending_call import about, name
from sessionaudit.cli.options import Format
from sessionaudit.cli.outcome import confirmed, deliver, say
from sessionaudit.connection import closing, connect
from sessionaudit.data import choice, fitness, undo
from sessionaudit.data import repair as repairs
from sessionaudit.data.backfill import Backfill, Patience
from sessionaudit.data.journal import Journal
from sessionaudit.data.journal import about as about_journal
from sessionaudit.data.look import Outcome, State
from sessionaudit.errors import (
    EXIT_CLEAN,
    EXIT_DATABASE,
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    DatabaseError,
    UsageError,
)
from sessionaudit.report import mended

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from sessionaudit.cli.mending_call import Call, Everything
    from sessionaudit.connection import Connection
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.data.made import Batch
    from sessionaudit.data.undo import Undone


def run(call: Call, ids: Sequence[str], journal: Path | None, everything: Everything) -> int:
    """Do what a call asks for, and return the exit code. Raises SessionAuditError."""
    if sum([bool(ids), everything.wanted, journal is not None]) != 1:
        raise UsageError(
            "name the ids of the rows to mend, or --all, or --undo JOURNAL", hint="One of them, and only one."
        )
    if not everything.wanted and (everything.since or everything.limit is not None):
        raise UsageError("--since and --limit go with --all")
    if journal is not None:
        return _undo(call, journal)
    contract, chosen = _fit(call, all_=everything.wanted)
    if everything.wanted:
        return mending_all.run(call, contract, chosen, everything)
    return _these(call, contract, chosen[0], _from_stdin() if list(ids) == ["-"] else list(ids))


def _fit(call: Call, *, all_: bool) -> tuple[Contract, tuple[Invariant, ...]]:
    """The contract and the invariants to mend, if the schema that their repairs stand on is fit."""
    asked = audit.Options(statement_timeout=call.statement_timeout, data=False)
    examined = audit.examine(call.url, call.contract, asked)
    contract, report = examined.contract, examined.report
    chosen = choice.repairable(contract, call.invariant) if all_ else (choice.usual(contract, call.invariant),)
    found = [*report.findings, *(finding for finding, _ in report.waived)]
    fitness.require(contract, chosen, found, report.skipped, keep_older=call.keep_older)
    return contract, chosen


def _from_stdin() -> list[str]:
    if not sys.stdin:
        raise UsageError("there is no standard input to read ids from")
    return [word for line in sys.stdin for word in line.replace(",", " ").split()]


# These


def _these(call: Call, contract: Contract, invariant: Invariant, ids: Sequence[str]) -> int:
    if not ids:
        raise UsageError("no id was given")
    batch = name()
    told: list[Outcome] = []
    try:
        with closing(connect(call.url)) as connection, _journal(call, connection, contract, batch) as journal:
            repair = repairs.load(connection, contract, invariant, keep_older=call.keep_older)
            patience = Patience(statement=call.statement_timeout)
            filling = Backfill(connection, repair, batch, dry=call.dry, patience=patience, tell=told.append)
            if journal is not None:
                filling.journal = _begins(journal, invariant.name)
            filling.run(ids)
    except KeyboardInterrupt:
        _deliver(call, told, invariant, batch)
        say(f"Interrupted after {len(told)} of {len(ids)} ids.")
        return EXIT_INTERRUPTED
    except DatabaseError as error:
        if not told:
            raise
        _deliver(call, told, invariant, batch)
        raise DatabaseError(error.message, hint=f"{_so_far(call, told, ids)} {error.hint}".rstrip()) from None
    _deliver(call, told, invariant, batch)
    if any(one.state is State.MALFORMED for one in told):
        return EXIT_USAGE
    if any(one.state is State.UNPROVEN for one in told):
        return EXIT_DATABASE
    return EXIT_CLEAN if all(one.state.fine for one in told) else EXIT_FINDINGS


def _so_far(call: Call, told: Sequence[Outcome], ids: Sequence[str]) -> str:
    """What stands of a run that the server ended."""
    if call.dry:
        return "Nothing was changed."
    number = len(told)
    stands = f"What is told of the first {number} of {len(ids)} ids stands; what became of the next one is not known."
    return f"{stands} Run it again: no row is made twice."


def _deliver(call: Call, told: Sequence[Outcome], invariant: Invariant, batch: str) -> None:
    if call.format_ is Format.json:
        deliver(mended.data(told, invariant=invariant.name, batch=batch, dry=call.dry), None)
    elif not call.quiet:
        deliver(mended.lines(told, dry=call.dry), None)


def _begins(journal: Journal, invariant: str) -> Callable[[Batch], Callable[[], None]]:
    return lambda batch: journal.begin(invariant, batch)


@contextlib.contextmanager
def _journal(call: Call, connection: Connection, contract: Contract, batch: str) -> Generator[Journal | None]:
    """The journal of a call for some ids, if it asks for one."""
    if call.journal is None or call.dry:
        yield None
        return
    journal = Journal.open(call.journal, run=batch, about=about(connection, contract))
    try:
        undo.settle(connection, call.journal, journal)
        yield journal
    finally:
        journal.close()


# Back


def _undo(call: Call, path: Path) -> int:
    head = about_journal(path)
    say(f"{path} tells of {head.get('run')} in the database {head.get('database')}, begun {head.get('at')}.")
    if not confirmed(call.yes, "Take back what it made, unless it was changed since?"):
        return EXIT_CLEAN

    def tell(_undone: Undone) -> None:
        return None

    with closing(connect(call.url)) as connection:
        done = undo.undo(connection, path, str(head.get("schema", "public")), run=name(), tell=tell)
    if call.format_ is Format.json:
        told = {"deleted": done.deleted, "restored": done.restored, "gone": done.gone, "refused": done.refused}
        deliver(mended.bulk_data({"journal": str(path), **told, "refusals": done.refusals}, []), None)
    say(
        f"{done.deleted:,} rows deleted, {done.restored:,} set back, {done.gone:,} were gone already, "
        f"{done.refused:,} refused."
    )
    for refusal in done.refusals:
        say(f"  {refusal}")
    return EXIT_FINDINGS if done.refused else EXIT_CLEAN
