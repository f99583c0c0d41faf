"""`sessionaudit migrations` as a user calls it: the table, the files alone, git, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from migrationcases import CASES, build
from rows import run as program

if TYPE_CHECKING:
    from conftest import MakeDatabase

CASE = CASES / "violation_older_table"
REJECTED = CASES / "violation_rejected" / "migrations"
NOWHERE = "postgresql://127.0.0.1:1/nothing"
TOP = Path(__file__).parents[2]


def run(*words: str, url: str = NOWHERE, **environment: Any) -> subprocess.CompletedProcess[str]:
    return program(*words, url=url, **environment)


def test_the_table_has_a_line_for_each_and_the_story_of_a_bad_one(make_database: MakeDatabase) -> None:
    url = make_database()
    build(CASE, url)
    told = run("migrations", "--contract", str(CASE / "contract.yaml"), url=url, COLUMNS="80")
    assert told.returncode == 1, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["migration", "ledger", "database", "verdict"]
    assert lines[1].split() == ["20240101000000_orders.sql", "applied", "there", "ok"]
    assert lines[2].split()[-1] == "recorded-not-there"
    assert "column public.orders.note is not there" in " ".join(told.stdout.split())
    data = json.loads(run("migrations", "--contract", str(CASE / "contract.yaml"), "--format", "json", url=url).stdout)
    assert data["tool"] == "supabase"
    assert data["migrations"][1]["missing"][0]["object"] == "column public.orders.note"


def test_files_alone_need_no_database_and_no_contract(tmp_path: Path) -> None:
    shutil.copytree(REJECTED, tmp_path / "migrations")
    told = run("migrations", "--files-only", "--folder", str(tmp_path / "migrations"))
    assert told.returncode == 1, told.stderr
    assert "rejected-migration" in told.stdout
    assert "CREATE TYPE has no IF NOT EXISTS" in " ".join(told.stdout.split())


def test_one_file_is_told_with_all_that_it_does(tmp_path: Path) -> None:
    shutil.copytree(REJECTED, tmp_path / "migrations")
    words = ("migrations", "--files-only", "--folder", str(tmp_path / "migrations"), "--file")
    told = run(*words, "20240101000000_orders.sql")
    assert told.returncode == 0, told.stderr
    assert "adds column public.orders.state" in told.stdout
    assert "20240102000000" not in told.stdout
    refused = run(*words, "20240101000000_order.sql")
    assert refused.returncode == 2
    assert "is not a file of the folder" in refused.stderr


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_only_changed_files_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(REJECTED, folder)
    last = folder / "20240103000000_more.sql"

    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com", *words],
            check=True,
            capture_output=True,
        )

    git("init")
    git("add", "-A")
    git("commit", "-m", "first")
    last.write_text("create table public.more (id bigint primary key);\n", encoding="utf-8")
    words = ("migrations", "--files-only", "--folder", str(folder), "--changed-since")
    told = run(*words, "HEAD")
    assert (told.returncode, "20240103000000_more.sql" in told.stdout) == (0, True), told.stdout + told.stderr
    assert "20240102000000" not in told.stdout
    refused = run(*words, "nowhere")
    assert (refused.returncode, "git knows no commit “nowhere”" in refused.stderr) == (2, True), refused.stderr


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    contract = tmp_path / "c.yaml"
    contract.write_text("version: 1\ntables: {t: {}}\n", encoding="utf-8")
    none = run("migrations", "--files-only", "--contract", str(contract))
    assert (none.returncode, "has no section “migrations”" in none.stderr) == (2, True)
    tool = run("migrations", "--files-only", "--folder", str(tmp_path), "--tool", "supabse")
    assert (tool.returncode, "Did you mean “supabase”?" in tool.stderr) == (2, True), tool.stderr
    folder = run("migrations", "--files-only", "--folder", str(tmp_path / "gone"))
    assert (folder.returncode, "does not exist" in folder.stderr) == (2, True), folder.stderr


SCHEMA = json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
ERRORS = json.loads((TOP / "schemas" / "error.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("violation_older_table", ()),
        ("violation_usual", ()),
        ("violation_missing_file", ()),
        ("violation_usual", ("--files-only",)),
        ("violation_there_not_recorded", ("--only", "there-not-recorded")),
        ("violation_there_not_recorded", ("--allow", "ledger", "--yes")),
        ("violation_rejected", ("--file", "20240102000000")),
        ("violation_empty", ("--stop",)),
    ],
)
def test_json_keeps_its_schema(case: str, words: tuple[str, ...], make_database: MakeDatabase) -> None:
    url = make_database()
    build(CASES / case, url)
    told = run("migrations", "--contract", str(CASES / case / "contract.yaml"), "--format", "json", *words, url=url)
    assert told.stdout, told.stderr
    data = json.loads(told.stdout)
    jsonschema.validate(data, {**SCHEMA, "required": [*SCHEMA["required"], "tool", "folder", "ledger", "migrations"]})
    assert data["checked"]["objects"] == 0
    assert (data["database"] is None) == ("--files-only" in words)


def test_an_error_keeps_the_schema_of_errors(tmp_path: Path) -> None:
    told = run("migrations", "--files-only", "--folder", str(tmp_path / "nowhere"), "--format", "json")
    assert told.returncode == 2
    jsonschema.validate(json.loads(told.stdout), ERRORS)


def test_what_many_findings_follow_from_is_told_at_the_end(tmp_path: Path) -> None:
    """Of one file that is rejected, and the many that stand on it; of few findings nothing is told."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "20240101000000_first.sql").write_text("create table public.a (id nowhere);\n", encoding="utf-8")
    for number in range(2, 12):
        text = f"create index a_{number} on public.a (id);\n"
        (folder / f"202401{number:02}000000_more.sql").write_text(text, encoding="utf-8")
    told = run("migrations", "--files-only", "--folder", str(folder), COLUMNS="200")
    assert "10 of 11 findings follow from 1 cause, a file that is rejected: " in " ".join(told.stdout.split())
    assert "20240101000000_first.sql (10)." in " ".join(told.stdout.split())
    few = run("migrations", "--files-only", "--folder", str(folder), "--only", "rejected-migration")
    assert "findings follow" not in few.stdout


