"""The ledger's own correction: the row that the tool would have written, nothing else, and only what was proven."""

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from msgspec.structs import replace

from migrationcases import CASES, a_case, build
from rows import run as program
from servers import connect as by_superuser
from sessionaudit.audits.migrations import ledger_reading
from sessionaudit.audits.migrations.correction import LedgerCorrection, corrections
from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.folder import likeliest, listing_of, read_folder, tool_of
from sessionaudit.audits.migrations.ledger_rows import forgetting, meant, recording
from sessionaudit.audits.migrations.ledgers import BY_NAME, LEDGERS
from sessionaudit.audits.migrations.model import Folder, LedgerContent, LedgerTable
from sessionaudit.audits.migrations.recognition import decide
from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace, report_migrations
from sessionaudit.audits.migrations.verdicts import Evidence
from sessionaudit.core.plain_sql import indentable
from sessionaudit.core.visible import hidden
from sessionaudit.errors import ChangedError, DatabaseError, RepairError
from sessionaudit.postgres.connection import Address, connect
from sessionaudit.repair.apply import Manner
from sessionaudit.repair.ledger_correction import CorrectedLedger, correct
from sessionaudit.report import ledger_sentences
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from conftest import MakeDatabase
    from migrationcases import MakeProject
    from sessionaudit.audits.migrations.session import MigrationsReport

TOOLS = Path(__file__).parents[1] / "ledgers"
WITH_ROWS = [one.name for one in LEDGERS if one.kept and one.kept.row]
NOT_RECORDED = CASES / "violation_there_not_recorded"
VERSIONS = ["20240101000000", "20240102000000", "20240103000000"]
SECOND = "20240102000000"
TABLE = "supabase_migrations.schema_migrations"
LEDGER = (
    f"create schema supabase_migrations; create table {TABLE} (version text primary key, statements text[], name text);"
)


def rows(url: str, table: LedgerTable | str = TABLE) -> list[tuple[Any, ...]]:
    name = LedgerTable(*table.split(".")) if isinstance(table, str) else table
    with by_superuser(url) as connection:
        query = psycopg.sql.SQL("select m::text from {} m order by 1").format(psycopg.sql.Identifier(*name))
        return connection.execute(query).fetchall()


def evidence_of(url: str, folder: Folder) -> Evidence:
    """The files and their ledger alone."""
    with closing(connect(Address(url, ""))) as connection:
        ledgers = ledger_reading.find(connection, timeout=30)
        _, found = decide((tool_of(folder),), ledgers.found, tool="", table=None, schema="public")
        assert found is not None
        content = ledger_reading.read(connection, found, folder, (), timeout=30)
    return Evidence(tool=tool_of(folder), folder=folder, ledger=content)


def content_of(evidence: Evidence) -> LedgerContent:
    assert isinstance(evidence.ledger, LedgerContent)
    return evidence.ledger


def applied(url: str, evidence: Evidence, *asked: LedgerCorrection, wait: float = 5) -> CorrectedLedger:
    with closing(connect(Address(url, ""))) as connection:
        return correct(connection, evidence, asked, statement_timeout=30, manner=Manner(lock_wait=wait))


def told(case: Path, *words: str, url: str) -> Any:
    return program("migrations", "--contract", str(case / "contract.yaml"), "--allow", "ledger", *words, url=url)


def report_of(url: str, case: Path) -> MigrationsReport:
    return report_migrations(MigrationsPlace(url, case / "contract.yaml"), MigrationsPart(), MigrationOptions())


def due(case: Path, url: str) -> tuple[LedgerCorrection, ...]:
    return report_of(url, case).corrections


