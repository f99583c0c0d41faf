"""The benchmark: `python -m benchmarks.check`.

Whole processes are measured, from start to exit, in turns. A run that does not do its work, and a `check` that
does not find exactly what drifted, end the benchmark instead of being timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import aims, generator, migra, recording
from benchmarks.aims import Line
from benchmarks.measure import Contestant, Outcome, WrongError, race, ratio
from benchmarks.server import Host, running_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIZES = (20, 200, 1000, 5000)
TEN = range(10)
_HERE = Path(__file__).parent


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check", description="Measure how fast `check` is.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="TABLES", help="sizes of databases")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="measured runs of each program")
    parser.add_argument("--no-migra", action="store_true", help="leave migra out")
    asked = parser.parse_args()
    if min(asked.sizes) < len(TEN) or asked.repeats < 1:
        parser.error(f"a size is at least {len(TEN)}, and repeats at least 1")
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        bench = Bench(host, Path(folder), asked.repeats, with_migra=not asked.no_migra)
        try:
            lines = bench.run(sorted(set(asked.sizes)))
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
        sys.stdout.write(f"{bench.about()}\n\n{aims.markdown(lines)}")
        sys.stdout.writelines(f"\n{note}\n" for note in bench.notes)
    return 0


class Bench:
    """One run of the benchmark on one server."""

    def __init__(self, host: Host, folder: Path, repeats: int, *, with_migra: bool) -> None:
        self.notes: list[str] = []
        self._host = host
        self._folder = folder
        self._repeats = repeats
        self._migra, told = migra.install() if with_migra else (None, "not asked for")
        if self._migra is None:
            self.notes.append(f"migra was not measured: {told}")
        if host.pg_dump is None:
            self.notes.append("pg_dump was not measured: there is none of the server's version")

    def about(self) -> str:
        """What was measured on; a machine is told by its size alone."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
        return (
            f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"PostgreSQL {self._host.server.version}, Python {platform.python_version()}. "
            f"Seconds of whole processes, medians of up to {self._repeats} runs in turns; "
            f"ratios are medians of the ratios of each turn."
        )

    def run(self, sizes: Sequence[int]) -> list[Line]:
        """Measure all. Raises WrongError."""
        lines = self._starts()
        for size in sizes:
            _tell(f"{size} tables …")
            lines += self._size(size, with_ten=size == sizes[-1])
        return lines

    # How the command line starts

    def _starts(self) -> list[Line]:
        _tell("starting up …")
        nothing = self._contestant("`python -c pass`", [sys.executable, "-c", "pass"], _silent)
        version = self._contestant("`--version`", [*_program(), "--version"], _says("sessionaudit "))
        help_ = self._contestant("`--help`", [*_program(), "--help"], _says("check"))
        race((nothing, version, help_), 3 * self._repeats, self._folder)
        return [_compared("", version, nothing, aims.VERSION), _compared("", help_, nothing, aims.HELP)]

    # One size

    def _size(self, size: int, *, with_ten: bool) -> list[Line]:
        tables = range(size)
        drifts = generator.drifts(tables)
        good, bad = f"good_{size}", f"drifted_{size}"
        self._host.create(good, tables)
        self._host.copy(bad, good, drifts)
        contract = self._contract(tables)
        verify(self._host.environment(bad), contract, drifts, self._folder)
        lines = self._whole(size, bad, good, contract)
        if with_ten:
            lines += self._ten(size, bad)
        self._host.drop(bad)
        self._host.drop(good)
        return lines

    def _whole(self, size: int, bad: str, good: str, contract: Path) -> list[Line]:
        check = self._check("`check`", bad, contract, code=1)
        queries = self._folder / f"queries_{size}"
        recording.record(self._host.url(bad), contract, queries)
        bares = [self._bare(bad, queries, manner, size) for manner in ("pipelined", "one-by-one")]
        snapshot = self._snapshot(good)
        contestants = [check, snapshot, *bares]
        pg_dump = self._pg_dump(bad, size)
        differ = self._migrate(bad, good)
        contestants += [other for other in (pg_dump, differ) if other]
        race(contestants, self._repeats, self._folder)
        fastest = min(bares, key=lambda bare: bare.seconds)
        shown = f"{size:,}"
        lines = [_compared(shown, check, fastest, aims.bare(size))]
        if pg_dump:
            lines.append(_compared(shown, check, pg_dump, aims.PG_DUMP.get(size)))
            lines.append(_compared(shown, snapshot, pg_dump, aims.SNAPSHOT.get(size)))
        if differ:
            faster = 1 / ratio(check, differ)
            line = _compared(shown, check, differ, aims.MIGRA.get(size), measured=faster)
            lines.append(line)
            faster = 1 / ratio(snapshot, differ)
            lines.append(_compared(shown, snapshot, differ, None, measured=faster))
        lines.append(_peak(shown, check, aims.memory(size)))
        lines.append(_peak(shown, snapshot, aims.Aim(300)))
        lines.append(_peak(shown, fastest, None))
        return lines

    def _ten(self, size: int, large: str) -> list[Line]:
        small = "ten"
        self._host.create(small, TEN)
        contract = self._contract(TEN)
        name = "`check` of ten tables"
        in_large = self._check(f"{name} among {size:,}", large, contract, code=0)
        in_small = self._check(f"{name} alone", small, contract, code=0)
        race((in_large, in_small), 2 * self._repeats, self._folder)
        self._host.drop(small)
        return [_compared(f"{size:,}", in_large, in_small, aims.TEN_TABLES)]

    def _contract(self, tables: range) -> Path:
        path = self._folder / f"contract_{len(tables)}.yaml"
        path.write_text(generator.contract(tables), encoding="utf-8")
        return path

    # Who takes part

    def _contestant(
        self, name: str, command: Sequence[str], done: Callable[[Outcome], bool], database: str = "postgres"
    ) -> Contestant:
        return Contestant(name, command, self._host.environment(database), done)

    def _check(self, name: str, database: str, contract: Path, *, code: int) -> Contestant:
        command = [*_program(), "check", "--contract", str(contract)]
        return self._contestant(name, command, _steadily(code), database)

    def _snapshot(self, database: str) -> Contestant:
        return self._contestant("`snapshot`", [*_program(), "snapshot", "--quiet"], _steadily(0), database)

    def _bare(self, database: str, queries: Path, manner: str, size: int) -> Contestant:
        def done(outcome: Outcome) -> bool:
            return outcome.code == 0 and int(outcome.out) > 20 * size

        command = [sys.executable, str(_HERE / "bare.py"), str(queries), manner]
        return self._contestant(f"bare read, {manner}", command, done, database)

    def _pg_dump(self, database: str, size: int) -> Contestant | None:
        if self._host.pg_dump is None:
            return None

        def done(outcome: Outcome) -> bool:
            return outcome.code == 0 and outcome.out.count("\nCREATE TABLE ") == size

        return self._contestant("`pg_dump --schema-only`", [str(self._host.pg_dump), "--schema-only"], done, database)

    def _migrate(self, database: str, good: str) -> Contestant | None:
        if self._migra is None:
            return None

        def done(outcome: Outcome) -> bool:
            return outcome.code == 2 and "alter table" in outcome.out

        command = [str(self._migra), "--unsafe", f"postgresql:///{database}", f"postgresql:///{good}"]
        contestant = self._contestant("migra", command, done, database)
        try:
            contestant.run(self._folder)
        except (WrongError, OSError, subprocess.SubprocessError) as error:
            self.notes.append(f"migra was not measured on {database}: {error}")
            return None
        return contestant


