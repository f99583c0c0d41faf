"""Audit the migrations: is what is recorded as applied really there?"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Audit, Context, Looked, Needs
from sessionaudit.audits.migrations.rules import RULES
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

_RULES = frozenset(RULES)


def _run(context: Context) -> Outcome:
    if not any(context.selection.asks(AUDIT.name, one.ref, one.rules) for one in _subjects(context)):
        return Outcome(audit=AUDIT.name, noun=AUDIT.noun, whole=context.selection.everything)
    from sessionaudit.audits.migrations import examination  # noqa: PLC0415 - not every contract has them
    from sessionaudit.audits.migrations.listed import listed  # noqa: PLC0415 - the same
    from sessionaudit.audits.migrations.looked_at import refs_looked_at  # noqa: PLC0415 - the same

    options = examination.MigrationOptions(timeout=context.options.statement_timeout)
    examined = examination.examine_migrations(context.contract, context.read.connection, options)
    verdicts = examined.verdicts
    return Outcome(
        audit=AUDIT.name,
        noun=AUDIT.noun,
        findings=verdicts.findings,
        skipped=verdicts.skipped,
        checked={AUDIT.noun: len(examined.evidence.folder.migrations)},
        whole=True,
        directory=os.path.dirname(context.contract.file),  # noqa: PTH120 - pathlib makes “.” of nothing
        looked_at=lambda: refs_looked_at(verdicts.migrations, live=True),
        tables=partial(listed, verdicts.migrations),
    )


def _subjects(context: Context) -> Iterable[Looked]:
    """The folder and its migrations; of objects that they make it is known only when they ran."""
    declared = context.contract.migrations
    if declared is None:
        return
    yield Looked(ObjectRef("folder", (str(declared.folder),)), _RULES)
    if not context.selection.everything or context.contract.waivers:
        from sessionaudit.audits.migrations.sides import refs_of  # noqa: PLC0415 - only where something is named

        yield from (Looked(ref, _RULES) for ref in refs_of(context.contract))


AUDIT = Audit(
    name="migrations",
    noun="migration",
    needs=Needs.DATABASE | Needs.FILES | Needs.SERVER,
    subjects=_subjects,
    run=_run,
    applies=lambda contract: contract.migrations is not None,
    command="migrations",
    comes_first=True,
)
