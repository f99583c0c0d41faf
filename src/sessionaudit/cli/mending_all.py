"""What `backfill --all` does: what is broken, what is done of it, and what is left; with its progress."""

from __future__ import annotations

import contextlib
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionaudit.backfill import bulk, pace
from sessionaudit.backfill import repair as repairs
from sessionaudit.backfill.pace import Stopwatch
from sessionaudit.backfill.single import Backfill
from sessionaudit.cli.mending_call import about, cut_short, journalling, moment_of, name
from sessionaudit.cli.options import Format
from sessionaudit.cli.outcome import columns, confirmed, deliver, say, say_command, spelled_error
from sessionaudit.core.calling import CALLING
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.visible import visible
from sessionaudit.errors import (
    EXIT_CLEAN,
    EXIT_DATABASE,
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    DatabaseError,
    SessionAuditError,
)
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.report import backfill

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sessionaudit.backfill.bulk import Progress
    from sessionaudit.backfill.journal import Journal
    from sessionaudit.backfill.repair import Repair
    from sessionaudit.cli.mending_call import Call, Everything
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

_SHOWN = 5
Broken = tuple[int, list[str]]  # how many rows, and the keys of some


def run(call: Call, contract: Contract, chosen: Sequence[Invariant], asked: Everything) -> int:
    """Mend all rows of the chosen invariants, and return the exit code. Raises SessionAuditError."""
    batch = name()
    with closing(connect(call.url)) as connection:
        loaded = repairs.load_all(connection, contract, chosen, keep_older=call.keep_older)
        since = moment_of(connection, [(one.invariant, one.table) for one in loaded], asked.since)
        asked = asked._replace(since=since)
        found = [bulk.left(connection, one, timeout=call.data_timeout, since=asked.since) for one in loaded]
        if not call.quiet:
            _preview(loaded, found, asked)
        if call.dry:
            return _rehearse(call, connection, loaded, found, asked, batch)
        told = about(connection, contract, [one.name for one in chosen])
        begun = cut_short(call, told)
        if begun is None and not any(number for number, _ in found):
            if call.format_ is Format.json:
                deliver(backfill.bulk_data({"batch": batch, "journal": None}, [], dry=False), None)
            if not call.quiet:
                say("No row is broken; nothing was changed.")
            return EXIT_CLEAN
        if asked.pace.max_lag is not None:
            _say_of_replicas(pace.replicas(connection), quiet=call.quiet)
        if not confirmed(call.yes, "Repair them?"):
            return EXIT_FINDINGS
        with journalling(call, connection, batch, told, begun) as journal:
            return _reported(_Work(call, journal, asked), loaded)


def _say_of_replicas(number: int, *, quiet: bool) -> None:
    if not number and not quiet:
        say("No replica is streaming from this server, so --max-lag has no effect.")


def _preview(loaded: Sequence[Repair], found: Sequence[Broken], asked: Everything) -> None:
    since = f" since {asked.since}" if asked.since else ""
    for repair, (number, sample) in zip(loaded, found, strict=True):
        shown = f": {', '.join(sample)}{', …' if number > len(sample) else ''}" if number else ""
        bound = f", of which {asked.limit:,} are repaired" if asked.limit is not None and number > asked.limit else ""
        say(f"{repair.invariant.name}: {number:,} broken{since}{bound}{shown}")
    if len(loaded) > 1:
        say("They are repaired in this order; repairing one may reveal rows of the next.")


def _rehearse(
    call: Call,
    connection: Connection,
    loaded: Sequence[Repair],
    found: Sequence[Broken],
    asked: Everything,
    batch: str,
) -> int:
    fine, mends = True, False
    said: list[dict[str, Any]] = []
    for repair, (number, sample) in zip(loaded, found, strict=True):
        most = _SHOWN if asked.limit is None else min(_SHOWN, asked.limit)
        told = Backfill(connection, repair, batch, dry=True).run(sample[:most])
        said.append({"invariant": repair.invariant.name, "broken": number, **backfill.results(told, dry=True)})
        if told and call.format_ is not Format.json and not call.quiet:
            lines = backfill.lines(told, dry=True, room=columns(sys.stdout))
            deliver(f"{repair.invariant.name}, the first {len(told)}:\n{lines}", None)
        fine = fine and all(one.state.fine for one in told)
        mends = mends or number > len(told) or any(one.made for one in told)
    if call.format_ is Format.json:
        deliver(backfill.bulk_data({"batch": batch, "journal": None}, said, dry=True), None)
    if mends and not call.quiet:
        say_command("Next", CALLING.again(instead={"dry_run": ()}))
    return EXIT_CLEAN if fine else EXIT_FINDINGS


# The run


@dataclass(slots=True)
class _Work:
    """A run over several invariants, and what is to be told of those that are done."""

    call: Call
    journal: Journal
    asked: Everything
    told: list[dict[str, Any]] = field(default_factory=list)
    code: int = EXIT_CLEAN
    unproven: bool = False


def _reported(work: _Work, loaded: Sequence[Repair]) -> int:
    """Do it, and tell of it however it ends. Raises DatabaseError, and JournalError where the journal fails."""
    ended: SessionAuditError | KeyboardInterrupt | None = None
    try:
        for repair in loaded:
            if _one(work, repair):
                say(f"Interrupted after the current batch. {CHANGES.sentence()}")
                ended = KeyboardInterrupt()
                return EXIT_INTERRUPTED
        if not work.unproven:
            work.journal.ended()
    except (SessionAuditError, KeyboardInterrupt) as error:
        ended = error
        raise
    finally:
        if work.call.format_ is Format.json:
            about = {"batch": work.journal.run, "journal": str(work.journal.path) if work.journal.tells else None}
            about["error"] = spelled_error(ended)["error"] if ended is not None else None
            deliver(backfill.bulk_data(about, work.told, dry=False), None)
    return work.code


