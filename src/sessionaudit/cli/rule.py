"""`sessionaudit rule`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import rule as r
from sessionaudit.cli.terminal.result import deliver


def rule(context: typer.Context, codes: r.Codes = None) -> None:
    """Explain rules, or list them all. Needs no database."""

    def command() -> int:
        from sessionaudit.report import rule_lookup

        deliver(rule_lookup.explained(codes) if codes else rule_lookup.listed(), None)
        return 0

    finish(command, context)
