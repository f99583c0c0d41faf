"""The benchmark measures what it says: its databases, its contracts and its drift are real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from servers import connect

if TYPE_CHECKING:
    from conftest import MakeDatabase

ROOT = Path(__file__).parents[1]
TABLES = range(20)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    from benchmarks import generator

    path = tmp_path / "contract.yaml"
    path.write_text(generator.contract(TABLES), encoding="utf-8")
    return path


def check(url: str, contract: Path) -> tuple[int, list[tuple[str, str]]]:
    command = [sys.executable, "-m", "sessionaudit", "check", "-d", url, "-c", str(contract), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert not report["skipped"]
    return done.returncode, sorted((finding["rule"], finding["object"]) for finding in report["findings"])


def build(url: str, statements: list[str]) -> None:
    with connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_as_created_the_contract_is_kept_word_for_word(
    database: str, contract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import generator

    from sessionaudit.audits import runner
    from sessionaudit.audits.schema import spellings

    build(database, list(generator.creation(TABLES)))
    asked: list[object] = []
    monkeypatch.setattr(spellings, "settle", lambda _a, _b, questions, _c: asked.extend(questions))
    # Were a text spelled otherwise than PostgreSQL prints it, somebody would have to be asked what it means.
    assert runner.run(database, contract, runner.Options()).findings == ()
    assert asked == []


def test_every_sort_of_drift_is_found_and_nothing_else(database: str, contract: Path) -> None:
    from benchmarks import generator

    drifts = [generator.drift(generator.Table(number), number) for number in TABLES]
    assert len({drift.rule for drift in drifts}) == 10
    build(database, [*generator.creation(TABLES), *(drift.statement for drift in drifts)])
    assert check(database, contract) == (1, sorted((drift.rule, drift.object) for drift in drifts))


def test_one_table_in_a_hundred_drifts() -> None:
    from benchmarks import generator

    assert [len(generator.drifts(range(size))) for size in (20, 200, 1000, 5000)] == [1, 2, 10, 50]
    assert generator.drifts(range(1000)) == generator.drifts(range(1000))


def test_the_same_number_gives_the_same_database_and_contract() -> None:
    from benchmarks import generator

    assert list(generator.creation(TABLES)) == list(generator.creation(TABLES))
    assert generator.contract(range(10)) == generator.contract(TABLES)[: len(generator.contract(range(10)))]


def test_the_database_of_a_contract_of_ten_tables_does_not_drift(make_database: MakeDatabase, tmp_path: Path) -> None:
    from benchmarks import generator

    url = make_database()
    drifts = generator.drifts(TABLES)
    build(url, [*generator.creation(TABLES), *(drift.statement for drift in drifts)])
    contract = tmp_path / "ten.yaml"
    contract.write_text(generator.contract(range(10)), encoding="utf-8")
    assert check(url, contract) == (0, [])


@pytest.mark.slow
def test_the_benchmark_runs() -> None:
    command = [sys.executable, "-m", "benchmarks.check", "--sizes", "20", "--repeats", "1", "--no-migra"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if "|" in line]
    assert cells[0] == ["tables", "measured", "is", "against", "is", "ratio", "aim", "reached"]
    measured = [(row[0], row[1], row[3].split(",")[0]) for row in cells[2:]]
    assert ("20", "`check`", "bare read") in measured
    assert ("20", "`check`, peak memory", "") in measured
    assert ("20", "`check` of ten tables among 20", "`check` of ten tables alone") in measured
    assert ("", "`--version`", "`python -c pass`") in measured
    assert ("", "`--help`", "`python -c pass`") in measured
    assert "migra was not measured: not asked for" in done.stdout
    assert all(row[7] in {"yes", "**no**"} for row in cells[2:] if row[6])


def test_a_run_that_does_not_do_its_work_is_not_timed(tmp_path: Path) -> None:
    from benchmarks.measure import Contestant, WrongError, race

    honest = Contestant("honest", [sys.executable, "-c", "print('done')"], {}, lambda run: run.out == "done\n")
    failing = Contestant("failing", [sys.executable, "-c", "raise SystemExit(3)"], {}, lambda run: run.code == 0)
    race([honest], 2, tmp_path)
    assert len(honest.runs) == 2
    assert 0 < honest.seconds < 60
    assert 4 < honest.peak < 60
    with pytest.raises(WrongError, match="failing did not do its work: exit code 3"):
        race([honest, failing], 2, tmp_path)


def test_a_check_that_misses_a_drift_ends_the_benchmark(database: str, contract: Path) -> None:
    from benchmarks import generator
    from benchmarks.check import verify
    from benchmarks.measure import WrongError

    build(database, list(generator.creation(TABLES)))
    drifts = generator.drifts(TABLES)
    build(database, [drift.statement for drift in drifts])
    verify({"DATABASE_URL": database}, contract, drifts, contract.parent)
    with pytest.raises(WrongError, match="what had drifted is"):
        verify({"DATABASE_URL": database}, contract, generator.drifts(range(3)), contract.parent)


def test_the_code_of_a_tree_is_judged_whole(database: str, tmp_path: Path) -> None:
    from benchmarks import scan

    build(database, scan.tables())
    calls = scan.make_tree(tmp_path, 31)
    command = [sys.executable, "-m", "sessionaudit", "scan", str(tmp_path / "src"), "-d", database, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["checked"]["calls"], report["findings"]) == (0, calls, []), done.stderr
    assert "undecided" not in report
