"""The Outcome of one audit, and the Report of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.finding import Finding, Skipped, Waiver
    from sessionaudit.core.ref import ObjectRef


class Database(NamedTuple):
    """Which database was read; nothing in it is secret."""

    name: str
    host: str
    server_version: str
    user: str

    def __str__(self) -> str:
        return f"{self.name} on {self.host}, PostgreSQL {self.server_version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one audit found, before waivers and the call's selection are applied.

    `checked` counts what was looked at, each by its noun; `noun` is that of their sum. `left_out` counts what the call
    left out. `plans` holds how PostgreSQL would answer what was asked, where that was wanted. `notes` are what one
    should know of how it was looked. `backfillable` are the objects whose findings a command mends that writes no DDL.
    `unfit` tells that some would be, were the schema repaired first. `whole` tells that it looked at all that there is,
    whatever the call asked for.
    """

    audit: str
    noun: str
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict[str, int])
    left_out: int = 0
    plans: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    backfillable: frozenset[ObjectRef] = frozenset()
    unfit: bool = False
    whole: bool = False

    @property
    def total(self) -> int:
        """How much was looked at."""
        return sum(self.checked.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What all audits found, for a format to print.

    `database` is None where none was asked. `findings` are those that count, worst first; `waived` are those that a
    waiver of the contract covers. `outcomes` are the audits' own, in their order. `filtered` tells that some rules or
    objects were left out because the call asked for it. `next` are the commands to type.
    """

    database: Database | None
    contract: str
    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    outcomes: tuple[Outcome, ...]
    filtered: bool = False
    next: tuple[str, ...] = ()

    @property
    def where(self) -> Database:
        """The database. Only where one was asked."""
        if self.database is None:
            raise AssertionError(self.contract)
        return self.database

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was asked for and could not be looked at."""
        return tuple(one for outcome in self.outcomes for one in outcome.skipped)

    @property
    def checked(self) -> dict[str, int]:
        """How much was looked at, by its noun."""
        return {noun: number for outcome in self.outcomes for noun, number in outcome.checked.items()}

    @property
    def totals(self) -> dict[str, int]:
        """How much each audit looked at, by the noun of the audit."""
        return {outcome.noun: outcome.total for outcome in self.outcomes}

    @property
    def left_out(self) -> dict[str, int]:
        """What the call left out, by the noun of the audit."""
        return {outcome.noun: outcome.left_out for outcome in self.outcomes if outcome.left_out}

    @property
    def plans(self) -> dict[str, str]:
        """How PostgreSQL would answer what was asked, where that was wanted."""
        return {name: plan for outcome in self.outcomes for name, plan in outcome.plans.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What one should know of how it was looked."""
        return tuple(note for outcome in self.outcomes for note in outcome.notes)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def summary(self) -> dict[str, int]:
        """The counts by severity, and of what was skipped and waived."""
        return {str(severity): self.count(severity) for severity in sorted(Severity, reverse=True)} | {
            "skipped": len(self.skipped),
            "waived": len(self.waived),
        }
