"""Migrations that are programs run as the command of the contract, against the private database."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.commands import replay_command
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("create table made (id integer primary key)")
with psycopg.connect("") as connection:  # by libpq's own variables
    connection.execute("create table made_too (id integer)")
    print("done as", connection.info.user)
"""


def test_what_a_command_makes_is_read(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    replayed = replay_command(f"{sys.executable} program.py", tmp_path)
    assert (replayed.code, replayed.stopped, replayed.untouched) == (0, "", False)
    assert replayed.output == "done as postgres\n"
    assert set(replayed.history.final["table"]) == {("public", "made"), ("public", "made_too")}
    (file,) = replayed.history.files
    assert (file.state, ObjectRef("column", ("public", "made", "id")) in replayed.history.steps) == ("applied", True)


def test_a_command_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    begun = time.monotonic()
    replayed = replay_command("echo begun; sleep 300 & sleep 300", tmp_path, seconds=1)
    assert time.monotonic() - begun < 60
    assert (replayed.output, replayed.untouched) == ("begun\n", True)
    assert "longer than 1 s" in replayed.stopped
    assert replayed.history.files[0].state == "rejected"


def test_the_end_of_what_a_command_says_is_kept(tmp_path: Path) -> None:
    replayed = replay_command("seq 100000; echo no; exit 3", tmp_path)
    assert replayed.code == 3
    assert replayed.output.endswith("100000\nno\n")
    assert len(replayed.output) <= 8192
