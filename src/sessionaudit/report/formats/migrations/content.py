"""Define what the page of migrations is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.migrations.looked_at import was_looked_at
from sessionaudit.audits.migrations.verdicts import NOT_LOOKED_AT

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.audits.migrations.verdicts import MigrationVerdict


class MigrationsPage(Struct, frozen=True, kw_only=True):
    """What was found, and the commands to type next."""

    found: MigrationsReport
    next: tuple[str, ...] = ()


def word(one: MigrationVerdict, page: MigrationsPage) -> str:
    """Return the verdict in a few words: the rules that it violates, “ok”, or that it was not looked at."""
    counted = {(finding.ref, finding.rule, finding.facet) for finding in page.found.report.findings}
    rules = [f.rule.name for f in one.findings if (f.ref, f.rule, f.facet) in counted]
    if rules:
        return ", ".join(dict.fromkeys(rules))
    if one.findings:
        accepted = {finding.fingerprint for finding, _ in page.found.report.accepted}
        if not accepted.isdisjoint(finding.fingerprint for finding in one.findings):
            return "accepted"
        return "left out" if page.found.report.filtered else "waived"
    return "ok" if was_looked_at(one, live=page.found.report.database is not None) else NOT_LOOKED_AT
