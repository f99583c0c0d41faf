"""`sessionaudit migrations` as a user calls it: the table, the files alone, git, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from migrationcases import CASES, build
from rows import run as program

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase

CASE = CASES / "violation_older_table"
REJECTED = CASES / "violation_rejected" / "migrations"
NOWHERE = "postgresql://127.0.0.1:1/nothing"


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
