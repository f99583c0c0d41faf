"""Report: what an audit has to say, for a formatter to spell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.finding import Severity

if TYPE_CHECKING:
    from sessionaudit.core.finding import Finding, Skipped, Waiver


class Database(NamedTuple):
    """Which database was read; nothing in it is secret."""

    name: str
    host: str
    server_version: str
    user: str

    def __str__(self) -> str:
        return f"{self.name} on {self.host}, PostgreSQL {self.server_version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of an audit.

    `findings` come worst first. `waived` are findings that a waiver of the contract covers.
    `checked` counts what was looked at, by kind, in the order of the kinds. `filtered` tells that
    some rules or objects were left out because the call asked for it. `invariants` counts the promises of
    the rows that were looked at, `uncounted` those that the call left out, and `plans` holds how PostgreSQL would count
    each, where that was asked for. `notes` are what one should know of how it was looked, `next` the commands to type.
    """

    database: Database
    contract: str
    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    skipped: tuple[Skipped, ...]
    checked: dict[str, int]
    filtered: bool = False
    invariants: int = 0
    plans: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    uncounted: int = 0
    next: tuple[str, ...] = ()

    @property
    def objects(self) -> int:
        """How many objects were looked at."""
        return sum(self.checked.values())

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
