"""The commands of the command line; each has its own module, loaded when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from sessionaudit import __version__
from sessionaudit.cli import examples

# Where each command is, in the order of the help.
COMMANDS = {
    "check": "check",
    "repair": "repair.command",
    "trace": "trace",
    "backfill": "backfill.command",
    "undo": "undo",
    "snapshot": "snapshot",
    "rule": "rule",
    "demo": "demo",
}


class Group(TyperGroup):
    """Loads a command when it is called: to read the options of all of them takes 40 ms."""

    def __init__(self, **settings: Any) -> None:
        """Know the names alone; a slip is compared with them."""
        super().__init__(**settings)
        self.commands: dict[str, Any] = dict.fromkeys(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer passes them by these names
        """The command of this name, or None."""
        if cmd_name in COMMANDS and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _loaded(cmd_name)
        return self.commands.get(cmd_name)


def _loaded(name: str) -> Any:
    module = import_module(f"sessionaudit.cli.{COMMANDS[name]}")
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    alone.command(name, epilog=getattr(examples, name.upper()))(getattr(module, name))
    return get_command(alone)


app = typer.Typer(
    name="sessionaudit",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sessionaudit {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compare a live PostgreSQL database with the schema that your application expects."""
