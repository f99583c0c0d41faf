"""What a call of `sessionaudit check` asks of the audits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.audit import Options
from sessionaudit.cli.options.asked_formats import of_checklist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.cli.options.formats import PrintedFormat

_ADVISED = "sessionaudit.cli.repair.command"  # what is advised is printed with the options that it takes


class Limits(Struct, frozen=True):
    """How long one query may take, and counting the rows of one invariant, in seconds."""

    statement: float
    data: float


def options(
    only: Sequence[str],
    ignore: Sequence[str],
    formats: Sequence[PrintedFormat],
    limits: Limits,
    *,
    explain: bool,
    read_only: bool,
) -> Options:
    """What a call asks for. A format that shows SQL that mends has it made."""
    fixes = None
    if any(one.format.wants_fixes for one in formats):
        from sessionaudit.repair.fixes import Fixes

        fixes = Fixes()
    return Options(
        only=tuple(only),
        ignore=tuple(ignore),
        read_only=read_only,
        statement_timeout=limits.statement,
        data_timeout=limits.data,
        explain=explain,
        files=True,
        checklist=of_checklist(formats),
        fixes=fixes,
        modules=("sessionaudit.repair.next_after_audit", *(one.format.module for one in formats), _ADVISED),
    )