def _one(work: _Work, repair: Repair) -> bool:
    """Mend the rows of one invariant, and count what is left; whether it was interrupted. Raises DatabaseError."""
    call, asked = work.call, work.asked
    watch = Stopwatch()
    mending = bulk.Bulk(bulk.connecting(call.url), repair, work.journal, asked.pace, work.journal.run, jobs=asked.jobs)
    mending.since, mending.limit, mending.timeout = asked.since, asked.limit, call.statement_timeout
    number: int | None = None
    sample: list[str] = []
    try:
        with _interruptible(mending, quiet=call.quiet), _shown(mending, repair.invariant.name, quiet=call.quiet):
            mending.run()
    except (SessionAuditError, KeyboardInterrupt):
        work.told.append(_told(repair, mending.progress, None, [], watch.seconds))
        if not call.quiet:
            say(_spelled(repair, mending.progress, watch.seconds))
        raise
    progress = mending.progress
    try:
        # A connection of its own: others that were idle for so long may have been closed meanwhile.
        with closing(connect(call.url)) as connection:
            number, sample = bulk.left(connection, repair, timeout=call.data_timeout, since=asked.since, final=True)
            if number:
                mending.unhelped(connection)
    except DatabaseError as error:
        progress.unproven = progress.unproven or f"{error.message.rstrip('.')}. {error.hint}".strip()
    work.told.append(_told(repair, progress, number, sample, watch.seconds))
    if not call.quiet:
        _say_end(repair, progress, number, sample, watch.seconds, asked.limit)
    if progress.failures or (number and asked.limit is None):
        work.code = max(work.code, EXIT_FINDINGS)
    if progress.unproven:
        work.code = EXIT_DATABASE
        work.unproven = True
    return mending.stop.is_set()


def _told(
    repair: Repair, progress: Progress, number: int | None, sample: Sequence[str], seconds: float
) -> dict[str, Any]:
    return {
        "invariant": repair.invariant.name,
        "broken": progress.total,
        "made": progress.made,
        "superseded": progress.superseded,
        "gave_way": progress.gave_way,
        "batches": progress.batches,
        "seconds": round(seconds, 3),
        "left": number,
        "sample": list(sample),
        "unproven": progress.unproven or None,
        "failed": progress.failed,
        "failures": list(progress.failures),
    }


def _spelled(repair: Repair, progress: Progress, seconds: float) -> str:
    verb = "created" if repair.statement.inserts else "changed"
    rate = f", {progress.made / seconds:,.0f} a second" if progress.made > 1000 else ""
    after = f", {progress.superseded:,} superseded" if progress.superseded else ""
    if progress.gave_way:
        after += (
            f", {progress.gave_way:,} deleted in favour of {'a row' if progress.gave_way == 1 else 'rows'} of others"
        )
    return f"{repair.invariant.name}: {progress.made:,} {verb}{after} in {seconds:.1f} s{rate}."


def _why_left(repair: Repair, number: int, sample: Sequence[str], limit: int | None) -> str:
    """Why rows are broken still of which nothing failed."""
    if limit is not None:
        return f"No more than {limit:,} were to be repaired."
    line = CALLING.line(
        "backfill", "--dry-run", "--invariant", repair.invariant.name, operands=sample[:1], without=("data_timeout",)
    )
    them, they = ("it", "it") if number == 1 else ("them", "they")
    return f"The repair changed nothing for {them}, or {they} violated the invariant meanwhile: `{line}` says which."


def _say_end(
    repair: Repair, progress: Progress, number: int | None, sample: Sequence[str], seconds: float, limit: int | None
) -> None:
    said = _spelled(repair, progress, seconds)
    if number:
        more = ", …" if number > len(sample) else ""
        said += f" {number:,} {'are' if number > 1 else 'is'} left: {', '.join(sample)}{more}."
        if not progress.failures:
            said += f" {_why_left(repair, number, sample, limit)}"
    if progress.unproven:
        said += f" It could not be verified that it holds now: {progress.unproven.rstrip('.')}."
    elif not number and not progress.failed:
        said += " It holds now."
    say(said)
    for failure in progress.failures:
        say(f"  {failure}")
    if progress.failed > len(progress.failures):
        say(f"  … and {progress.failed - len(progress.failures):,} more")


@contextlib.contextmanager
def _interruptible(work: bulk.Bulk, *, quiet: bool) -> Generator[None]:
    """The first Ctrl-C ends the work after the batches under way, the second at once."""

    def stop(_number: int, _frame: object) -> None:
        if work.stop.is_set():
            raise KeyboardInterrupt
        if not quiet:
            say("Stopping after this batch; press Ctrl-C again to stop at once.")
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
        TextColumn("{task.fields[paused]}", markup=False),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, rate="", paused="")

        def tell(progress: bulk.Progress) -> None:
            rate = f"{bar.tasks[0].speed or 0:,.0f}/s"
            bar.update(
                task, total=progress.total, completed=progress.looked, rate=rate, paused=visible(progress.paused)
            )

        work.tell = tell
        yield
