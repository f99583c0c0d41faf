"""The names of the commands, and each command when it is called."""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup
from typer.main import get_command

from sessionaudit.cli import examples
from sessionaudit.cli.defaults.call_defaults import KEY
from sessionaudit.cli.defaults.found import defaults_of
from sessionaudit.cli.defaults.giving_way import DefaultingCommand
from sessionaudit.cli.help_page import option_sections, write_sections
from sessionaudit.cli.summaries import SUMMARIES, command_names

# Where each command is.
COMMANDS = {
    "check": "check",
    "repair": "repair.command",
    "trace": "trace",
    "backfill": "backfill.command",
    "undo": "undo",
    "snapshot": "snapshot",
    "migrations": "migrations.command",
    "scan": "scan",
    "access": "access",
    "probe": "probe",
    "report": "report",
    "doctor": "doctor",
    "lint": "lint",
    "rule": "rule",
    "demo": "demo",
    "help": "help_command",
}
# Commands of two words, which have options of their own; the defaults are those of the first word.
OF_TWO_WORDS = {"report diff": "report_diff"}


_NAMES = TyperArgument(param_decls=["name"], autocompletion=lambda *_: command_names())


class Group(TyperGroup):
    """Loads a command when it is called: to read the options of all of them takes 40 ms."""

    def __init__(self, **settings: Any) -> None:
        """Know the names alone."""
        settings["suggest_commands"] = False  # as we suggest them ourselves
        super().__init__(**settings)
        self.commands: dict[str, Any] = dict.fromkeys(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer passes them by these names
        """The command of this name, or None."""
        if cmd_name in COMMANDS:
            self.commands[cmd_name] = self.commands[cmd_name] or loaded(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command of a call, for which its defaults are looked for."""
        name, command, rest = super().resolve_command(ctx, args)
        first, called = name, " ".join((name or "", *rest[:1]))
        if called in OF_TWO_WORDS:
            name, command, rest = called, loaded(called), rest[1:]
        if first and name and command is not None and not {"-h", "--help"} & {*rest}:
            found = ctx.meta[KEY] = defaults_of(first, command, lambda: map(loaded, COMMANDS))
            ctx.default_map = {name: found.values}
        return name, command, rest

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a line for each command, then the options."""
        write_sections(formatter, {heading: [*rows.items()] for heading, rows in SUMMARIES.items()})
        write_sections(formatter, option_sections(self.get_params(ctx), ctx))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the commands that begin so, and the options."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return list(_NAMES.shell_complete(ctx, incomplete))


def loaded(name: str) -> Any:
    """A command with its options."""
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    alone.command(name, cls=DefaultingCommand, epilog=vars(examples)[_word(name).upper()])(_function(name))
    return get_command(alone)


def parameters(name: str) -> frozenset[str]:
    """The names of a command's parameters, for which typer need not be told of its options."""
    return frozenset(signature(_function(name)).parameters)


def _function(name: str) -> Any:
    module = (COMMANDS | OF_TWO_WORDS)[name]
    return getattr(import_module(f"sessionaudit.cli.{module}"), _word(name))


def _word(name: str) -> str:
    return name.replace(" ", "_")
