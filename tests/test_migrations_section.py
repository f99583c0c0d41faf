"""The section `migrations:` of a contract: all its keys, what is refused and where, and what it leads to."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import psycopg
import pytest
import yaml
from typer.testing import CliRunner

from sessionaudit.audits.migrations.ledgers import LEDGERS
from sessionaudit.audits.migrations.model import LedgerContent
from sessionaudit.audits.migrations.sides import Sides, read_sides
from sessionaudit.cli.app import app
from sessionaudit.contract.jsonschema import schema
from sessionaudit.contract.loader import load
from sessionaudit.contract.migrations import TOOLS
from sessionaudit.core.finding import Skipped
from sessionaudit.errors import ContractError
from sessionaudit.postgres.connection import connect

if TYPE_CHECKING:
    from conftest import MakeDatabase

SUPABASE = Path(__file__).with_name("ledgers") / "supabase"
WHOLE = """\
version: 1
schema: app
migrations:
  folder: supabase/migrations
  tool: supabase
  platform: supabase
  seed: supabase/seed.sql
  replay: {command: "alembic upgrade head"}
  ledger: '"My Schema".schema_migrations'
tables: {t: {}}
"""


def contract(folder: Path, text: str) -> Path:
    file = folder / "expected.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def with_section(section: str) -> str:
    return f"version: 1\nmigrations: {section}\n"


def test_every_key_is_read(tmp_path: Path) -> None:
    found = load(contract(tmp_path, WHOLE)).migrations
    assert found is not None
    assert (found.folder, found.tool, found.platform) == ("supabase/migrations", "supabase", "supabase")
    assert (found.seed, found.command) == ("supabase/seed.sql", "alembic upgrade head")
    assert found.ledger == ("My Schema", "schema_migrations")
    assert (found.place("tool").line, found.place("tool").column) == (5, 9)
    assert found.place("nothing") == found.location
    jsonschema.validate(yaml.safe_load(WHOLE), schema())


def test_the_folder_is_enough_and_names_are_those_of_the_contracts_schema(tmp_path: Path) -> None:
    found = load(contract(tmp_path, "version: 1\nschema: app\nmigrations: {folder: db, ledger: versions}\n")).migrations
    assert found is not None
    assert (found.tool, found.platform, found.seed, found.command) == ("", "", None, None)
    assert found.ledger == ("app", "versions")
    assert load(contract(tmp_path, "version: 1\ntables: {t: {}}\n")).migrations is None


def test_every_tool_may_be_named(tmp_path: Path) -> None:
    assert sorted(ledger.name for ledger in LEDGERS) == list(TOOLS)
    tools = schema()["properties"]["migrations"]["properties"]["tool"]["enum"]
    assert tools == list(TOOLS)
    for tool in TOOLS:
        found = load(contract(tmp_path, with_section(f"{{folder: db, tool: {tool}}}"))).migrations
        assert found is not None
        assert found.tool == tool


@pytest.mark.parametrize(
    ("section", "column", "message", "hint"),
    [
        ("{tool: supabase}", 13, "needs a “folder”", "folder: supabase/migrations"),
        ("db", 13, "expected a mapping with folder", ""),
        ("{folder: db, tools: prisma}", 26, "unknown key “tools”", "Did you mean “tool”?"),
        ("{folder: db, tool: supbase}", 32, "unknown tool “supbase”", "Did you mean “supabase”?"),
        ("{folder: db, tool: knex}", 32, "unknown tool “knex”", "Known here: alembic, dbmate"),
        ("{folder: db, platform: aws}", 36, "unknown platform “aws”", "none, supabase"),
        ("{folder: [db]}", 22, "expected a file", ""),
        ("{folder: /srv/db}", 22, "is an absolute path", "relative to the file"),
        ("{folder: ''}", 22, "", ""),
        ("{folder: db, seed: /etc/passwd}", 32, "is an absolute path", "relative to the file"),
        ("{folder: db, replay: alembic}", 34, "expected a mapping with command", ""),
        ("{folder: db, replay: {}}", 34, "needs a “command”", "alembic upgrade head"),
        ("{folder: db, replay: {cmd: x}}", 35, "unknown key “cmd” in replay", "Did you mean “command”?"),
        ("{folder: db, replay: {command: ' '}}", 44, "the command is empty", ""),
        ("{folder: db, ledger: a.b.c}", 37, "one table", ""),
        ("{folder: db, ledger: a b}", 36, "one table", ""),
        ("{folder: db, folder: db}", 26, "duplicate key", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    section: str, column: int, message: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(ContractError) as caught:
        load(contract(tmp_path, with_section(section)))
    where = caught.value.location
    assert where is not None
    assert (message in caught.value.message, hint in caught.value.hint) == (True, True), str(caught.value)
    assert (where.line, where.column) == (2, column), str(caught.value)


def test_all_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    text = "version: 1\ntables: {t: {columns: {a: intt(}}}\nmigrations: {folder: db, tool: flway}\n"
    with pytest.raises(ContractError) as caught:
        load(contract(tmp_path, text))
    assert len((caught.value, *caught.value.more)) == 2


def test_paths_are_relative_to_the_file_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "db.yaml").write_text("migrations: {folder: ../supabase/migrations, seed: seed.sql}\n")
    main = contract(tmp_path, "version: 1\ninclude: [parts/*.yaml]\ntables: {t: {}}\n")
    found = load(main).migrations
    assert found is not None
    assert (found.folder, found.seed) == ("supabase/migrations", "parts/seed.sql")
    assert found.location.file == str(tmp_path / "parts" / "db.yaml")
    (tmp_path / "parts" / "again.yaml").write_text("migrations: {folder: db}\n")
    with pytest.raises(ContractError, match="“migrations” stands in two files"):
        load(main)


def sides(file: Path, url: str) -> Sides:
    with closing(connect(url)) as connection:
        return read_sides(load(file), connection, timeout=30)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "supabase").mkdir()
    (tmp_path / "supabase" / "migrations").symlink_to(SUPABASE / "migrations")
    return tmp_path


@pytest.fixture
def url(make_database: MakeDatabase) -> str:
    made = make_database()
    with psycopg.connect(made, autocommit=True) as connection:
        connection.execute((SUPABASE / "ledger.sql").read_bytes())
    return made


def test_files_and_ledger_are_read_by_what_the_contract_says(project: Path, url: str) -> None:
    file = contract(project, with_section("{folder: supabase/migrations}"))
    found = sides(file, url)
    assert found.tool.name == "supabase"
    assert found.folder.migrations[0].file == "supabase/migrations/20240101000000_first.sql"
    assert isinstance(found.ledger, LedgerContent)
    assert [one.version for one in found.ledger.recorded] == [one.version for one in found.folder.migrations]
    offline = read_sides(load(file), None, timeout=30)
    assert (offline.folder, offline.ledger) == (found.folder, None)


@pytest.mark.parametrize(
    ("section", "reason", "hint"),
    [
        ("{folder: supabase/migrations, tool: plain}", "no ledger of files of SQL is read", "tool"),
        (
            "{folder: supabase/migrations, tool: dbmate}",
            "no table of the database is by its",
            "schema_migrations",
        ),
    ],
)
def test_that_there_is_no_ledger_is_said(project: Path, url: str, section: str, reason: str, hint: str) -> None:
    found = sides(contract(project, with_section(section)), url)
    assert isinstance(found.ledger, Skipped)
    assert (reason in found.ledger.reason, hint in found.ledger.hint) == (True, True), found.ledger


@pytest.mark.parametrize(
    ("section", "column", "message"),
    [
        ("{folder: nowhere}", 22, "the folder of migrations nowhere does not exist"),
        ("{folder: expected.yaml}", 22, "the folder of migrations expected.yaml is not a directory"),
        (
            "{folder: supabase/migrations, ledger: public.nowhere}",
            51,
            "public.nowhere, the ledger that the",
        ),
        ("{folder: supabase/migrations, tool: golang-migrate}", 49, "supabase/migrations has no migrations of golang"),
        (
            "{folder: supabase/migrations, tool: prisma, ledger: supabase_migrations.schema_migrations}",
            65,
            "the files are of Prisma Migrate, but supabase_migrations.schema_migrations is by its columns a ledger",
        ),
    ],
)
def test_what_contradicts_is_an_error_of_the_contract(
    project: Path, url: str, section: str, column: int, message: str
) -> None:
    with pytest.raises(ContractError) as caught:
        sides(contract(project, with_section(section)), url)
    assert caught.value.message.startswith(message)
    assert caught.value.location is not None
    assert (caught.value.location.line, caught.value.location.column) == (2, column)


def test_an_update_of_the_contract_keeps_it(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema app; create table app.t (a integer); create table app.u (a integer)")
    file = contract(tmp_path, WHOLE.replace("{t: {}}", "{t: {columns: {a: text}}}"))
    done = CliRunner().invoke(app, ["snapshot", "--update", str(file)], env={"DATABASE_URL": url})
    assert done.exit_code == 0, done.stderr
    assert file.read_text(encoding="utf-8").startswith(WHOLE.partition("tables:")[0])
    assert "a: integer" in file.read_text(encoding="utf-8")
    stated = load(file).migrations
    assert stated is not None
    assert stated.command == "alembic upgrade head"


def test_the_schema_for_editors_has_it() -> None:
    made = json.loads((Path(__file__).parents[1] / "schemas" / "expected_schema.schema.json").read_text())
    assert made["properties"]["migrations"] == schema()["properties"]["migrations"]
