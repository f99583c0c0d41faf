"""What `sessionaudit scan` does: it finds a database to judge by, and has the code examined."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sessionaudit.audits.code.session import CodeJudge, contract_of, report_code
from sessionaudit.cli.named_database import is_named
from sessionaudit.cli.options.scan import Against
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from sessionaudit.audits.code.session import CodePart, CodePlace
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.report import Report
    from sessionaudit.postgres.connection import Url


class Judged(NamedTuple):
    """What is to judge, None for the usual, and where the live database is."""

    against: Against | None
    named: str | None
    url: Url


def scanned(place: CodePlace, by: Judged, asked: CodePart, timeout: float) -> Report:
    """Return the report on the code. Raises SessionAuditError."""
    contract = contract_of(place, asked)
    with ExitStack() as stack:
        live = by.against is None and (is_named(by.named) or not contract.file)
        against = by.against or (Against.database if live else Against.contract)
        judge = _judge(against, contract, by.url, stack)
        report = report_code(contract, judge, asked, timeout=timeout).report
    return replace(report, selected=(*report.selected, *place.words))


def _judge(against: Against, contract: Contract, url: Url, stack: ExitStack) -> CodeJudge:
    if against is not Against.database and not contract.file:
        raise UsageError(
            f"--against {against} needs a contract, and there is none here", hint="Name it: --contract FILE."
        )
    if against is Against.database:
        return CodeJudge(stack.enter_context(closing(connect(url))))
    if against is Against.contract:
        from sessionaudit.private.contract_database import contract_database

        made = stack.enter_context(contract_database(Path(contract.file)))
        return CodeJudge(stack.enter_context(closing(connect(made.url))), contract.file, True, made.unmade)
    from sessionaudit.audits.migrations.replayed_database import replayed_database

    replayed = stack.enter_context(replayed_database(contract))
    connection = stack.enter_context(closing(connect(replayed.url)))
    return CodeJudge(connection, "the migrations", unmade=replayed.unmade, unmade_texts=replayed.unmade_texts)
