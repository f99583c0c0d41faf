"""`sessionaudit demo`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import demo as d
from sessionaudit.cli.options import shared as o
from sessionaudit.errors import UsageError


def demo(
    context: typer.Context,
    keep: d.Keep = False,
    broken: d.Broken = None,
    stop: d.Stop = None,
    reports: d.Reports = None,
    no_color: o.NoColor = False,
) -> None:
    """Demonstrate the program on a broken system.

    It starts a temporary PostgreSQL server, and removes it afterwards.
    """

    def command() -> int:
        from sessionaudit.cli.terminal.messages import say, say_page
        from sessionaudit.cli.terminal.result import deliver

        if sum((keep, broken is not None, stop is not None)) > 1:
            raise UsageError("--keep, --broken and --stop cannot be combined", hint="Choose one of them.")
        if reports is not None and (broken is not None or stop is not None):
            raise UsageError("--reports has no effect with --broken and --stop", hint="Omit it.")
        from sessionaudit.demo import system, walk, workshop

        if stop is not None:
            say(workshop.stop_any(stop))
            return 0
        say(system.STARTING)
        if broken is not None:
            workshop.open_workshop(broken)
            say_page(workshop.opened(broken))
            return 0
        program = walk.Program(main=context.find_root().command.main, show=deliver, say=say_page)
        return walk.walk(program, reports, keep=keep, no_color=no_color)

    finish(command, context)
