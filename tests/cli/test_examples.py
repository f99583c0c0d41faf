"""The examples of every help run, one after the other, as somebody would type them who has the demo's system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.test_help import calls_of
from marks import sampled
from rows import MENDED
from servers import connect
from sessionaudit.cli import examples
from sessionaudit.cli.commands import COMMANDS
from sessionaudit.demo import application_files, history, system

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

pytestmark = pytest.mark.thorough
SHOP = "postgresql://app@db.internal/shop"
# What a call asks before it does it, where nothing else agrees to that.
ASKING = ("backfill --all", "undo", "repair --apply", "probe --execute", "migrations --allow")
OF_ROWS = {"backfill", "trace", "undo"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project under version control, with what the examples name beside it."""
    system.write_project(tmp_path)
    shutil.copytree(tmp_path / application_files.FOLDER, tmp_path / "src", dirs_exist_ok=True)
    (tmp_path / "supabase" / "functions").mkdir(parents=True, exist_ok=True)
    (tmp_path / "contract").mkdir()
    shutil.copy(tmp_path / "expected_schema.yaml", tmp_path / "contract")
    shutil.copytree(tmp_path / "repairs", tmp_path / "contract" / "repairs")
    (tmp_path / "dump.sql").write_text("create table orders (id int primary key);\n", encoding="utf-8")
    (tmp_path / "ids.txt").write_text("62e91166-c36b-4bd5-bc51-5b168f1bd176\n", encoding="utf-8")
    for words in ("init -q", "add .", "-c user.name=n -c user.email=e commit -qm all"):
        subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)
    subprocess.run(["git", "update-ref", "refs/remotes/origin/main", "HEAD"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("name", sampled(8, COMMANDS))
def test_the_examples_run(name: str, folder: Path, template: Template, make_database: MakeDatabase) -> None:
    url = make_database(
        template("mended", MENDED) if name in OF_ROWS else template("ledger", system.statements(system.RECORDED))
    )
    with connect(url) as connection:
        connection.execute("create schema if not exists billing")
        connection.execute("create table billing.invoices (id int primary key)")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    more = {"DATABASE_URL": url, "STAGING_URL": url, "PRODUCTION_URL": url, "PATH": path, "XDG_STATE_HOME": str(folder)}
    calls = calls_of(vars(examples)[name.upper()])
    if name == "snapshot":  # of broken migrations there is none, and it makes the directory
        shutil.rmtree(folder / "contract")
        history.correct(folder / history.FOLDER)
    if name == "report":
        more_calls = calls_of(examples.REPORT_DIFF)
        calls = ["sessionaudit check --format json --output yesterday.json", *calls, *more_calls]
    if name == "undo":
        calls = ["sessionaudit backfill --all --yes --journal backfill.jsonl", "cp backfill.jsonl later.jsonl", *calls]
    for call in calls:
        if call == "sessionaudit demo":  # which has a test of its own, and takes its time
            continue
        if "--output expected_schema.yaml" in call:  # somebody who has none yet
            (folder / "expected_schema.yaml").unlink()
        asks = any(f"sessionaudit {words}" in call for words in ASKING) and not {"--yes", "--dry-run"} & {*call.split()}
        line = call.partition(" #")[0].replace(SHOP, url)
        done = subprocess.run(
            ["bash", "-c", f"{line} --yes" if asks else line],
            cwd=folder,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1, 3}, (call, done.stderr)
        assert "Traceback" not in done.stderr
        assert "error: " not in done.stderr, (call, done.stderr)
