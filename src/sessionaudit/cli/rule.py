"""`sessionaudit rule`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import rule as r
from sessionaudit.cli.terminal.result import deliver


def rule(context: typer.Context, code: r.Code = None) -> None:
    """Explain a rule, or list them all. Needs no database."""

    def command() -> int:
        from sessionaudit.report import rule_lookup

        deliver(rule_lookup.explained(code) if code else rule_lookup.listed(), None)
        return 0

    finish(command, context)