@pytest.mark.parametrize("tool", WITH_ROWS)
def test_each_tools_row_is_removed_written_and_put_back(tool: str, make_database: MakeDatabase) -> None:
    """Of a migration that the tool itself recorded; what takes the removal back makes the very row."""
    listing = listing_of(TOOLS / tool / "migrations", f"ledgers/{tool}/migrations")
    folder = read_folder(listing, likeliest(listing))
    url = make_database()
    with by_superuser(url) as connection:
        connection.execute((TOOLS / tool / "ledger.sql").read_bytes())
    evidence = evidence_of(url, folder)
    content, ledger = content_of(evidence), evidence.tool
    known = {one.version: one for one in content.recorded if one.state == "applied"}
    migration = next(one for one in folder.migrations if one.version in known)
    assert ledger.kept is not None
    assert ledger.kept.key is not None
    key = " and ".join(f'"{name}" = {value}' for name, value in ledger.kept.key(migration).items())
    same = {"file": migration.file, "version": migration.version, "rows": key}
    before = rows(url, content.table)
    gone = LedgerCorrection(adds=False, sql=forgetting(ledger, content.table, known[migration.version]), **same)
    removed = applied(url, evidence, gone)
    assert len(rows(url, content.table)) == len(before) - 1
    with by_superuser(url) as connection:
        connection.execute(removed.rows[0].back.encode())
    assert rows(url, content.table) == before
    applied(url, evidence, gone)
    sql = recording(ledger, content.table, migration, content.columns, folder)
    holds = meant(ledger, migration, content.columns, folder)
    written = LedgerCorrection(adds=True, sql=indentable(sql), meant=holds, **same)
    found = applied(url, evidence_of(url, folder), written)
    row = next(one for one in found.content.recorded if one.version == migration.version)
    assert row.state == "applied"
    assert not ledger.edited(migration, row)
    assert (row.checksum, row.statements) == (known[migration.version].checksum, known[migration.version].statements)
    with by_superuser(url) as connection:
        connection.execute(found.rows[0].back.encode())
    assert len(rows(url, content.table)) == len(before) - 1


def test_what_is_there_and_not_recorded_is_recorded_once(make_database: MakeDatabase) -> None:
    url = make_database()
    build(NOT_RECORDED, url)
    before = rows(url)
    refused = told(NOT_RECORDED, url=url)
    assert (refused.returncode, "there is no terminal to ask on" in refused.stderr) == (2, True), refused.stderr
    assert "Record migrations/20240102000000_note.sql as applied:" in refused.stderr
    assert rows(url) == before
    done = told(NOT_RECORDED, "--yes", url=url)
    assert done.returncode == 0, done.stderr + done.stdout
    assert 'To take it back:\n  delete from "supabase_migrations"."schema_migrations" where "version" = ' in done.stderr
    assert "there-not-recorded" not in done.stdout
    assert len(rows(url)) == len(before) + 1
    with by_superuser(url) as connection:
        row = connection.execute(f"select name, statements from {TABLE} where version = '{SECOND}'").fetchone()
    assert row == ("note", ["alter table public.orders add column note text"])
    again = told(NOT_RECORDED, "--yes", url=url)
    assert (again.returncode, "it was not changed" in again.stderr) == (0, True), again.stderr
    assert len(rows(url)) == len(before) + 1


def test_what_is_recorded_and_not_there_is_forgotten(make_project: MakeProject) -> None:
    url, case = make_project("create table public.a (id int);\n", "create table public.b (id int);\n")
    with by_superuser(url) as connection:
        connection.execute(f"create table public.a (id int); {LEDGER}")
        connection.execute(f"insert into {TABLE} values ('20240101000000', null, 'm1'), ('{SECOND}', '{{x}}', 'm2')")
    before = rows(url)
    done = told(case, "--yes", url=url)
    assert done.returncode == 0, done.stderr
    assert "Remove the row of migrations/20240102000000_m2.sql" in done.stderr
    assert len(rows(url)) == 1
    assert "unrecorded-migration" in done.stdout
    back = done.stderr.partition("To take it back:\n")[2].strip()
    with by_superuser(url) as connection:
        connection.execute(back.encode())
    assert rows(url) == before


