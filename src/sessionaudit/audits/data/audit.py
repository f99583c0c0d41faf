"""Audit the data: do the rows satisfy the invariants?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Audit, Context, Looked, Needs
from sessionaudit.audits.data.rules import RULES
from sessionaudit.core.report import Outcome
from sessionaudit.postgres.superuser import warnings
from sessionaudit.rulebook import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

_RULES = frozenset((*RULES, REFUSED))


def _run(context: Context) -> Outcome:
    selection, options = context.selection, context.options
    wanted = [one for one in context.contract.invariants if selection.asks(AUDIT.name, one.ref, _RULES)]
    if not wanted:
        left_out = len(context.contract.invariants)
        return Outcome(audit=AUDIT.name, noun=AUDIT.noun, left_out=left_out, whole=selection.everything)
    from sessionaudit.audits.data import violations  # noqa: PLC0415 - not every contract has them

    connection = context.read.connection
    rows = violations.audit(
        connection,
        context.contract,
        wanted,
        context.found,
        timeout=options.data_timeout,
        explain=options.explain,
        trying=options.trying,
    )
    return Outcome(
        audit=AUDIT.name,
        noun=AUDIT.noun,
        findings=tuple(rows.findings),
        skipped=tuple(rows.skipped),
        checked={AUDIT.noun: rows.counted},
        plans=rows.plans,
        notes=warnings(connection),
        left_out=len(context.contract.invariants) - len(wanted),
        backfillable=frozenset(one.ref for one in wanted if one.name in rows.backfillable),
        unfit=rows.unfit,
        hindered=rows.hindered,
        whole=selection.everything,
        looked_at=lambda: rows.examined,
    )


def _subjects(context: Context) -> Iterable[Looked]:
    return (Looked(one.ref, _RULES) for one in context.contract.invariants)


AUDIT = Audit(name="data", noun="invariant", needs=Needs.DATABASE, subjects=_subjects, run=_run)
