"""How `sessionaudit check` examines: by a contract, or by another database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import runner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.audits.audit import Options
    from sessionaudit.core.report import Report
    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.platform import Platform


class Other(Struct, frozen=True):
    """The database of --against, if there is one, and which of its schemas count."""

    url: Url
    schemas: Sequence[str]
    platform: Platform | None


def examined(url: Url, contract: Path, other: Other, asked: Options, judge: Callable[[Report], Report]) -> Report:
    """The report as `judge` sees it, with advice where there is something to advise. Raises SessionAuditError."""
    if other.url is not None:
        from sessionaudit.snapshot import against, taking

        chosen = taking.SnapshotOptions(schemas=tuple(other.schemas), platform=other.platform)
        return judge(against.compared(url, other.url, chosen, asked))
    examination = runner.examine(url, contract, asked)
    examination = replace(examination, report=judge(examination.report))
    if not (report := examination.report).findings and not any(outcome.unfit for outcome in report.outcomes):
        return report
    from sessionaudit.repair.next_after_audit import advised

    return advised(examination)