def test_nothing_is_offered_for_what_would_be_rejected_again(make_project: MakeProject) -> None:
    """Recorded, and nothing of it there, as PostgreSQL rejects it: without its row, the tool would run it once more."""
    url, case = make_project(
        "create table public.a (id int);\n",
        "create table public.b (id int);\ncreate type if not exists public.mood as enum ('a');\n",
        "create table public.c (id int);\ncreate type if not exists public.other as enum ('a');\n",
    )
    with by_superuser(url) as connection:
        connection.execute(f"create table public.a (id int); create table public.c (id int); {LEDGER}")
        connection.execute(f"insert into {TABLE} values ('20240101000000', null, 'm1'), ('{SECOND}', null, 'm2')")
    place = MigrationsPlace(url, case / "contract.yaml")
    found = report_migrations(place, MigrationsPart(), MigrationOptions())
    rules = [{finding.rule.name for finding in one.findings} for one in found.migrations]
    assert {"rejected-migration", "recorded-not-there"} <= rules[1]
    assert {"rejected-migration", "there-not-recorded"} <= rules[2]
    assert found.corrections == ()
    # Neither is there one for the same files where the server takes them.
    second = found.migrations[1]
    kept = tuple(one for one in second.findings if one.rule.name != "rejected-migration")
    standing = second.standing
    assert standing is not None
    assert second.replay is not None
    taken = replace(standing, lacking=tuple(one._replace(reason="") for one in standing.lacking))
    one = replace(second, findings=kept, standing=taken, replay=replace(second.replay, failures=()))
    assert [one.adds for one in corrections(found.examined.evidence, [one])] == [False]


def test_what_was_not_looked_at_is_not_recorded(make_project: MakeProject) -> None:
    url, case = make_project(
        "create table public.a (id int);\ninsert into public.a values (1);\n",
        there=f"create table public.a (id int); {LEDGER}",
    )
    done = told(case, "--yes", url=url)
    assert done.returncode == 3, done.stderr
    assert "The ledger was not corrected for migrations/20240101000000_m1.sql" in done.stderr
    assert "sql:2:1: insert into public …: rows are not looked at" in done.stderr
    assert "By the tool itself: supabase migration repair --status applied 20240101000000" in done.stderr
    assert "what was looked at of it is there" in done.stdout
    assert "records it as applied, after asking" not in done.stdout
    assert "insert into" in done.stdout  # it is still printed
    assert rows(url) == []


def test_the_row_of_what_changes_rows_is_not_removed(make_project: MakeProject) -> None:
    """The tool would run it once more, and double what is in the rows."""
    url, case = make_project(
        "create table public.acc (bal numeric);\n",
        "alter table public.acc add column c int;\nupdate public.acc set bal = bal * 2;\n",
    )
    with by_superuser(url) as connection:
        connection.execute(f"create table public.acc (bal numeric); {LEDGER}")
        connection.execute(f"insert into {TABLE} values ('20240101000000', null, 'm1'), ('{SECOND}', null, 'm2')")
    before = rows(url)
    done = told(case, "--yes", url=url)
    assert done.returncode == 1, done.stderr
    assert "The ledger was not corrected for migrations/20240102000000_m2.sql" in done.stderr
    assert "sql:2:1: update public …: rows are not looked at" in done.stderr
    assert "delete from" in done.stdout  # it is still printed
    assert rows(url) == before


@pytest.mark.parametrize(
    "code",
    ["do $$ begin execute 'sel' || 'ect 1'; end $$;", "select public.backfill();", "call public.run();"],
)
def test_what_runs_code_is_not_recorded(make_database: MakeDatabase, tmp_path: Path, code: str) -> None:
    """It may change rows, whatever else of the file is there."""
    url = make_database()
    routines = (
        "create function public.backfill() returns int language sql as 'select 1';\n"
        "create procedure public.run() language plpgsql as 'begin end';\n"
    )
    case = a_case(tmp_path / "case", routines, f"create table public.a (id int);\n{code}\n")
    with by_superuser(url) as connection:
        connection.execute(f"{routines} create table public.a (id int); {LEDGER}")
        connection.execute(f"insert into {TABLE} values ('20240101000000', null, 'm1')")
    found = report_migrations(MigrationsPlace(url, case / "contract.yaml"), MigrationsPart(), MigrationOptions())
    assert [one.is_due for one in found.corrections] == [False]