def verify(environment: Mapping[str, str], contract: Path, drifts: Sequence[generator.Drift], folder: Path) -> None:
    """Raise WrongError unless `check` finds what drifted, and nothing else."""
    command = [*_program(), "check", "--contract", str(contract), "--format", "json", "--fail-on", "note"]
    outcome = Contestant("`check`", command, environment, _exits(1)).run(folder)
    report = json.loads(outcome.out)
    found = sorted((finding["rule"], finding["object"]) for finding in report["findings"])
    made = sorted((drift.rule, drift.object) for drift in drifts)
    if found != made or report["skipped"]:
        raise WrongError(f"`check` found {found}, skipped {report['skipped']}; what had drifted is {made}")


def _program() -> list[str]:
    script = Path(sys.executable).with_name("sessionaudit")
    return [str(script)] if script.exists() else [sys.executable, "-m", "sessionaudit"]


def _exits(code: int) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.code == code


def _silent(outcome: Outcome) -> bool:
    return outcome.code == 0 and not outcome.out and not outcome.err


def _says(word: str) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.code == 0 and word in outcome.out


def _steadily(code: int) -> Callable[[Outcome], bool]:
    """The exit code is right, and the report is the same each time."""
    reports: set[str] = set()

    def done(outcome: Outcome) -> bool:
        reports.add(outcome.out)
        return outcome.code == code and len(reports) == 1

    return done


def _compared(
    tables: str, one: Contestant, other: Contestant, aim: aims.Aim | None, measured: float | None = None
) -> Line:
    value = ratio(one, other) if measured is None else measured
    return Line(
        tables=tables,
        what=one.name,
        value=f"{one.seconds:.3f} s",
        against=other.name,
        other=f"{other.seconds:.3f} s",
        factor=f"{value:.2f}" if measured is None else f"{value:.1f} times faster",
        measured=value,
        aim=aim,
    )


def _peak(tables: str, one: Contestant, aim: aims.Aim | None) -> Line:
    return Line(
        tables=tables,
        what=f"{one.name}, peak memory",
        value=f"{one.peak:.0f} MiB",
        factor="",
        measured=one.peak,
        aim=aim,
    )


def _tell(doing: str) -> None:
    sys.stderr.write(f"{doing}\n")


if __name__ == "__main__":
    sys.exit(main())
