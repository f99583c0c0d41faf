"""Times whole processes, in turns, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_STOPWATCH = Path(__file__).with_name("stopwatch.py")
_PATIENCE = 20.0
# What the caller has set for databases of their own, or for the program, must not reach what is measured; nor what
# keeps Python from storing compiled modules, which an installed program has.
_NOT_OURS = ("PG", "SESSIONAUDIT_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
_OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}


class WrongError(Exception):
    """A measured program did not do its work; its time would mean nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: its seconds, the peak of its memory in MiB, its exit code and what it printed."""

    seconds: float
    peak: float
    code: int
    out: str
    err: str


@dataclass(slots=True)
class Contestant:
    """A command, what tells whether it did its work, and the runs so far."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    done: Callable[[Outcome], bool]
    runs: list[Outcome] = field(default_factory=list)
    first: float = 0.0

    def run(self, folder: Path) -> Outcome:
        """Run once. Raises WrongError when the work was not done."""
        out, err = folder / "stdout", folder / "stderr"
        told = subprocess.run(
            [sys.executable, "-S", "-E", str(_STOPWATCH), str(out), str(err), *self.command],
            env={**_OUTSIDE, **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, peak, code = told.stdout.split()
        outcome = Outcome(float(seconds), float(peak) / 1024, int(code), _read(out), _read(err))
        if not self.done(outcome):
            shown = (outcome.err or outcome.out)[-2000:]
            raise WrongError(f"{self.name} did not do its work: exit code {outcome.code}\n{shown}")
        return outcome

    @property
    def seconds(self) -> float:
        """The median."""
        return median(run.seconds for run in self.runs)

    @property
    def peak(self) -> float:
        """The largest peak, in MiB."""
        return max(run.peak for run in self.runs)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def race(contestants: Sequence[Contestant], repeats: int, folder: Path) -> None:
    """Let each run once to warm up, then `repeats` times in turns; the slowest only as often as is bearable."""
    for contestant in contestants:
        contestant.first = contestant.run(folder).seconds
    for turn in range(repeats):
        for contestant in contestants:
            if turn == 0 or (turn + 1) * contestant.first <= _PATIENCE:
                contestant.runs.append(contestant.run(folder))


def ratio(one: Contestant, other: Contestant) -> float:
    """How many times as long one took as the other: the median of the ratios turn by turn."""
    return median(a.seconds / b.seconds for a, b in zip(one.runs, other.runs, strict=False))
