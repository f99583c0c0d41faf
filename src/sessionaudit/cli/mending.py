"""What `backfill` does: some ids, everything, or taking back; with its messages and its progress."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit import audit
from sessionaudit.cli.options import Format
from sessionaudit.cli.outcome import confirmed, deliver, say
from sessionaudit.connection import closing, connect
from sessionaudit.data import bulk, choice, fitness, undo
from sessionaudit.data import repair as repairs
from sessionaudit.data.backfill import Backfill, Outcome, Patience, State
from sessionaudit.data.journal import Journal
from sessionaudit.data.journal import about as about_journal
from sessionaudit.data.pace import Pace, Stopwatch
from sessionaudit.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_USAGE, UsageError
from sessionaudit.report import mended

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from sessionaudit.connection import Connection
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.data.bulk import Progress
    from sessionaudit.data.repair import Batch
    from sessionaudit.data.undo import Undone

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What every form of the command is given."""

    url: str | None
    contract: Path
    invariant: str | None
    dry: bool
    yes: bool
    keep_older: bool = False
    format_: Format = Format.table
    quiet: bool = False
    journal: Path | None = None
    statement_timeout: float = 30
    data_timeout: float = 60

    def with_(self, **others: Any) -> Call:
        """The same with other values."""
        return replace(self, **others)


class Everything(NamedTuple):
    """Whether all rows are meant, which of them, and how fast."""

    wanted: bool
    since: str
    limit: int | None
    jobs: int
    pace: Pace


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
        return _everything(call, contract, chosen, everything)
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


def _name() -> str:
    return f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


# These


def _these(call: Call, contract: Contract, invariant: Invariant, ids: Sequence[str]) -> int:
    if not ids:
        raise UsageError("no id was given")
    name = _name()
    told: list[Outcome] = []
    interrupted = False
    with closing(connect(call.url)) as connection, _journal(call, connection, contract, name) as journal:
        repair = repairs.load(connection, contract, invariant, keep_older=call.keep_older)
        filling = Backfill(connection, repair, name, dry=call.dry, patience=Patience(statement=call.statement_timeout))
        filling.tell = told.append
        if journal is not None:
            filling.journal = _begins(journal, invariant.name)
        try:
            filling.run(ids)
        except KeyboardInterrupt:
            interrupted = True
    if call.format_ is Format.json:
        deliver(mended.data(told, invariant=invariant.name, batch=name, dry=call.dry), None)
    elif not call.quiet:
        deliver(mended.lines(told, dry=call.dry), None)
    if interrupted:
        say(f"Interrupted after {len(told)} of {len(ids)} ids.")
        return EXIT_INTERRUPTED
    if any(one.state is State.MALFORMED for one in told):
        return EXIT_USAGE
    return EXIT_CLEAN if all(one.state.fine for one in told) else EXIT_FINDINGS


def _begins(journal: Journal, invariant: str) -> Callable[[Batch], Callable[[], None]]:
    return lambda batch: journal.begin(invariant, batch)


@contextlib.contextmanager
def _journal(call: Call, connection: Connection, contract: Contract, name: str) -> Generator[Journal | None]:
    """The journal of a call for some ids, if it asks for one."""
    if call.journal is None or call.dry:
        yield None
        return
    journal = Journal.open(call.journal, run=name, about=_about(connection, contract))
    try:
        undo.settle(connection, call.journal, journal)
        yield journal
    finally:
        journal.close()


def _about(connection: Connection, contract: Contract) -> dict[str, Any]:
    began = f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"database": connection.info.dbname, "contract": contract.file, "schema": contract.schema, "at": began}


# Everything


def _everything(call: Call, contract: Contract, chosen: Sequence[Invariant], asked: Everything) -> int:
    name = _name()
    with closing(connect(call.url)) as connection:
        loaded = [repairs.load(connection, contract, one, keep_older=call.keep_older) for one in chosen]
        found = [bulk.left(connection, one, timeout=call.data_timeout) for one in loaded]
        _preview(loaded, found)
        if call.dry:
            return _rehearse(call, connection, loaded, found, name)
        begun = call.journal is not None and call.journal.exists()
        if not begun and not any(number for number, _ in found):
            say("Nothing is broken, so nothing was changed.")
            return EXIT_CLEAN
        if not confirmed(call.yes, "Mend them?"):
            return EXIT_CLEAN
        path = call.journal or Path(f"backfill-{name}.jsonl")
        journal = Journal.open(path, run=name, about=_about(connection, contract))
        try:
            _, before = undo.settle(connection, path, journal)
            if before:
                say(f"{path} is gone on with: {before:,} rows were made before.")
            code, told = _run_all(call, connection, loaded, journal, asked)
        finally:
            journal.close()
    if call.format_ is Format.json:
        deliver(mended.bulk_data({"batch": journal.run, "journal": str(path)}, told), None)
    say(f"What was made stands in {path}; `sessionaudit backfill --undo {path}` takes it back.")
    return code


