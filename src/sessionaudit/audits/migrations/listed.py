"""List migrations for a report: what the ledger and the database say of each, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.looked_at import was_looked_at
from sessionaudit.audits.migrations.verdicts import NOT_LOOKED_AT
from sessionaudit.core.report import ReportTable, TonedText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.verdicts import MigrationVerdict
    from sessionaudit.core.report import Report

_TITLE = "Migrations"
_OK, _WAIVED, _LEFT_OUT, _ACCEPTED = "ok", "waived", "left out", "accepted"
_TONES = {_OK: "good", NOT_LOOKED_AT: "warning", _WAIVED: "faint", _LEFT_OUT: "faint"}
_ABOUT = "What the ledger says of each migration, what the database has of it, and what is wrong."
_HEADS = ("migration", "ledger", "database", "verdict")


def verdict_words(one: MigrationVerdict, report: Report) -> str:
    """Return the verdict in a few words: the rules that it violates, “ok”, or that it was not looked at."""
    counted = {(finding.ref, finding.rule, finding.facet) for finding in report.findings}
    rules = [f.rule.name for f in one.findings if (f.ref, f.rule, f.facet) in counted]
    if rules:
        return ", ".join(dict.fromkeys(rules))
    accepted = {finding.fingerprint for finding, _ in report.accepted}
    if not accepted.isdisjoint(finding.fingerprint for finding in one.findings):
        return _ACCEPTED
    if one.findings:
        return _LEFT_OUT if report.filtered else _WAIVED
    return _OK if was_looked_at(one, live=report.database is not None) else NOT_LOOKED_AT


def listed(migrations: Sequence[MigrationVerdict], report: Report) -> Iterator[ReportTable]:
    """Return the table of migrations, if there are any."""
    rows = [(one, verdict_words(one, report)) for one in migrations]
    if rows:
        yield ReportTable(
            title=_TITLE,
            about=_ABOUT,
            columns=_HEADS,
            rows=tuple(
                (
                    (TonedText(one.file or one.version or one.name),),
                    (TonedText(one.ledger or "-", "" if one.ledger else "faint"),),
                    (TonedText(one.database or "-", "" if one.database else "faint"),),
                    tuple(TonedText(word, _TONES.get(word, "error")) for word in verdict.split(", ")),
                )
                for one, verdict in rows
            ),
        )