@pytest.mark.parametrize(
    "undone",
    [
        "drop table if exists public.legacy;",  # which a later file makes again
        "create or replace function public.price() returns int language sql as 'select 2';",
        "alter table public.acc drop column c;",
        "drop view if exists public.made_elsewhere;",  # of which a new database has nothing
    ],
)
def test_the_row_of_what_would_undo_a_later_file_is_not_removed(undone: str, make_project: MakeProject) -> None:
    first = (
        "create table public.legacy (id int);\ncreate table public.acc (c int);\n"
        "create function public.price() returns int language sql as 'select 1';\n"
    )
    third = (
        "create table if not exists public.legacy (id int);\nalter table public.acc add column if not exists c int;\n"
        "create or replace function public.price() returns int language sql as 'select 3';\n"
    )
    url, case = make_project(first, f"{undone}\ncreate table public.audit_log (id int);\n", third)
    with by_superuser(url) as connection:
        connection.execute(first + third + LEDGER)
        connection.execute(f"insert into {TABLE} select v, null, 'm' from unnest(%s::text[]) v", [VERSIONS])
    found = report_migrations(MigrationsPlace(url, case / "contract.yaml"), MigrationsPart(), MigrationOptions())
    assert [one.ref.path for one in found.report.findings if one.rule.name == "recorded-not-there"] == [(SECOND,)]
    assert found.corrections == ()


def test_nothing_is_removed_of_which_a_part_is_there_otherwise(make_project: MakeProject) -> None:
    """What the function was is known to nobody: a file that ran before may have been run over it."""
    one = "create table public.t (id int);\ncreate function public.f() returns int language sql as 'select 1';\n"
    two = (
        "create or replace function public.f() returns int language sql as 'select 2';\n"
        "alter table public.t add column c int;\n"
    )
    url, case = make_project(one, two)
    with by_superuser(url) as connection:
        connection.execute(f"{one} {two.replace('2', '3').partition(';')[0]}; {LEDGER}")
        connection.execute(f"insert into {TABLE} values ('20240101000000', null, 'm1'), ('{SECOND}', null, 'm2')")
    place = MigrationsPlace(url, case / "contract.yaml")
    found = report_migrations(place, MigrationsPart(), MigrationOptions())
    assert found.migrations[1].standing is not None
    assert found.migrations[1].standing.otherwise
    assert "recorded-not-there" in {finding.rule.name for finding in found.migrations[1].findings}
    assert found.corrections == ()


def said_of(url: str, case: Path, rule: str) -> str:
    """The message of the only finding of a rule; nothing is offered to be corrected."""
    found = report_of(url, case)
    assert found.corrections == ()
    (message,) = (one.message for one in found.report.findings if one.rule.name == rule)
    return message


def test_what_is_there_otherwise_is_not_recorded(make_project: MakeProject) -> None:
    """The same names alone: the types and the policy are others."""
    text = (
        "create table public.secret (id bigint primary key, owner uuid not null);\n"
        "alter table public.secret enable row level security;\n"
        "create policy p on public.secret for select using (false);\n"
    )
    url, case = make_project(text)
    with by_superuser(url) as connection:
        there = text.replace("bigint", "int").replace("uuid", "text").replace("false", "true")
        connection.execute(f"{there} {LEDGER}")
    message = said_of(url, case, "there-not-recorded")
    assert "things that it makes are there, but otherwise: the " in message
    assert "policy public.secret.p (migrations/20240101000000_m1.sql:3:1)" in message
    assert "Record it" not in message


def test_of_a_rejected_statement_it_is_not_said_that_its_work_is_there(make_project: MakeProject) -> None:
    url, case = make_project(
        "create table public.a (id int);\ncreate index i on public.a (nothing);\n",
        there=f"create table public.a (id int); {LEDGER}",
    )
    message = said_of(url, case, "there-not-recorded")
    assert "1 statement of it failed in the replay, and what that was to make was not looked at." in message
    assert "Record it" not in message


