"""What a shell may complete in place of a value: (value, explanation), or the value alone.

A shell asks at each press of a key: nothing here connects, parses a contract, or loads what does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer  # noqa: TC002 - typer reads the annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def rules(incomplete: str) -> list[tuple[str, str]]:
    """Return the names of rules, or their codes where that is how a word begins."""
    from sessionaudit.rulebook import RULES

    by_code = incomplete[:1].isupper()
    return [(rule.code if by_code else rule.name, rule.summary) for rule in RULES.values()]


def parts(ctx: typer.Context, incomplete: str) -> list[str | tuple[str, str]]:
    """Return what --only and --ignore take: audits, rules and codes, and the tables and views of the contract."""
    from sessionaudit.audits import AUDITS
    from sessionaudit.cli.options.contract_files import relations

    audits = [(name, f"The whole audit of {name}.") for name in AUDITS]
    return [*audits, *rules(incomplete), *relations(ctx, incomplete)]


def any_of(words: Iterable[object]) -> Callable[[], list[str]]:
    """Return a completion that knows these words."""
    return lambda: [str(word) for word in words]


def tools() -> list[str]:
    """Return the migration tools."""
    from sessionaudit.audits.migrations.ledgers import BY_NAME

    return list(BY_NAME)


def hazards() -> list[str]:
    """Return what --allow takes."""
    from sessionaudit.core.step import Hazard

    return [*(str(hazard) for hazard in Hazard if hazard.gated), "all"]


def ledger_and_hazards() -> list[str]:
    """Return what --allow takes of migrations."""
    return ["ledger", *hazards()]
