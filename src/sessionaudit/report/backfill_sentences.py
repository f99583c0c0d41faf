"""What is said of a backfill while it runs: what is broken, what was done of it, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.all_session import Broken, Everything, Mended
    from sessionaudit.backfill.give_way import Ending


def broken_rows(broken: Sequence[Broken], asked: Everything) -> list[str]:
    """How many rows break each invariant, a line for each."""
    since = f" since {asked.since}" if asked.since else ""
    lines: list[str] = []
    for repair, number, sample in broken:
        shown = f": {', '.join(sample)}{', …' if number > len(sample) else ''}" if number else ""
        bound = f", of which {asked.limit:,} are repaired" if asked.limit is not None and number > asked.limit else ""
        lines.append(f"{repair.invariant.name}: {number:,} broken{since}{bound}{shown}")
    if len(broken) > 1:
        lines.append("They are repaired in this order; repairing one may reveal rows of the next.")
    return lines


def done(mended: Mended) -> str:
    """What was done for an invariant."""
    progress, repair = mended.progress, mended.repair
    verb = "created" if repair.statement.inserts else "changed"
    rate = f", {progress.made / mended.seconds:,.0f} a second" if progress.made > 1000 else ""
    after = f", {progress.superseded:,} superseded" if progress.superseded else ""
    if progress.gave_way:
        after += (
            f", {progress.gave_way:,} deleted in favour of {'a row' if progress.gave_way == 1 else 'rows'} of others"
        )
    return f"{repair.invariant.name}: {progress.made:,} {verb}{after} in {mended.seconds:.1f} s{rate}."


def ended(mended: Mended, limit: int | None) -> list[str]:
    """The same with what is left, whether it holds now, and the rows that could not be mended."""
    progress, number, sample = mended.progress, mended.left, mended.sample
    said = done(mended)
    if number:
        more = ", …" if number > len(sample) else ""
        said += f" {number:,} {'are' if number > 1 else 'is'} left: {', '.join(sample)}{more}."
        if not progress.failures:
            said += f" {_why_left(mended, number, limit)}"
    if progress.unproven:
        said += f" It could not be verified that it holds now: {progress.unproven.rstrip('.')}."
    elif not number and not progress.failed:
        said += " It holds now."
    lines = [said, *(f"  {failure}" for failure in progress.failures)]
    if progress.failed > len(progress.failures):
        lines.append(f"  … and {progress.failed - len(progress.failures):,} more")
    return lines


def _why_left(mended: Mended, number: int, limit: int | None) -> str:
    """Why rows are broken still of which nothing failed."""
    if limit is not None:
        return f"No more than {limit:,} were to be repaired."
    name, sample = mended.repair.invariant.name, mended.sample
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
