"""The script as a migration: the real Supabase CLI, of npm's package `supabase`, pushes it, twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from caserunner import traces
from consumers import CACHE, npm_installed
from sessionaudit.audits import runner
from sessionaudit.demo import system

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT / "expected_schema.yaml"
PACKAGE = "supabase@2.122.1"
VERSIONS = ("20260101000000", "20260101000001")
SCHEMA = runner.Options(without=("data",))  # the rows are for backfill

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def program() -> Path:
    """The CLI, from the cache or from npm."""
    return npm_installed(CACHE / "supabase", PACKAGE) / ".bin" / "supabase"


class Project:
    """A scratch project, and the CLI in it, which asks nobody, reports nothing and finds no account."""

    def __init__(self, program: Path, folder: Path, url: str) -> None:
        self.program = program
        self.folder = folder
        self.url = url if "?" in url else f"{url}?sslmode=disable"
        (folder / "supabase" / "migrations").mkdir(parents=True)

    def migration(self, version: str, text: str) -> None:
        file = self.folder / "supabase" / "migrations" / f"{version}_repair.sql"
        file.write_text(text, encoding="utf-8")

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [self.program, *words, "--db-url", self.url, "--agent", "no"],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "DO_NOT_TRACK": "1",
                "SUPABASE_TELEMETRY_DISABLED": "1",
                "NO_COLOR": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = f"$ supabase {' '.join(words)}\n{done.stdout}{done.stderr}"
        sys.stdout.write(said)
        assert done.returncode == 0, said
        return said


def printed(url: str) -> str:
    """What the command prints for the system."""
    call = [sys.executable, "-m", "sessionaudit", "repair", "-d", url, "-c", str(CONTRACT)]
    call += ["--transactional", "--only", "schema", "--only", "blocking-column", "--allow", "all", "--with-data"]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_cli_pushes_the_transactional_script_twice(
    program: Path, make_database: MakeDatabase, template: Template, tmp_path: Path
) -> None:
    url = make_database(template("broken", system.statements(system.BROKEN)))
    text = printed(url)
    assert "Held back" not in text
    project = Project(program, tmp_path, url)

    project.migration(VERSIONS[0], text)
    said = project.run("db", "push", "--yes")
    assert f"Applying migration {VERSIONS[0]}_repair.sql" in said
    assert runner.run(url, CONTRACT, SCHEMA).findings == ()
    before = traces(url)

    project.migration(VERSIONS[1], text)
    said = project.run("db", "push", "--yes")
    assert f"Applying migration {VERSIONS[1]}_repair.sql" in said
    assert runner.run(url, CONTRACT, SCHEMA).findings == ()
    assert traces(url) == before

    listed = project.run("migration", "list")
    assert all(listed.count(version) == 2 for version in VERSIONS), "each is there, and recorded as applied"