def _preview(loaded: Sequence[repairs.Repair], found: Sequence[tuple[int, list[str]]]) -> None:
    for repair, (number, sample) in zip(loaded, found, strict=True):
        shown = f": {', '.join(sample)}{', …' if number > len(sample) else ''}" if number else ""
        say(f"{repair.invariant.name}: {number:,} broken{shown}")
    if len(loaded) > 1:
        say("They are mended in this order; mending one may show rows of the next.")


def _rehearse(
    call: Call,
    connection: Connection,
    loaded: Sequence[repairs.Repair],
    found: Sequence[tuple[int, list[str]]],
    name: str,
) -> int:
    fine = True
    for repair, (_, sample) in zip(loaded, found, strict=True):
        told = Backfill(connection, repair, name, dry=True).run(sample[:_SHOWN])
        if call.format_ is Format.json:
            deliver(mended.data(told, invariant=repair.invariant.name, batch=name, dry=True), None)
        elif told:
            deliver(f"{repair.invariant.name}, the first {len(told)}:\n{mended.lines(told, dry=True)}", None)
        fine = fine and all(one.state.fine for one in told)
    return EXIT_CLEAN if fine else EXIT_FINDINGS


def _run_all(
    call: Call, connection: Connection, loaded: Sequence[repairs.Repair], journal: Journal, asked: Everything
) -> tuple[int, list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    code = EXIT_CLEAN
    for repair in loaded:
        watch = Stopwatch()
        work = bulk.Bulk(bulk.connecting(call.url), repair, journal, asked.pace, journal.run, jobs=asked.jobs)
        work.since, work.limit = asked.since, asked.limit
        with _interruptible(work), _shown(work, repair.invariant.name, quiet=call.quiet):
            progress = work.run()
        number, sample = bulk.left(connection, repair, timeout=call.data_timeout)
        told.append(_told(repair, progress, number, sample, watch.seconds))
        _say_end(repair, progress, number, sample, watch.seconds)
        if number and not (asked.since or asked.limit):
            code = EXIT_FINDINGS
        if progress.failures:
            code = EXIT_FINDINGS
        if work.stop.is_set():
            say("Interrupted after the batch; the same command with this journal goes on.")
            return EXIT_INTERRUPTED, told
    return code, told


def _told(
    repair: repairs.Repair, progress: Progress, number: int, sample: Sequence[str], seconds: float
) -> dict[str, Any]:
    return {
        "invariant": repair.invariant.name,
        "broken": progress.total,
        "made": progress.made,
        "superseded": progress.superseded,
        "batches": progress.batches,
        "seconds": round(seconds, 3),
        "left": number,
        "sample": list(sample),
        "failures": list(progress.failures),
    }


def _say_end(repair: repairs.Repair, progress: Progress, number: int, sample: Sequence[str], seconds: float) -> None:
    verb = "made" if repair.statement.inserts else "changed"
    rate = f", {progress.made / seconds:,.0f} a second" if progress.made > 1000 else ""
    after = f", {progress.superseded:,} superseded" if progress.superseded else ""
    said = f"{repair.invariant.name}: {progress.made:,} {verb}{after} in {seconds:.1f} s{rate}."
    left = f"{number:,} {'are' if number > 1 else 'is'} left: {', '.join(sample)}" if number else "It holds now."
    say(f"{said} {left}")
    for failure in progress.failures:
        say(f"  {failure}")


@contextlib.contextmanager
def _interruptible(work: bulk.Bulk) -> Generator[None]:
    """The first Ctrl-C ends the work after the batches under way, the second at once."""

    def stop(_number: int, _frame: object) -> None:
        if work.stop.is_set():
            raise KeyboardInterrupt
        say("Ending after this batch; Ctrl-C again to end at once.")
        work.stop.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _shown(work: bulk.Bulk, name: str, *, quiet: bool) -> Generator[None]:
    """A progress bar on a terminal, with the rate and the time that is left."""
    if quiet or not (sys.stderr and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only where somebody looks
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[paused]}"),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, rate="", paused="")

        def tell(progress: bulk.Progress) -> None:
            rate = f"{bar.tasks[0].speed or 0:,.0f}/s"
            bar.update(task, total=progress.total, completed=progress.looked, rate=rate, paused=progress.paused)

        work.tell = tell
        yield


# Back


def _undo(call: Call, path: Path) -> int:
    head = about_journal(path)
    say(f"{path} tells of {head.get('run')} in the database {head.get('database')}, begun {head.get('at')}.")
    if not confirmed(call.yes, "Take back what it made, unless it was changed since?"):
        return EXIT_CLEAN

    def tell(_undone: Undone) -> None:
        return None

    with closing(connect(call.url)) as connection:
        done = undo.undo(connection, path, str(head.get("schema", "public")), run=_name(), tell=tell)
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
