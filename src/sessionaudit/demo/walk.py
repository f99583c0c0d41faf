"""The walk through the program on a broken system: each command is shown and run, until nothing is found."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.visible import shell_path
from sessionaudit.demo import system
from sessionaudit.embedded.server import temporary_server

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, MutableMapping, Sequence

_APPLY = ("--apply", "--yes", "--allow", "rewrite", "--with-data")


class Program(NamedTuple):
    """The program that is shown: `main` runs a command, `show` prints a part of the result, `say` a message."""

    main: Callable[..., Any]
    show: Callable[[str], None]
    say: Callable[[str], None]


def walk(program: Program, *, keep: bool, no_color: bool) -> int:
    """Show the whole of it on a server of its own, and return the last exit code; with `keep` the server stays."""
    contract = str(system.contract())
    with (
        temporary_server(keep=keep) as server,
        tempfile.TemporaryDirectory() as folder,
        _surroundings(no_color=no_color) as variables,
    ):
        # Set as environment variables, so that the shown commands are short.
        url = variables["DATABASE_URL"] = system.create(server, "broken", system.BROKEN)
        steps = _Walk(program, contract)
        steps.show("the system as it is", "check", "--only", "schema")
        files = ("before.yaml", "after.yaml", "one.jsonl", "others.jsonl")
        before, after, one, others = (str(Path(folder) / name) for name in files)
        steps.show("repair its schema", "repair", *_APPLY, hidden=("--before", before))
        named = ("--apply", "--yes", "--allow", "loosen", "--only", system.UNKNOWN)
        steps.show(
            "drop NOT NULL of a column that the contract does not name", "repair", *named, hidden=("--before", after)
        )
        steps.show("the schema is correct; some rows are not", "check")
        steps.show("why is this customer still waiting?", "trace", system.STUCK)
        steps.show("create her missing request", "backfill", system.STUCK, hidden=("--journal", one))
        steps.show("repair all other rows", "backfill", "--all", "--yes", hidden=("--journal", others))
        steps.show("two rows are left, for a person to decide", "check")
        decisions = "".join(f"    {statement};\n" for statement in system.DECISIONS)
        program.show(f"\nA person decides, in psql:\n\n{decisions}")
        system.decide(url)
        code = steps.show("check again", "check")
        if keep:
            program.say(_kept(url, server.directory))
    return code


@contextlib.contextmanager
def _surroundings(*, no_color: bool) -> Generator[MutableMapping[str, str]]:
    """Yield the environment variables of this process, and restore them when the block ends."""
    before = dict(os.environ)
    if no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        yield os.environ
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Walk:
    """Runs commands as a person would type them, in this process."""

    def __init__(self, program: Program, contract: str) -> None:
        self._program = program
        self._contract = contract

    def show(self, told: str, name: str, *arguments: str, hidden: Sequence[str] = ()) -> int:
        """Print a command, run it, and return its exit code."""
        words = (name, *arguments, "-c", self._contract)
        self._program.show(f"\n$ sessionaudit {' '.join(words)}    # {told}\n\n")
        code = self._program.main([*words, *hidden], prog_name="sessionaudit", standalone_mode=False)
        return int(code or 0)


def _kept(url: str, directory: object) -> str:
    return f"""The server is still running.
  {url}
To stop it: sessionaudit demo --stop {shell_path(directory)}
"""
