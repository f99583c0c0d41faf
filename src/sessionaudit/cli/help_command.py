"""`sessionaudit help`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.commands import COMMANDS, loaded
from sessionaudit.cli.ending import finish
from sessionaudit.cli.summaries import command_names
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import UsageError

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[COMMAND]",
        help="A command. Default: the list of all.",
        autocompletion=command_names,
        show_default=False,
    ),
]


def help(context: typer.Context, name: Name = None) -> None:  # noqa: A001 - the command is called so
    """Show the help of a command, as `sessionaudit COMMAND --help` does."""

    def command() -> int:
        group = context.find_root()
        if name is None:
            deliver(f"{group.get_help()}\n")
            return 0
        if name not in COMMANDS:
            from sessionaudit.cli.slips.meant import of_command

            raise UsageError(
                f"there is no command “{name}”", hint=of_command(name) or "`sessionaudit help` lists them."
            )
        one = loaded(name)
        with one.make_context(name, ["--help"], parent=group, resilient_parsing=True) as about:
            deliver(f"{one.get_help(about)}\n")
        return 0

    finish(command, context)
