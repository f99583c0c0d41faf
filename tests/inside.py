"""The program run in the test's own process: a fork of its own costs as much again as what most calls do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import program
from sessionaudit.backfill.journal import row_versions
from sessionaudit.cli.run import run as run_cli

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence


def run(
    call: Sequence[str], *, env: Mapping[str, str], cwd: str | Path = ".", text: str = "", timeout: float = 120
) -> subprocess.CompletedProcess[Any]:
    """What `program.run` returns of a call that is given a text; in a process of its own where others would feel it."""
    if threading.active_count() > 1 or not program.is_alike(env):
        options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": timeout}
        return program.run(call, env=env, cwd=cwd, input=text, check=False, **options)
    vars(row_versions)["_found"].cache_clear()  # which knows journals by paths relative to the folder
    with ExitStack() as files:
        given, out, errors = (
            files.enter_context(os.fdopen(os.memfd_create(name), "w+", encoding="utf-8", newline=""))
            for name in ("in", "out", "err")
        )
        given.write(text)
        given.seek(0)
        with _instead(call[3:], env, cwd, (given, out, errors)):
            try:
                run_cli()
                code: object = 0
            except SystemExit as end:
                code = end.code
        said: list[str] = []
        for one in (out, errors):
            one.flush()
            one.seek(0)
            said.append(one.read())
    return subprocess.CompletedProcess(call, code if isinstance(code, int) else int(code is not None), *said)


@contextmanager
def _instead(
    words: Sequence[str], environment: Mapping[str, str], folder: str | Path, streams: tuple[Any, Any, Any]
) -> Generator[None]:
    kept = sys.argv, sys.stdin, sys.stdout, sys.stderr
    variables, place = dict(os.environ), Path.cwd()
    sys.argv = ["sessionaudit", *words]
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        _environment(environment)
        os.chdir(folder)
        yield
    finally:
        os.chdir(place)
        _environment(variables)
        sys.argv, sys.stdin, sys.stdout, sys.stderr = kept


def _environment(wanted: Mapping[str, str]) -> None:
    if wanted.get("TZ") != os.environ.get("TZ"):
        os.environ.clear()
        os.environ.update(wanted)
        time.tzset()
        return
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
