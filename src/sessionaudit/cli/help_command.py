"""`sessionaudit help`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.commands import COMMANDS, OF_TWO_WORDS, loaded
from sessionaudit.cli.ending import finish
from sessionaudit.cli.summaries import command_names
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import UsageError

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COMMAND]",
        help="A command. Default: the list of all.",
        autocompletion=command_names,
        show_default=False,
    ),
]


def help(context: typer.Context, names: Names = None) -> None:  # noqa: A001 - the command is called so
    """Show the help of a command, as `sessionaudit COMMAND --help` does."""

    def command() -> int:
        group = context.find_root()
        name = " ".join(names or ())
        if not name:
            deliver(f"{group.get_help()}\n")
            return 0
        if name not in COMMANDS and name not in OF_TWO_WORDS:
            from sessionaudit.cli.slips.meant import of_command

            raise UsageError(
                f"there is no command “{name}”", hint=of_command(name) or "`sessionaudit help` lists them."
            )
        one = loaded(name)
        with one.make_context(name, ["--help"], parent=group, resilient_parsing=True) as about:
            deliver(f"{one.get_help(about)}\n")
        return 0

    finish(command, context)
