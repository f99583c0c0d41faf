"""What is said before and after the ledger of migrations is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.model import LedgerContent
from sessionaudit.core.counting import counted
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.migrations.correction import LedgerCorrection
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.repair.ledger_correction import CorrectedRow

NOTHING = "Nothing was proven to be wrong in the ledger: it was not changed."


def due(corrections: Iterable[LedgerCorrection]) -> str:
    """Return the statements that are to run, each with what it is for."""
    parts = [f"{_deed(one)}:\n{_indented(one.sql)}" for one in corrections]
    return "\n".join(parts)


def question(corrections: Sequence[LedgerCorrection], found: MigrationsReport) -> str:
    """Return what is asked before they do."""
    content = found.examined.evidence.ledger
    name = dotted(content.table) if isinstance(content, LedgerContent) else ""
    return f"Change {counted(len(corrections), 'row')} of the ledger {name} of {found.report.database}?"


def done(rows: Iterable[CorrectedRow]) -> str:
    """Return what was done, and how to take it back."""
    parts = [f"Done: {_deed(one.correction)}. To take it back:\n{_indented(one.back)}" for one in rows]
    return "\n".join(parts)


def left(corrections: Iterable[LedgerCorrection]) -> Iterator[str]:
    """Return what was not corrected, why not, and how it can be."""
    for one in corrections:
        name = one.file or one.version
        if one.refused:
            why = one.refused
        elif one.unproven:
            why = f"the migration does something that was not looked at ({one.unproven})"
        else:
            why = "no row of it can be composed here"
        how = f" By the tool itself: {one.command}" if one.command else ""
        yield f"The ledger was not corrected for {name}: {why}.{how}"


def _deed(one: LedgerCorrection) -> str:
    name = one.file or one.version
    return f"Record {name} as applied" if one.adds else f"Remove the row of {name}"


def _indented(text: str) -> str:
    return "\n".join(f"  {visible(line)}" for line in text.split("\n"))
