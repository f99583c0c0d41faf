"""`sessionaudit demo`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.outcome import deliver, finish, say, say_page

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = """\b
Examples:
  sessionaudit demo
  sessionaudit demo --keep
"""
_APPLY = ("--apply", "--yes", "--allow", "rewrite", "--allow", "loosen", "--with-data")


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running and print its URLs.")] = False,
    no_color: o.NoColor = False,
) -> None:
    """Show the program at work on a broken system, in a throwaway PostgreSQL of its own."""

    def command() -> int:
        import tempfile  # noqa: PLC0415
        from pathlib import Path  # noqa: PLC0415

        from sessionaudit.demo import system  # noqa: PLC0415
        from sessionaudit.demo.server import temporary_server  # noqa: PLC0415

        say("Starting a throwaway PostgreSQL …")
        contract = str(system.contract())
        with temporary_server(keep=keep) as server, tempfile.TemporaryDirectory() as folder:
            url = system.create(server, "broken", system.BROKEN)
            walk = _Walk(url, contract, no_color=no_color)
            walk.show("the system as it was found", "check", "--only", "schema")
            before, one, others = (str(Path(folder) / name) for name in ("before.yaml", "one.jsonl", "others.jsonl"))
            walk.show("its schema mended", "repair", *_APPLY, hidden=("--before", before))
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

    finish(command)


class _Walk:
    """Runs commands as a person would type them, in this process."""

    def __init__(self, url: str, contract: str, *, no_color: bool) -> None:
        self._contract = contract
        self._url = url
        if no_color:
            os.environ["NO_COLOR"] = "1"

    def show(self, told: str, name: str, *arguments: str, hidden: Sequence[str] = ()) -> int:
        """Print a command, run it, and give its exit code."""
        from typer.main import get_command  # noqa: PLC0415

        from sessionaudit.cli.app import app  # noqa: PLC0415

        words = (name, *arguments, "-c", self._contract)
        deliver(f"\n$ sessionaudit {' '.join(words)}    # {told}\n\n", None)
        call = [*words, "-d", self._url, *hidden]
        code = get_command(app).main(call, prog_name="sessionaudit", standalone_mode=False)
        return int(code or 0)


def _kept(url: str, directory: object) -> str:
    return f"""The server is left running.
  {url}
To stop it: {sys.executable} -m sessionaudit.demo.server '{directory}'
"""
