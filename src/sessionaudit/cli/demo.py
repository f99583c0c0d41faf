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
  sessionaudit demo --broken broken                # to try it yourself; broken/README.md says what
  sessionaudit demo --stop broken
"""
_APPLY = ("--apply", "--yes", "--allow", "rewrite", "--with-data")


def demo(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running, mended, and print its URL.")] = False,
    broken: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Leave the broken system running, with all that is needed to try on it."),
    ] = None,
    stop: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Stop the server that --broken or --keep left running.")
    ] = None,
    no_color: o.NoColor = False,
) -> None:
    """Show the program at work on a broken system of its own.

    It starts a throwaway PostgreSQL for that, and takes it away afterwards.
    """

    def command() -> int:
        if sum((keep, broken is not None, stop is not None)) > 1:
            raise UsageError("--keep, --broken and --stop contradict each other", hint="Choose one of them.")
        if broken is not None:
            return _broken(broken)
        if stop is not None:
            return _stopped(stop)
        return _walked(context.find_root().command.main, keep=keep, no_color=no_color)

    finish(command, context)


def _broken(folder: Path) -> int:
    from sessionaudit.demo.workshop import open_workshop  # noqa: PLC0415

    say("Starting a throwaway PostgreSQL …")
    open_workshop(folder)
    place = shell_path(folder)
    say_page(
        f"The broken system is running; {folder}/README.md says what to try. Begin with:\n\n"
        f"  cd {place}\n  . ./env\n  sessionaudit check\n\n"
        f"To stop it: sessionaudit demo --stop {place}"
    )
    return 0


def _stopped(folder: Path) -> int:
    from sessionaudit.demo.workshop import close_workshop  # noqa: PLC0415
    from sessionaudit.embedded.folder import is_own_folder  # noqa: PLC0415
    from sessionaudit.embedded.server import stop  # noqa: PLC0415

    if is_own_folder(folder.absolute()):  # what --keep told
        stop(folder)
        say("The server is stopped, and its folder is gone.")
    elif close_workshop(folder):
        say(f"The server is stopped. What you made in {folder} stays; delete it when you like.")
    else:
        say("The server was gone already.")
    return 0


def _walked(program: Callable[..., Any], *, keep: bool, no_color: bool) -> int:
    import tempfile  # noqa: PLC0415

    from sessionaudit.demo import system  # noqa: PLC0415
    from sessionaudit.embedded.server import temporary_server  # noqa: PLC0415

    say("Starting a throwaway PostgreSQL …")
    contract = str(system.contract())
    with (
        temporary_server(keep=keep) as server,
        tempfile.TemporaryDirectory() as folder,
        _surroundings(no_color=no_color) as variables,
    ):
        # As a person would have set it, who types none of it.
        url = variables["DATABASE_URL"] = system.create(server, "broken", system.BROKEN)
        walk = _Walk(program, contract)
        walk.show("the system as it was found", "check", "--only", "schema")
        files = ("before.yaml", "after.yaml", "one.jsonl", "others.jsonl")
        before, after, one, others = (str(Path(folder) / name) for name in files)
        walk.show("its schema mended", "repair", *_APPLY, hidden=("--before", before))
        named = ("--apply", "--yes", "--allow", "loosen", "--only", system.UNKNOWN)
        walk.show("a column unknown to the contract, by its name", "repair", *named, hidden=("--before", after))
        walk.show("the schema is well; the rows are not", "check")
        walk.show("why does this customer wait?", "trace", system.STUCK)
        walk.show("she waits no longer", "backfill", system.STUCK, hidden=("--journal", one))
        walk.show("nor do the others", "backfill", "--all", "--yes", hidden=("--journal", others))
        walk.show("two rows are left, which no rule can decide", "check")
        decisions = "".join(f"    {statement};\n" for statement in system.DECISIONS)
        deliver(f"\nSo a person decides, in psql:\n\n{decisions}", None)
        system.decide(url)
        code = walk.show("and now", "check")
        if keep:
            say_page(_kept(url, server.directory))
    return code


@contextlib.contextmanager
def _surroundings(*, no_color: bool) -> Generator[MutableMapping[str, str]]:
    """The variables of this process, which are what they were when the block ends."""
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
        """Print a command, run it, and give its exit code."""
        words = (name, *arguments, "-c", self._contract)
        deliver(f"\n$ sessionaudit {' '.join(words)}    # {told}\n\n", None)
        code = self._program([*words, *hidden], prog_name="sessionaudit", standalone_mode=False)
        return int(code or 0)


def _kept(url: str, directory: object) -> str:
    return f"""The server is left running.
  {url}
To stop it: sessionaudit demo --stop {shell_path(directory)}
"""
