"""A private database for a probe, made from the contract or from the migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys.session import ProbePlace, chosen
from sessionaudit.cli.named_database import is_named
from sessionaudit.contract.loader import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from sessionaudit.cli.options.probe import MadeFrom


def is_live(named: str | None, *, execute: bool, embedded: bool) -> bool:
    """Whether the live database is meant: it is named, or libpq is told of one."""
    return not embedded and (execute or is_named(named))


def private_database(contract: Path, made_from: MadeFrom, journeys: Sequence[str], stack: ExitStack) -> ProbePlace:
    """Make it for some journeys, none for all, until the stack is closed. Raises SessionAuditError."""
    declared = load(contract)
    chosen(declared, journeys)  # which refuses names that are not known, before a server is started for them
    if made_from == "contract":
        from sessionaudit.private.contract_database import contract_database

        made = stack.enter_context(contract_database(contract))
        return ProbePlace(contract, made.url, f"a private database made from {contract}", made.unmade)
    from sessionaudit.audits.migrations.replayed_database import replayed_database

    replayed = stack.enter_context(replayed_database(declared))
    return ProbePlace(contract, replayed.url, "a private database made from the migrations", replayed.unmade)
