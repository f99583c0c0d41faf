"""Find the invariants that the options select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import nearest
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract


def usual(contract: Contract, name: str | None) -> Invariant:
    """Return the invariant of this name; without a name, the one with `backfill: true`, or the only one with a repair.

    Raises UsageError.
    """
    if name is not None:
        return _named(contract, name)
    repairable = [one for one in contract.invariants if one.repair is not None]
    marked = [one for one in repairable if one.usual] or (repairable if len(repairable) == 1 else [])
    if not marked:
        raise UsageError(
            "the contract has several invariants with a repair, and none with “backfill: true”"
            if repairable
            else "no invariant of the contract has a repair",
            hint=f"Name one with --invariant: {', '.join(one.name for one in repairable)}." if repairable else "",
        )
    return marked[0]


def repairable(contract: Contract, name: str | None) -> tuple[Invariant, ...]:
    """Return the invariant of this name, or all with a repair, in the order of the contract. Raises UsageError."""
    found = (_named(contract, name),) if name else tuple(one for one in contract.invariants if one.repair is not None)
    if not found:
        raise UsageError("no invariant of the contract has a repair")
    return found


def listed(contract: Contract, name: str | None) -> tuple[Invariant, ...]:
    """Return the invariant of this name, or all, in the order of the contract. Raises UsageError."""
    if name is not None:
        return (_known(contract, name, [one.name for one in contract.invariants]),)
    if not contract.invariants:
        raise UsageError(f"{contract.file} has no invariants to list")
    return contract.invariants


def _known(contract: Contract, name: str, offered: list[str]) -> Invariant:
    found = next((one for one in contract.invariants if one.name == name), None)
    if found is None:
        raise UsageError(f"the contract has no invariant “{name}”", hint=nearest(name, offered))
    return found


def _named(contract: Contract, name: str) -> Invariant:
    names = [one.name for one in contract.invariants if one.repair is not None]
    found = _known(contract, name, names)
    if found.repair is None:
        raise UsageError(
            f"the invariant {name} has no repair: a person must decide about its rows",
            hint=f"Known: {', '.join(names)}.",
        )
    return found
