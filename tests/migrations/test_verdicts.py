"""Every case of migrations: exactly what must be said of each file, with its places, and nothing is written."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles, traces
from marks import thorough
from migrationcases import a_case, all_cases, build, examined, golden, regenerate, stored, told_instead
from servers import connect
from sessionaudit.audits.audit import Options
from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.rules import RULES
from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace, report_migrations
from sessionaudit.audits.runner import examine
from sessionaudit.embedded import bounded

if TYPE_CHECKING:
    from conftest import MakeDatabase
    from servers import DatabaseServer

CASES = all_cases()
LEDGERS = Path(__file__).parents[1] / "ledgers"
# Each of them judges something that no other of them does; the rest, one migration or ledger in another dress.
USUAL = {
    "clean_applied",
    "near_half_there",
    "violation_drift",
    "violation_edited",
    "violation_failed",
    "violation_missing_file",
    "violation_older_table",
    "violation_rejected",
    "violation_skipped",
}
BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case) if case.name in USUAL else thorough(case) for case in CASES],
    ids=lambda case: case.name,
)
def test_case(case: Path, server: DatabaseServer, make_database: MakeDatabase, request: pytest.FixtureRequest) -> None:
    make_roles(server.url)
    url = make_database()
    build(case, url)
    before = traces(url)
    regenerated = bool(request.config.getoption("--regen"))
    found = examined(case, url)
    said = golden(found)
    if regenerated:
        regenerate(case, said)
    assert said == stored(case)
    told, must = told_instead(case, found, regenerated=regenerated)
    assert told == must
    if case.name.startswith("clean_"):
        assert not said["findings"]
        assert not said["skipped"]
    elif case.name.startswith("violation_"):
        assert said["findings"]
    assert traces(url) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_names_its_trap(case: Path) -> None:
    assert case.name.partition("_")[0] in {"clean", "near", "violation"}
    assert (case / "actual.sql").read_text(encoding="utf-8").startswith("-- ")
    assert stored(case)


def test_every_rule_is_reached_by_a_case() -> None:
    reached = {finding["rule"] for case in CASES for finding in stored(case)["findings"]}
    assert reached == {rule.name for rule in RULES} - {"stopped-statement"}  # which takes its time


def test_what_takes_more_than_it_may_is_a_finding_and_was_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = bounded.ReplayLimits(seconds=1)
    monkeypatch.setattr(bounded, "ReplayLimits", lambda **_more: limits)
    case = a_case(tmp_path / "case", "select pg_sleep(60);\n", "create table public.t (id int);\n")
    place, part = MigrationsPlace("", case / "contract.yaml"), MigrationsPart(files_only=True)
    report = report_migrations(place, part, MigrationOptions()).report
    (finding,) = report.findings
    assert (finding.rule.name, finding.location and finding.location.line) == ("stopped-statement", 1)
    assert "longer than 1 s" in finding.message
    assert [one.hint for one in report.skipped] == ["Give it more time: --statement-timeout."]


def test_a_missing_column_has_its_migration_as_cause(make_database: MakeDatabase) -> None:
    url, case = make_database(), BY_NAME["violation_linked"]
    build(case, url)
    findings = examine(url, case / "contract.yaml", Options(files=True)).report.findings
    missing = next(one for one in findings if one.rule.name == "missing-column")
    assert [(one.rule.name, str(one.location)) for one in missing.because] == [
        ("recorded-not-there", "migrations/20240102000000_note.sql:1:1")
    ]
    assert "made at migrations/20240101000000_orders.sql:1:1" in missing.because[0].message


def test_without_files_the_audit_does_not_run(make_database: MakeDatabase) -> None:
    url, case = make_database(), BY_NAME["violation_linked"]
    build(case, url)
    report = examine(url, case / "contract.yaml", Options()).report
    assert [outcome.audit for outcome in report.outcomes] == ["schema", "data"]


def test_without_a_database_only_what_the_files_show_is_said() -> None:
    said = golden(examined(BY_NAME["violation_rejected"], "unused", files_only=True))
    assert [one["rule"] for one in said["findings"]] == ["rejected-migration"]
    assert said["table"][0][1:] == ["", "", "ok"]
    assert said["skipped"] == []


def test_after_a_stop_the_rest_is_not_looked_at(tmp_path: Path) -> None:
    shutil.copytree(BY_NAME["violation_rejected"], tmp_path / "case")
    (tmp_path / "case" / "migrations" / "20240103000000_more.sql").write_text("create table public.more ();\n")
    place = MigrationsPlace("unused", tmp_path / "case" / "contract.yaml")
    said = golden(report_migrations(place, MigrationsPart(files_only=True), MigrationOptions(stop=True)))
    assert [line[3] for line in said["table"]] == ["ok", "rejected-migration", "not looked at"]
    assert said["skipped"] == ["what 1 migration does, from migrations/20240103000000_more.sql on"]


def test_a_file_that_cannot_be_read_is_not_looked_at_and_nothing_is_claimed_by_it(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    """The database lacks what the first file makes, which the second may have dropped, and the fourth needs it."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "01.sql").write_text("create table public.a ();\n", encoding="utf-8")
    (folder / "02.sql").write_bytes(b"-- caf\xe9\ncreate table public.b ();\n")
    (folder / "03.sql").write_text("create table public.c ();\n", encoding="utf-8")
    (folder / "04.sql").write_text("create view public.v as select from public.b;\n", encoding="utf-8")
    contract = tmp_path / "contract.yaml"
    contract.write_text("version: 1\nmigrations: {folder: migrations, tool: dbmate}\n", encoding="utf-8")
    url = make_database()
    with connect(url) as connection:
        connection.execute("create table public.schema_migrations (version varchar primary key)")
        connection.execute("insert into public.schema_migrations values ('01'), ('02'), ('03'), ('04')")
        connection.execute("create table public.c ()")
    said = golden(report_migrations(MigrationsPlace(url, contract), MigrationsPart(), MigrationOptions()))
    assert [line[3] for line in said["table"]] == ["not looked at", "not looked at", "ok", "not looked at"]
    assert said["findings"] == []
    assert [one for one in said["skipped"] if "02" in one] == ["what migrations/02.sql does"]


def test_programs_are_run_by_a_command_that_is_allowed(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    shutil.copytree(LEDGERS / "alembic" / "migrations", tmp_path / "migrations")
    (tmp_path / "make.py").write_text(
        "import os, psycopg\nwith psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    connection.execute('create table public.made (id bigint primary key)')\n",
        encoding="utf-8",
    )
    contract = tmp_path / "contract.yaml"
    contract.write_text(
        "version: 1\nmigrations:\n  folder: migrations\n  tool: alembic\n"
        f"  replay: {{command: '{sys.executable} make.py'}}\n",
        encoding="utf-8",
    )
    with connect(url) as connection:
        connection.execute((LEDGERS / "alembic" / "ledger.sql").read_bytes())
        connection.execute("delete from alembic_version")
        connection.execute("insert into alembic_version values ('111111111111'), ('222222222222')")
    place = MigrationsPlace(url, contract)
    refused = golden(report_migrations(place, MigrationsPart(), MigrationOptions()))
    assert refused["skipped"] == ["what the migrations do"]
    said = golden(report_migrations(place, MigrationsPart(), MigrationOptions(allow_command=True)))
    assert said["skipped"] == []
    assert said["findings"][-1]["rule"] == "recorded-not-there"
    assert "table public.made" in said["findings"][-1]["explains"]
