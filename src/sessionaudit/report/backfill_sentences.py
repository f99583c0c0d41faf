"""Spell the messages of a backfill: what violates invariants, what was repaired, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.data.rules import BROKEN, ORPHANED
from sessionaudit.backfill.all_session import Stage
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.report.rules import to_waive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.backfill.all_session import AllSession, Backfilled, Broken, Everything
    from sessionaudit.backfill.give_way import Ending
    from sessionaudit.contract.invariants import Invariant

CHOICES = "What a person can do: change such a row by hand, or accept in the contract that rows break the invariant:"


def broken_rows(broken: Sequence[Broken], asked: Everything, *, others: bool) -> list[str]:
    """Say how many rows violate each invariant, one line for each; `others` tells that the contract has more."""
    since = f" since {asked.since}" if asked.since else ""
    lines: list[str] = []
    for repair, number, sample in broken:
        shown = f": {', '.join(sample)}{', …' if number > len(sample) else ''}" if number else ""
        bound = f", of which {asked.limit:,} are repaired" if asked.limit is not None and number > asked.limit else ""
        lines.append(f"{repair.invariant.name}: {number:,} broken{since}{bound}{shown}")
    if len(broken) > 1:
        lines.append("They are repaired in this order; repairing one may reveal rows of the next.")
    elif others and any(one.number for one in broken):
        count = CALLING.line("check", "--only", "data")
        lines.append(f"Repairing them may reveal rows that violate another invariant: `{count}` counts those.")
    return lines


def done(backfilled: Backfilled) -> str:
    """Say what was done for an invariant."""
    progress, repair = backfilled.progress, backfilled.repair
    verb = "created" if repair.statement.inserts else "changed"
    rate = f", {progress.made / backfilled.seconds:,.0f} a second" if progress.made > 1000 else ""
    after = f", {progress.superseded:,} superseded" if progress.superseded else ""
    if progress.gave_way:
        after += (
            f", {progress.gave_way:,} deleted in favour of {'a row' if progress.gave_way == 1 else 'rows'} of others"
        )
    return f"{repair.invariant.name}: {progress.made:,} {verb}{after} in {backfilled.seconds:.1f} s{rate}."


def ended(backfilled: Backfilled, limit: int | None) -> list[str]:
    """Say what was done, what is left, whether the invariant holds now, and which rows could not be repaired."""
    progress, number, sample = backfilled.progress, backfilled.left, backfilled.sample
    said = done(backfilled)
    if number:
        more = ", …" if number > len(sample) else ""
        said += f" {number:,} {'are' if number > 1 else 'is'} left: {', '.join(sample)}{more}."
        if not progress.failures:
            said += f" {_why_left(backfilled, number, limit)}"
    if progress.unproven:
        said += f" It could not be verified that it holds now: {progress.unproven.rstrip('.')}."
    elif not number and not progress.failed:
        said += " It holds now."
    lines = [said, *(f"  {failure}" for failure in progress.failures)]
    if progress.failed > len(progress.failures):
        lines.append(f"  … and {progress.failed - len(progress.failures):,} more")
    return lines


def next_commands(session: AllSession) -> Iterator[tuple[str, str]]:
    """Return the commands to type after a run, each with what stands before it.

    A run that changed nothing is not offered again: about the rows that it leaves, a person must decide.
    """
    made = any(one.progress.made for one in session.backfilled)
    limited = session.asked.limit is not None and any(
        one.left and not one.progress.failed for one in session.backfilled
    )
    if session.stage is Stage.REHEARSED and session.would_change:
        yield "Next", CALLING.again(instead={"dry_run": ()})
    elif session.stage is Stage.DONE and made and limited:
        yield "Next", CALLING.again()
    elif session.stage is Stage.DONE and made:
        yield "Next", CALLING.line("check")
    for name in session.stuck:
        line = CALLING.line("backfill", "--list", "--invariant", name, without=("data_timeout",))
        yield f"A person must decide on rows of {name}", line


def waivers(invariants: Sequence[Invariant]) -> str:
    """Return what a contract says to accept rows that break these invariants."""
    first, *others = (to_waive(ORPHANED if one.violations is None else BROKEN, one.name) for one in invariants)
    return "\n".join((first, *(other.partition("\n")[2] for other in others)))


def _why_left(backfilled: Backfilled, number: int, limit: int | None) -> str:
    """Say why rows still violate the invariant although no repair failed."""
    if limit is not None:
        return f"The run was limited to {limit:,}."
    name, sample = backfilled.repair.invariant.name, backfilled.sample
    line = CALLING.line("backfill", "--dry-run", "--invariant", name, operands=sample[:1], without=("data_timeout",))
    them, they = ("it", "it") if number == 1 else ("them", "they")
    return f"The repair changed nothing for {them}, or {they} violated the invariant meanwhile: `{line}` says which."


# Of the rows of a run that was cut short


def doubled(ending: Ending) -> list[str]:
    """The rows that others have made too, and that could not be deleted: a line for each."""
    return [
        f"{key}: another session created a row at the same time, and that of the previous run was kept because {why}"
        for key, why in ending.doubled.items()
    ]


def gave_way(ending: Ending) -> str:
    """How many rows were deleted in favour of those of others."""
    number = ending.gave_way
    rows = "1 row of the last run was" if number == 1 else f"{number:,} rows of the last run were"
    return f"{rows} deleted, because others have created the same."


def unproven(ending: Ending) -> str:
    """That the invariant may not hold for them."""
    name = ending.repair.invariant.name
    return f"It could not be verified that {name} holds for the rows repaired before: {ending.unproven}."
