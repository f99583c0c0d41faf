"""What the tests run by a fork is what a user runs: the same output, errors and exit code."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

import program
from rows import CONTRACT, MARIA

if TYPE_CHECKING:
    from pathlib import Path

TIMES = re.compile(r'"(began|seconds)": \S+')
CALLS = [
    ("--version",),
    ("rule", "SA101"),
    ("check", "--nothing"),
    ("check", "-c", "missing.yaml"),
    ("check", "-c", str(CONTRACT), "-f", "json"),
    ("backfill", MARIA, "-c", str(CONTRACT)),
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_fork_does_what_a_process_of_its_own_does(database: str, tmp_path: Path, call: tuple[str, ...]) -> None:
    environment = {**os.environ, "DATABASE_URL": database, "COLUMNS": "70"}
    told = [
        run(
            [*program.START, *call],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for run in (program.run, subprocess.run)
    ]
    ours, started = ((one.returncode, TIMES.sub("", one.stdout), one.stderr) for one in told)
    assert ours == started
    assert ours[1] or ours[2]


def test_what_takes_too_long_is_killed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/nobody"
        call = [*program.START, "check", "-c", str(CONTRACT), "-d", url]
        with pytest.raises(subprocess.TimeoutExpired):
            program.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=0.5)
        other, _ = silent.accept()
        with other:
            other.settimeout(30)
            while other.recv(1000):
                pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_a_fork_as_it_ends_a_process_of_its_own(tmp_path: Path, number: signal.Signals) -> None:
    told: list[tuple[int | None, str, str]] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/nobody"
        call = [*program.START, "check", "-c", str(CONTRACT), "-d", url]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        for start in (program.Process, partial(subprocess.Popen, text=True)):
            process = start(call, env=dict(os.environ), cwd=tmp_path, **pipes)
            other, _ = silent.accept()
            with other:
                other.recv(1)
                assert process.poll() is None
                process.send_signal(number)
                out, errors = process.communicate(timeout=30)
            told.append((process.returncode, out, errors))
    ours, started = told
    assert ours == started
    assert ours[0] == (130 if number is signal.SIGINT else -number)


def test_how_python_itself_is_run_starts_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make and containers set these: a run whose environment has none of them is the same to a fork."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    monkeypatch.setattr(subprocess, "run", None)
    for environment in (bare, {**bare, "PYTHONWARNINGS": "error"}, dict(os.environ)):
        done = program.run([*program.START, "--version"], env=environment, capture_output=True, text=True, timeout=60)
        assert done.stdout.startswith("sessionaudit ")
