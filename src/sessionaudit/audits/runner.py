"""Read a database and the contract at the same time, and run the audits. Names no audit.

Connecting and reading take the server longer than they take us, so each is begun as early as it can be. What is not
needed for that is imported while the server answers.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.audit import Needs, Options, Read
from sessionaudit.contract import file_text
from sessionaudit.core.background import in_background
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import closing, connect, hang_up

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from sessionaudit.audits.audit import Audit
    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.loader import Outline
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.report import Report
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection, Url

_LEAST_SECONDS = 0.001
_USUAL_CONNECT = 0.5  # seconds; while the server works, reading the contract costs no extra time
_DRIVER = "sessionaudit.postgres.protocol"


def run(url: Url, contract: Path, options: Options) -> Report:
    """Audit a database by a contract; see `examine`."""
    return examine(url, contract, options).report


def examine(url: Url, contract: Path, options: Options) -> Examination:
    """Audit a database by a contract; see `examining`."""
    with examining(url, contract, options) as (examination, _):
        return examination


@contextmanager
def examining(url: Url, contract: Path, options: Options) -> Generator[tuple[Examination, Connection | None]]:
    """Audit a database by a contract, and leave the connection open for the block.

    The connection is None if no audit needs one.

    The database is read in one read-only snapshot. Raises UsageError and ContractError if the options or the contract
    are wrong, DatabaseError if the database cannot be reached or fails during the audit.
    """
    if not options.statement_timeout >= _LEAST_SECONDS:  # this form refuses NaN too
        raise UsageError(f"--statement-timeout must be at least {_LEAST_SECONDS} seconds")
    if options.only or options.ignore:
        from sessionaudit.audits.selection import refuse_slips  # noqa: PLC0415 - loads all rules

        refuse_slips((*options.only, *options.ignore))
    if options.without and not _needs_database(options):
        yield _without_database(contract, options), None
        return
    source = file_text.read(contract)
    import_module(_DRIVER)  # not in the background: two threads that import take longer than one
    connecting = in_background(lambda: connect(url))
    try:
        declared, reading = _reading(source, str(contract), connecting, options)
        connection = connecting.result()
    except BaseException:
        in_background(lambda: hang_up(connecting.result()))  # when it has been established
        raise
    with closing(connection):
        from sessionaudit.audits.evaluation import audits, examined  # noqa: PLC0415 - while the server answers
        from sessionaudit.contract.resolve import resolved  # noqa: PLC0415 - the same

        _load(_needed(audits(), declared, options), reading)
        actual = reading.result()
        yield examined(resolved(declared, actual), Read(connection, actual), options), connection


def _reading(
    source: str, file: str, connecting: Future[Connection], options: Options
) -> tuple[Contract, Future[Schema]]:
    """Return the contract of a text, which is parsed while the server works, and the objects that it will have read."""
    from sessionaudit.contract import first_look  # noqa: PLC0415 - loads the kinds, while the server connects
    from sessionaudit.postgres import catalog  # noqa: PLC0415 - the same

    guess = first_look.relations(source)
    wait([connecting], timeout=_USUAL_CONNECT)
    outlined: Future[Outline] = Future()
    timeout = options.statement_timeout
    reading = in_background(
        lambda: catalog.read(connecting.result(), outlined.result, guess=guess, statement_timeout=timeout)
    )
    try:
        from sessionaudit.contract.loader import outline  # noqa: PLC0415 - while the server reads

        outlined.set_result(outline(source, file))
    except BaseException as error:
        outlined.set_exception(error)
        raise
    return outlined.result().declare(), reading


def _needs_database(options: Options) -> bool:
    from sessionaudit.audits.evaluation import audits  # noqa: PLC0415 - an audit of everything connects first

    return any(Needs.DATABASE in audit.needs for audit in audits() if audit.name not in options.without)


def _without_database(contract: Path, options: Options) -> Examination:
    from sessionaudit.audits.evaluation import examined  # noqa: PLC0415 - an audit of everything connects first
    from sessionaudit.contract.loader import load  # noqa: PLC0415 - the same

    return examined(load(contract), None, options)


def _needed(known: Iterable[Audit], contract: Contract, options: Options) -> Iterable[str]:
    """Return the modules that are imported after the server has answered, the most probable ones first."""
    asked = [audit for audit in known if audit.name not in options.without and audit.applies(contract)]
    yield from (module for audit in asked for module in audit.modules)
    yield from options.modules
    yield from (module for audit in asked for module in audit.modules_of_findings)


def _load(modules: Iterable[str], answer: Future[Any]) -> None:
    """Import modules as long as the server has not answered; those that are left are imported where they are used."""
    for module in modules:
        if answer.done():
            return
        import_module(module)