@pytest.mark.parametrize("width", [80, 140])
def test_a_heading_is_no_wider_than_the_page(tmp_path: Path, width: int) -> None:
    folder = tmp_path / "a_service_with_a_name" / "database" / "migrations"
    shutil.copytree(REJECTED, folder)
    (folder / "below").mkdir()
    (folder / "below" / "2_a.sql").write_text("select 1;\n", encoding="utf-8")
    contract = tmp_path / "contract.yaml"
    shown = folder.relative_to(tmp_path)
    contract.write_text(
        f"version: 1\nmigrations: {{folder: {shown}, tool: supabase, platform: none}}\n", encoding="utf-8"
    )
    words = ("migrations", "--files-only", "--contract", str(contract))
    told = run(*words, COLUMNS=str(width))
    assert "migration " in told.stdout
    lines = [line for line in told.stdout.splitlines() if str(tmp_path) not in line]
    assert [line for line in lines if len(line) > width] == []
    coloured = run(*words, COLUMNS=str(width), FORCE_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured.stdout)
    assert (plain, coloured.stdout == plain) == (told.stdout, False)


def test_what_a_file_itself_commits_before_a_failure_is_told(tmp_path: Path) -> None:
    """Not what it commits after it."""
    (tmp_path / "1.sql").write_text("create table public.a ();\ncommit;\ncreate table public.a ();\n", encoding="utf-8")
    (tmp_path / "2.sql").write_text("begin;\ncreate table public.a ();\ncommit;\n", encoding="utf-8")
    told = run("migrations", "--files-only", "--folder", str(tmp_path), "--tool", "plain", COLUMNS="300")
    assert told.stdout.count("keeps what stands before it: where the tool stops, the file is half applied.") == 1
    assert "COMMIT at line 2 keeps what stands before it" in told.stdout
