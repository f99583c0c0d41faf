"""`sessionaudit demo`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.outcome import canvas, deliver, finish, say

EPILOG = """\b
Examples:
  sessionaudit demo
  sessionaudit demo --keep
"""


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running and print its URLs.")] = False,
    no_color: o.NoColor = False,
    verbose: o.Verbose = False,
) -> None:
    """Show the program at work on a broken system, in a throwaway PostgreSQL of its own."""

    def command() -> int:
        from sessionaudit import audit  # noqa: PLC0415
        from sessionaudit.demo import system  # noqa: PLC0415
        from sessionaudit.demo.server import temporary_server  # noqa: PLC0415
        from sessionaudit.report import render  # noqa: PLC0415

        say("Starting a throwaway PostgreSQL …")
        page = canvas(no_color=no_color, verbose=verbose)
        with temporary_server(keep=keep) as server:
            urls = {
                name: system.create(server, name, parts)
                for name, parts in (("broken", system.BROKEN), ("good", system.GOOD))
            }
            for name, told in (("broken", "as it was found"), ("good", "as it should be")):
                deliver(f"$ sessionaudit check -c {system.contract()}    # the system {told}\n\n", None)
                report = audit.run(urls[name], system.contract(), audit.Options())
                deliver(render(report, "table", page) + "\n", None)
            if keep:
                say(_kept(urls, server.directory))
        return 0

    finish(command)


def _kept(urls: dict[str, str], directory: object) -> str:
    return f"""The server is left running.
  broken: {urls["broken"]}
  good:   {urls["good"]}
To stop it: {sys.executable} -m sessionaudit.demo.server '{directory}'
"""