def test_a_file_that_would_fail_is_not_to_be_applied(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    tables = "create table public.a (id int);\ncreate table public.b (id int);\n"
    case = a_case(tmp_path / "one", tables)
    with by_superuser(url) as connection:
        connection.execute(f"create table public.a (id int); {LEDGER}")
    message = said_of(url, case, "unrecorded-migration")
    assert message.endswith("things that it makes are there. It may fail on what is there: see to that first.")
    case = a_case(tmp_path / "two", "create type if not exists public.mood as enum ('a');\n")
    assert said_of(url, case, "unrecorded-migration").endswith("It would be rejected: correct that first.")
    case = a_case(tmp_path / "three", "create table public.c (id int);\n")
    assert said_of(url, case, "unrecorded-migration").endswith("Apply it with Supabase.")


HARD = (
    "-- a note\twith a tab, \u26a0\ufe0f, an escape \x1b[31m, \u202e here\n"
    "create function public.f() returns text language sql as $$\n  select 'it''s\ta\r \\n'\n      || E'\\t'\n$$;\r\n"
    "\n\n  comment on function public.f() is 'one\n\n  two';\n"
)


def test_what_is_printed_can_be_pasted(make_project: MakeProject) -> None:
    """Control characters, quotes and line breaks in the texts: the row is the very text, and the file is not edited."""
    url, case = make_project("")
    (case / "migrations" / "20240101000000_m1.sql").write_bytes(HARD.encode())
    with by_superuser(url) as connection:
        connection.execute(HARD.replace("\x1b", "").encode())
        connection.execute(LEDGER)
    shown = program("migrations", "--contract", str(case / "contract.yaml"), url=url)
    printed = shown.stdout.partition("below:\n")[2].partition("Or by the tool itself")[0]
    assert "insert into" in printed, shown.stdout + shown.stderr
    assert printed == "".join(f"  {line}\n" for line in due(case, url)[0].sql.split("\n"))
    assert not set(printed) & set("\t\r\x1b\u202e\ufe0f")
    with by_superuser(url) as connection:
        connection.execute(printed.encode())
    after = rows(url)
    assert [word for one in report_of(url, case).report.findings if (word := one.rule.name)] == []
    # What is removed comes back by the same way.
    evidence = evidence_of(url, report_of(url, case).examined.evidence.folder)
    key = "\"version\" = '20240101000000'"
    gone = LedgerCorrection(
        file="m1", version="20240101000000", adds=False, sql=f"delete from {TABLE} where {key}", rows=key
    )
    said = ledger_sentences.done(applied(url, evidence, gone).rows)
    assert rows(url) == []
    with by_superuser(url) as connection:
        connection.execute(said.partition("To take it back:\n")[2].encode())
    assert rows(url) == after


def test_the_row_must_be_the_one_that_was_composed(make_database: MakeDatabase) -> None:
    url = make_database()
    build(NOT_RECORDED, url)
    with by_superuser(url) as connection:
        connection.execute(
            "create function public.other() returns trigger language plpgsql as $$ begin new.name := 'x'; return new;"
            f" end $$; create trigger other before insert on {TABLE} for each row execute function public.other()"
        )
    before = rows(url)
    with pytest.raises(RepairError, match="is not the one that was composed") as raised:
        applied(url, *_evidence_and_due(url))
    assert raised.value.exit_code == 5
    assert rows(url) == before
    done = told(NOT_RECORDED, "--yes", url=url)
    assert done.returncode == 3, done.stderr
    assert (
        "The ledger was not corrected for migrations/20240102000000_note.sql: the trigger other is on it" in done.stderr
    )
    assert "insert into" in done.stdout  # it is still printed
    assert rows(url) == before


def test_what_a_deferred_trigger_does_is_seen(make_database: MakeDatabase) -> None:
    url = make_database()
    build(NOT_RECORDED, url)
    with by_superuser(url) as connection:
        connection.execute(
            f"create function public.late() returns trigger language plpgsql as $$ begin delete from {TABLE}"
            f" where version < new.version; return null; end $$; create constraint trigger late after insert on {TABLE}"
            " deferrable initially deferred for each row execute function public.late()"
        )
    before = rows(url)
    with pytest.raises(RepairError, match="would add 1 and remove"):
        applied(url, *_evidence_and_due(url))
    assert rows(url) == before


def test_a_row_that_takes_others_with_it_is_not_removed(make_project: MakeProject) -> None:
    url, case = make_project("create table public.a (id int);\n")
    with by_superuser(url) as connection:
        connection.execute(LEDGER)
        connection.execute(f"insert into {TABLE} values ('20240101000000', null, 'm1')")
        connection.execute(f"create table audit (version text constraint of_it references {TABLE} on delete cascade)")
    before = rows(url)
    done = told(case, "--yes", url=url)
    assert done.returncode == 1, done.stderr
    assert "m1.sql: the foreign key of_it changes other rows with its own" in done.stderr
    assert rows(url) == before


def test_the_command_that_looks_at_a_rejected_file_corrects_nothing(make_database: MakeDatabase) -> None:
    url = make_database()
    build(CASES / "violation_rejected", url)
    done = told(CASES / "violation_rejected", "--yes", url=url)
    lines = re.findall(r"^Next: (sessionaudit migrations .*)$", re.sub(r" \\\n *", " ", done.stdout), re.MULTILINE)
    assert " --file " in lines[0]
    assert [line for line in lines if not {"--allow", "--yes"}.isdisjoint(line.split())] == []


def test_a_name_that_cannot_be_kept_stops_no_other(make_project: MakeProject) -> None:
    url, case = make_project("create table public.a (id int);\n", "create table public.b (id int);\n")
    first = case / "migrations" / "20240101000000_m1.sql"
    first.rename(case / "migrations" / os.fsdecode(b"20240101000000_m\xff.sql"))
    with by_superuser(url) as connection:
        connection.execute(f"create table public.a (id int); create table public.b (id int); {LEDGER}")
    done = told(case, "--yes", url=url)
    assert done.returncode == 3, done.stderr
    assert "a name or a text of it has what the encoding UTF8 of the database does not" in done.stderr
    with by_superuser(url) as connection:
        assert connection.execute(f"select version from {TABLE}").fetchall() == [(SECOND,)]


def test_where_no_row_can_be_composed_the_tools_command_is_told(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "1_a.up.sql").write_text("create table public.a (id int);\n", encoding="utf-8")
    (tmp_path / "migrations" / "2_b.up.sql").write_text("create table public.b (id int);\n", encoding="utf-8")
    (tmp_path / "contract.yaml").write_text("version: 1\nmigrations: {folder: migrations}\n", encoding="utf-8")
    with by_superuser(url) as connection:
        connection.execute("create table public.a (id int); create table public.b (id int)")
        connection.execute("create table schema_migrations (version bigint primary key, dirty boolean not null)")
        connection.execute("insert into schema_migrations values (1, false)")
    done = told(tmp_path, "--yes", url=url)
    assert done.returncode == 1, done.stderr
    assert "By the tool itself: migrate force 2" in done.stderr
    assert rows(url, "public.schema_migrations") == [("(1,f)",)]


def test_a_ledger_that_changed_meanwhile_is_left_alone(make_database: MakeDatabase) -> None:
    url = make_database()
    build(NOT_RECORDED, url)
    place = MigrationsPlace(url, NOT_RECORDED / "contract.yaml")
    found = report_migrations(place, MigrationsPart(), MigrationOptions())
    with by_superuser(url) as connection:
        connection.execute(f"insert into {TABLE} values ('{SECOND}', null, 'by another')")
    before = rows(url)
    with pytest.raises(ChangedError, match="has changed since it was read; nothing was changed") as raised:
        applied(url, found.examined.evidence, *found.corrections)
    assert raised.value.exit_code == 4
    assert rows(url) == before


def test_a_lock_of_another_is_waited_for_and_not_for_ever(make_database: MakeDatabase) -> None:
    url = make_database()
    build(NOT_RECORDED, url)
    place = MigrationsPlace(url, NOT_RECORDED / "contract.yaml")
    found = report_migrations(place, MigrationsPart(), MigrationOptions())
    with psycopg.connect(url) as other:
        other.execute(f"lock table {TABLE} in row exclusive mode")
        with pytest.raises(DatabaseError, match="another session holds a lock"):
            applied(url, found.examined.evidence, *found.corrections, wait=0.3)
    assert applied(url, found.examined.evidence, *found.corrections).rows


def test_a_statement_that_does_more_is_taken_back(make_database: MakeDatabase) -> None:
    """A trigger writes a second row: that is not what was asked for."""
    url = make_database()
    build(NOT_RECORDED, url)
    with by_superuser(url) as connection:
        connection.execute(
            f"create function public.more() returns trigger language plpgsql as $$ begin"
            f" insert into {TABLE} values (new.version || '0', null, null); return null; end $$;"
            f" create trigger more after insert on {TABLE} for each row when (pg_catalog.pg_trigger_depth() = 0)"
            " execute function public.more()"
        )
    before = rows(url)
    with pytest.raises(RepairError, match="would add 2 and remove 0 rows"):
        applied(url, *_evidence_and_due(url))
    assert rows(url) == before


def _evidence_and_due(url: str) -> tuple[Any, ...]:
    place = MigrationsPlace(url, NOT_RECORDED / "contract.yaml")
    found = report_migrations(place, MigrationsPart(), MigrationOptions())
    return (found.examined.evidence, *found.corrections)


def test_an_older_table_gets_what_it_has_columns_for(make_project: MakeProject) -> None:
    url, case = make_project("create table public.a (id int);\n")
    with by_superuser(url) as connection:
        connection.execute("create table public.a (id int); create schema supabase_migrations;")
        connection.execute(f"create table {TABLE} (version text primary key)")
    assert told(case, "--yes", url=url).returncode == 0
    assert rows(url) == [("(20240101000000)",)]


def test_a_role_without_the_right_is_told_so(make_database: MakeDatabase) -> None:
    url = make_database()
    build(NOT_RECORDED, url)
    with by_superuser(url) as connection:
        connection.execute("grant usage on schema supabase_migrations to pg_monitor")
        connection.execute(f"grant select on {TABLE} to pg_monitor")
    before = rows(url)
    done = told(NOT_RECORDED, "--yes", "--role", "pg_monitor", url=url)
    assert (done.returncode, "permission denied" in done.stderr) == (3, True), done.stderr
    assert rows(url) == before


def test_words_that_are_not_allowed_are_refused(make_database: MakeDatabase) -> None:
    url = make_database()
    done = program("migrations", "--contract", str(NOT_RECORDED / "contract.yaml"), "--allow", "drop", url=url)
    assert (done.returncode, "--allow takes “ledger” here, not “drop”" in done.stderr) == (2, True), done.stderr
    assert BY_NAME["supabase"].kept is not None


@pytest.mark.parametrize("by_bytes", [False, True])
def test_every_character_survives_a_respelling(by_bytes: bool, make_database: MakeDatabase) -> None:
    texts = [
        "",
        "\n",
        "\n\na'\\n\n",
        "\t\r\x1b\x7f'",
        "\\",
        "\u200b\u202e\ufeff\U000e0001",
        "x\n  y\\'\n",
        "\x01a1\x0b",
    ]
    with by_superuser(make_database()) as connection:
        for text in texts:
            sql = indentable(f'select {literal(text)} as "a\nb\\"', by_bytes=by_bytes)
            found = connection.execute("\n    ".join(sql.split("\n")).encode())
            assert found.fetchone() == (text,), sql
            assert found.description is not None
            assert found.description[0].name == "a\nb\\"
            assert not hidden(sql.replace("\n", ""))
