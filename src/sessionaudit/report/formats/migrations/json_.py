"""Print migrations as one JSON object: the report, and a list of the migrations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.model import LedgerContent
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json
from sessionaudit.report.formats import json_
from sessionaudit.report.formats.migrations.content import MigrationsPage, word

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.correction import LedgerCorrection
    from sessionaudit.audits.migrations.effects import MigrationLocks, MigrationReplay
    from sessionaudit.audits.migrations.standing import LackingEffect
    from sessionaudit.audits.migrations.verdicts import MigrationVerdict
    from sessionaudit.core.finding import Location
    from sessionaudit.report import Canvas


def render(page: MigrationsPage, canvas: Canvas) -> str:
    """Render the page; later versions may add keys, but never change or remove them."""
    evidence = page.found.examined.evidence
    told: dict[str, Any] = json.loads(json_.render(page.found.report, canvas))
    ledger = evidence.ledger
    told |= {
        "tool": evidence.tool.name,
        "folder": evidence.folder.path,
        "ledger": dotted(ledger.table) if isinstance(ledger, LedgerContent) else None,
        "migrations": [_migration(one, page) for one in page.found.migrations],
        "corrections": [_correction(one) for one in page.found.corrections],
    }
    return spelled_json(told) + "\n"


def _migration(one: MigrationVerdict, page: MigrationsPage) -> dict[str, Any]:
    return {
        "version": one.version,
        "name": one.name,
        "file": one.file or None,
        "ledger": one.ledger or None,
        "applied_at": one.recorded.applied_at or None if one.recorded else None,
        "database": one.database or None,
        "verdict": word(one, page).split(", "),
        "findings": [finding.fingerprint for finding in one.findings],
        "missing": [_missing(lacking) for lacking in (one.standing.lacking if one.standing else ())],
        "replay": _replay(one.replay) if one.replay else None,
    }


def _correction(one: LedgerCorrection) -> dict[str, Any]:
    return {
        "file": one.file,
        "version": one.version,
        "adds": one.adds,
        "sql": one.sql,
        "command": one.command,
        "unproven": one.unproven,
        "refused": one.refused,
    }


def _missing(lacking: LackingEffect) -> dict[str, Any]:
    return {
        "object": str(lacking.ref),
        "facet": lacking.facet,
        "sort": lacking.sort,
        "reason": lacking.reason,
        "location": _place(lacking.location),
    }


def _replay(replay: MigrationReplay) -> dict[str, Any]:
    return {
        "state": replay.state,
        "failures": [
            {
                "location": _place(failure.location),
                "sqlstate": failure.state,
                "message": failure.message,
                "statement": failure.statement,
                "advice": failure.advice,
                "made_later": _place(failure.made_later) if failure.made_later else None,
                "unproven": failure.unproven,
            }
            for failure in replay.failures
        ],
        "effects": [
            {
                "deed": effect.deed,
                "object": str(effect.ref),
                "facets": list(effect.facets),
                "location": _place(effect.location),
            }
            for effect in replay.effects
        ],
        "rows": [
            {
                "deed": one.deed,
                "relations": list(one.relations),
                "count": one.rows,
                "location": _place(one.location),
            }
            for one in replay.locks.rows
        ]
        if replay.locks
        else None,
        "locks": _locks(replay.locks) if replay.locks else None,
    }


def _locks(locks: MigrationLocks) -> dict[str, Any]:
    return {
        "taken": [
            {
                "relation": dotted(one.relation),
                "lock": str(one.level),
                "blocks": one.level.blocks,
                "location": _place(one.location),
            }
            for one in locks.taken
        ],
        "rewritten": [dotted(path) for path in locks.rewritten],
        "unmeasured": [_place(location) for location in locks.unmeasured],
    }


def _place(location: Location) -> dict[str, Any]:
    return {"file": location.file, "line": location.line or None, "column": location.column or None}
