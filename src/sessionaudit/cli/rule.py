"""`sessionaudit rule`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.outcome import deliver, finish

EPILOG = """\b
Examples:
  sessionaudit rule
  sessionaudit rule SA304
  sessionaudit rule foreign-key-target
"""


def rule(
    context: typer.Context,
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="A code or name; default: list all rules.")
    ] = None,
) -> None:
    """Explain a rule, or list them all. Needs no database."""

    def command() -> int:
        deliver(_explained(code) if code else _listed(), None)
        return 0

    finish(command, context)


def _listed() -> str:
    from sessionaudit.rulebook import RULES  # noqa: PLC0415

    width = max(map(len, RULES))
    return "".join(
        f"{rule.code}  {rule.name:<{width}}  {rule.severity!s:<7}  {rule.summary}\n" for rule in RULES.values()
    )


def _explained(code: str) -> str:
    from textwrap import fill  # noqa: PLC0415

    from sessionaudit.core.node import nearest  # noqa: PLC0415
    from sessionaudit.errors import UsageError  # noqa: PLC0415
    from sessionaudit.rulebook import RULES, find, object_of  # noqa: PLC0415

    rule = find(code)
    if rule is None:
        raise UsageError(f"unknown rule “{code}”", hint=nearest(code.lower(), RULES))
    return (
        f"{rule.code} {rule.name} ({rule.severity})\n\n{fill(rule.summary, 80)}\n\n{fill(rule.why, 80)}\n\n"
        f"To change its severity, or to switch it off, in the contract:\n\n"
        f"rules:\n  {rule.name}: error | warning | note | ignore\n\n"
        f"To accept one finding for a time:\n\n"
        f"waivers:\n  - {{rule: {rule.name}, object: {object_of(rule)}, reason: WHY, owner: WHO, until: YYYY-MM-DD}}\n"
    )
