"""Every command that may take long says on a terminal what it does; a pipe gets what it gets without one.

And every command ends well where its reader is gone, and writes no colours where none are wanted.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cli.test_long_work import BARS, environment
from marks import sampled
from rows import MENDED, STUCK
from sessionaudit.cli.commands import COMMANDS
from sessionaudit.demo import system
from terminals import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import MakeDatabase, Template

pytestmark = pytest.mark.thorough
# The program, in which everything lasts until it has been drawn twice.
SLOWLY = """
import sys, time
from contextlib import contextmanager
from sessionaudit.cli.terminal import activity_lines, aside, long_work
from sessionaudit.core.underway import Underway
long_work._SECONDS, long_work._REFRESH, activity_lines._STEADY = 0.0, 0.01, 0.0
doing, draw, draws = Underway.doing, activity_lines.ActivityLines.draw, []
def drawn(self):
    draw(self)
    draws.append(self)
activity_lines.ActivityLines.draw = drawn
@contextmanager
def slowly(self, what, total=None):
    with doing(self, what, total) as activity:
        wanted = len(draws) + 2
        while aside.LINES and len(draws) < wanted:
            time.sleep(0.01)
        yield activity
Underway.doing = slowly
sys.argv = ["sessionaudit", *sys.argv[1:]]
from sessionaudit.__main__ import main
main()
"""


class Place(NamedTuple):
    url: str
    folder: Path


@pytest.fixture
def place(template: Template, make_database: MakeDatabase, tmp_path: Path) -> Place:
    """The broken system with all that belongs to it."""
    url = make_database(template("ledger", system.statements(system.RECORDED)))
    system.write_project(tmp_path)
    return Place(url, tmp_path)


@pytest.fixture
def mended(place: Place, template: Template, make_database: MakeDatabase) -> Place:
    return place._replace(url=make_database(template("mended", MENDED)))


# What is seen while a command runs, by what it works on.
READING: dict[tuple[str, ...], tuple[str, ...]] = {
    ("check",): (
        "Reading the catalogs",
        "Counting broken rows",
        "Starting a private server",
        "Running migrations",
        "Looking for calls in code",
    ),
    ("check", "--format", "json"): ("Counting broken rows",),
    ("migrations", "--files-only"): ("Running migrations",),
    ("scan",): ("Looking for calls in code", "Judging"),
    ("scan", "--against", "contract"): ("Making a private database",),
    ("scan", "--against", "migrations"): ("Running migrations",),
    ("snapshot",): ("Writing the contract", "Proving the contract"),
    ("snapshot", "--migrations", "supabase/migrations", "--platform", "supabase"): ("Running files of SQL",),
    ("probe", "--embedded"): ("Making a private database", "Executing journeys"),
    ("access",): ("Computing access",),
    ("repair",): ("Making the plan",),
    ("trace", STUCK): ("Reading the catalogs",),
}
WRITING: dict[tuple[str, ...], tuple[str, ...]] = {
    ("backfill", "--list"): ("Listing rows",),
    ("backfill", STUCK, "--dry-run"): ("Repairing rows",),
    ("backfill", "--all", "--yes", "--journal", "j.jsonl"): ("Repairing rows: session_has",),
    ("undo", "--yes", "j.jsonl"): ("Undoing batches",),
}


def shown(place: Place, words: Sequence[str], wanted: Sequence[str]) -> tuple[int, str]:
    """Run a command on a terminal that is only its stderr; return its exit code, and its result."""
    call = [sys.executable, "-c", SLOWLY, *words]
    variables = environment(DATABASE_URL=place.url, NO_COLOR="1", XDG_STATE_HOME=str(place.folder / "state"))
    output = place.folder / "output"
    with (
        output.open("wb") as file,
        Terminal(call, env=variables, cwd=place.folder, on=("stderr",), stdout=file) as terminal,
    ):
        code = terminal.end(180)
    for what in wanted:
        assert re.search(rf"{re.escape(what)}[^\n]* [{BARS} ]{{12}} ", terminal.text), (what, terminal.text)
    left = "\n".join(terminal.seen)
    assert not re.search(rf"[{BARS}]|\d+ of \d+, about", left), left
    return code, output.read_text(encoding="utf-8")


def plainly(place: Place, words: Sequence[str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sessionaudit", *words],
        env=environment(DATABASE_URL=place.url, NO_COLOR="1", **more),
        cwd=place.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def steady(text: str) -> str:
    """A result without what differs from run to run: times and durations."""
    return re.sub(
        r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00(?::00)?)?|\"seconds\": [\d.]+|\b[\d.,]+ m?s\b", "…", text
    )


@pytest.mark.parametrize("words", sampled(5, READING), ids=" ".join)
def test_what_is_read_says_what_it_does(place: Place, words: tuple[str, ...]) -> None:
    code, result = shown(place, words, READING[words])
    without = plainly(place, words)
    assert (code, steady(result)) == (without.returncode, steady(without.stdout))


def test_what_is_written_says_what_it_does(mended: Place) -> None:
    for words, wanted in WRITING.items():
        code, _ = shown(mended, words, wanted)
        assert code in {0, 1}, words


def test_a_repair_says_what_it_does(place: Place) -> None:
    words = ("repair", "--apply", "--yes", "--allow", "all", "--with-data", "--only", "schema")
    code, _ = shown(place, words, ("Making the plan", "Applying steps"))
    assert code in {0, 1}


def test_a_key_ends_it_and_leaves_a_clean_screen(place: Place) -> None:
    contract = place.folder / "slow.yaml"
    slow = "(select count(*) from generate_series(1, 100000000)) > 0"
    contract.write_text(
        "version: 1\ntables: {sessions: {}}\ninvariants:\n"
        f"  slow: {{summary: It takes long, of: sessions, violations: 'select id from sessions where {slow}'}}\n",
        encoding="utf-8",
    )
    call = [sys.executable, "-m", "sessionaudit", "check", "-c", str(contract)]
    with Terminal(call, env=environment(DATABASE_URL=place.url, NO_COLOR="1"), cwd=place.folder) as terminal:
        assert terminal.read(lambda text: "Counting" in text) >= 2
        terminal.read(lambda text: "0 of 1, 3 s" in text)
        terminal.write("\x03")
        assert terminal.end() == 130
    assert [line.removeprefix("^C") for line in terminal.seen if line not in {"", "^C"}] == [
        "Interrupted. Nothing was changed."
    ]


# A call of each command that has much to print.
PRINTING: dict[str, tuple[str, ...]] = {
    "check": (),
    "repair": (),
    "trace": (STUCK,),
    "backfill": ("--list",),
    "undo": ("--help",),
    "snapshot": (),
    "migrations": (),
    "scan": (),
    "access": (),
    "probe": (),
    "report": ("--help",),
    "doctor": (),
    "lint": (),
    "rule": (),
    "demo": ("--help",),
    "help": (),
}


OF_OTHERS = {"rule", "repair", "snapshot"}  # a list to be searched, and files


def test_each_command_is_printed() -> None:
    assert PRINTING.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", sampled(6, PRINTING))
def test_streams_are_as_they_are_wanted(name: str, place: Place) -> None:
    words = (name, *PRINTING[name])
    whole = plainly(place, words, COLUMNS="80")
    assert "\x1b" not in whole.stdout + whole.stderr
    assert len(whole.stdout) > 100, whole.stderr
    # The reader is gone before anything is written.
    reading, writing = os.pipe()
    os.close(reading)
    gone = subprocess.run(
        [sys.executable, "-m", "sessionaudit", *words],
        env=environment(DATABASE_URL=place.url, COLUMNS="80", NO_COLOR="1"),
        cwd=place.folder,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert "Traceback" not in gone.stderr
    assert "Broken pipe" not in gone.stderr
    assert gone.returncode in {whole.returncode, 0, 1, 3}, gone.stderr
    for variables, coloured in (({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False), ({"COLUMNS": "80"}, None)):
        call = [sys.executable, "-m", "sessionaudit", *words]
        with Terminal(
            call, env=environment(DATABASE_URL=place.url, **variables), cwd=place.folder, columns=140
        ) as terminal:
            assert terminal.end() == whole.returncode
        if coloured is False:
            assert not re.search(r"\x1b\[[0-9;]*m", terminal.text)
        elif name not in OF_OTHERS:
            wide = [line for line in terminal.seen if len(line) > 80 and max(map(len, line.split())) < 30]
            assert wide == []
