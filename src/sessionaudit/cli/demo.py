"""`sessionaudit demo`."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.outcome import deliver, finish, say, say_page
from sessionaudit.core.visible import shell_path
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, MutableMapping, Sequence

EPILOG = """\b
Examples:
  sessionaudit demo
  sessionaudit demo --broken broken                # to try it yourself; see broken/README.md
  sessionaudit demo --stop broken
"""
_APPLY = ("--apply", "--yes", "--allow", "rewrite", "--with-data")


def demo(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the repaired server running, and print its URL.")] = False,
    broken: Annotated[
        Path | None,
        typer.Option(metavar="DIRECTORY", help="Keep the broken system running, with everything needed to repair it."),
    ] = None,
    stop: Annotated[
        Path | None, typer.Option(metavar="DIRECTORY", help="Stop the server that --broken or --keep started.")
    ] = None,
    no_color: o.NoColor = False,
) -> None:
    """Demonstrate the program on a broken system.

    It starts a temporary PostgreSQL server, and removes it afterwards.
    """

    def command() -> int:
        if sum((keep, broken is not None, stop is not None)) > 1:
            raise UsageError("--keep, --broken and --stop cannot be combined", hint="Choose one of them.")
        if broken is not None:
            return _broken(broken)
        if stop is not None:
            return _stopped(stop)
        return _walked(context.find_root().command.main, keep=keep, no_color=no_color)

    finish(command, context)


def _broken(folder: Path) -> int:
    from sessionaudit.demo.workshop import open_workshop  # noqa: PLC0415

    say("Starting a temporary PostgreSQL server …")
    open_workshop(folder)
    place = shell_path(folder)
    say_page(
        f"The broken system is running; {folder}/README.md describes what to try. Start with:\n\n"
        f"  cd {place}\n  . ./env\n  sessionaudit check\n\n"
        f"To stop it: sessionaudit demo --stop {place}"
    )
    return 0


def _stopped(folder: Path) -> int:
    from sessionaudit.demo.workshop import close_workshop  # noqa: PLC0415
    from sessionaudit.embedded.directory import is_own_folder  # noqa: PLC0415
    from sessionaudit.embedded.server import stop  # noqa: PLC0415

    if is_own_folder(folder.absolute()):  # a directory printed by --keep
        stop(folder)
        say("The server is stopped, and its directory is deleted.")
    elif close_workshop(folder):
        say(f"The server is stopped. Your files in {folder} are kept.")
    else:
        say("The server had already stopped.")
    return 0


def _walked(program: Callable[..., Any], *, keep: bool, no_color: bool) -> int:
    import tempfile  # noqa: PLC0415

    from sessionaudit.demo import system  # noqa: PLC0415
    from sessionaudit.embedded.server import temporary_server  # noqa: PLC0415

    say("Starting a temporary PostgreSQL server …")
    contract = str(system.contract())
    with (
        temporary_server(keep=keep) as server,
        tempfile.TemporaryDirectory() as folder,
        _surroundings(no_color=no_color) as variables,
    ):
        # Set as environment variables, so that the shown commands are short.
        url = variables["DATABASE_URL"] = system.create(server, "broken", system.BROKEN)
        walk = _Walk(program, contract)
        walk.show("the system as it is", "check", "--only", "schema")
        files = ("before.yaml", "after.yaml", "one.jsonl", "others.jsonl")
        before, after, one, others = (str(Path(folder) / name) for name in files)
        walk.show("repair its schema", "repair", *_APPLY, hidden=("--before", before))
        named = ("--apply", "--yes", "--allow", "loosen", "--only", system.UNKNOWN)
        walk.show(
            "drop NOT NULL of a column that the contract does not name", "repair", *named, hidden=("--before", after)
        )
        walk.show("the schema is correct; some rows are not", "check")
        walk.show("why is this customer still waiting?", "trace", system.STUCK)
        walk.show("create her missing request", "backfill", system.STUCK, hidden=("--journal", one))
        walk.show("repair all other rows", "backfill", "--all", "--yes", hidden=("--journal", others))
        walk.show("two rows are left, for a person to decide", "check")
        decisions = "".join(f"    {statement};\n" for statement in system.DECISIONS)
        deliver(f"\nA person decides, in psql:\n\n{decisions}", None)
        system.decide(url)
        code = walk.show("check again", "check")
        if keep:
            say_page(_kept(url, server.directory))
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

    def __init__(self, program: Callable[..., Any], contract: str) -> None:
        self._program = program
        self._contract = contract

    def show(self, told: str, name: str, *arguments: str, hidden: Sequence[str] = ()) -> int:
        """Print a command, run it, and return its exit code."""
        words = (name, *arguments, "-c", self._contract)
        deliver(f"\n$ sessionaudit {' '.join(words)}    # {told}\n\n", None)
        code = self._program([*words, *hidden], prog_name="sessionaudit", standalone_mode=False)
        return int(code or 0)


def _kept(url: str, directory: object) -> str:
    return f"""The server is still running.
  {url}
To stop it: sessionaudit demo --stop {shell_path(directory)}
"""
