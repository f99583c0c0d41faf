"""What is aimed at, and one line of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Aim(NamedTuple):
    """A bound for a value: at most, or at least."""

    bound: float
    least: bool = False

    def reached(self, value: float) -> bool:
        """Whether a measured value is good enough."""
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:g}"


PG_DUMP = {1000: Aim(0.8), 5000: Aim(0.5)}
SNAPSHOT = {1000: Aim(1.2), 5000: Aim(0.8)}  # against pg_dump --schema-only
MIGRA = {20: Aim(3, least=True), 200: Aim(4, least=True), 1000: Aim(5, least=True), 5000: Aim(7, least=True)}
TEN_TABLES = Aim(1.3)
VERSION = Aim(1.5)
HELP = Aim(10)
# Of the longest wait while a database is repaired: against the plain statements', and against the lock timeout.
SHORTER = Aim(10, least=True)
LOCK_TIMEOUT = Aim(1)


def bare(size: int) -> Aim:
    """Against the bare read."""
    return Aim(1.3 if size < 1000 else 1.2)


def memory(size: int) -> Aim:
    """The peak in MiB."""
    return Aim(80 if size <= 1000 else 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was measured, against what, and whether that is as aimed; `aim` is None where nothing is."""

    tables: str
    what: str
    value: str
    against: str = ""
    other: str = ""
    factor: str
    measured: float
    aim: Aim | None = None

    def cells(self) -> tuple[str, ...]:
        """The line as the table has it."""
        reached = "" if self.aim is None else "yes" if self.aim.reached(self.measured) else "**no**"
        aim = "" if self.aim is None else str(self.aim)
        return (self.tables, self.what, self.value, self.against, self.other, self.factor, aim, reached)


_HEAD = ("measured", "is", "against", "is", "ratio", "aim", "reached")


def markdown(lines: list[Line], size: str = "tables") -> str:
    """One table, its columns padded so that it can be read as it stands; `size` says what is counted in the first."""
    rows = [(size, *_HEAD), *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    padded.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(padded) + "\n"
