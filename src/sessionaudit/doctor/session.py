"""Diagnose a connection: reach it, and ask for all that its commands need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.contract.loader import load
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.doctor import beside_contract, of_contract, rights, roles, server
from sessionaudit.doctor.diagnosis import COMMANDS, Diagnosis, Symptom, Weight
from sessionaudit.doctor.reaching import attempts
from sessionaudit.errors import DatabaseError, UsageError
from sessionaudit.postgres.connection import Address, closing, connect, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sessionaudit.contract.model import Contract
    from sessionaudit.doctor.diagnosis import ConnectionAttempt
    from sessionaudit.postgres.connection import Connection, Url

_USUAL_SCHEMA, _USUAL_FILE = "public", "expected_schema.yaml"


class DoctorOptions(Struct, frozen=True, kw_only=True):
    """What is asked: a connection, a contract if there is one, and for which commands; none are all.

    `timeout` is in seconds, for each query. `more` are remarks of the caller's.
    """

    url: Url
    contract: Path | None = None
    commands: tuple[str, ...] = ()
    timeout: float = 30
    more: tuple[Symptom, ...] = ()


def diagnose(options: DoctorOptions) -> Diagnosis:
    """Return all that is known; an unreachable database is told by its attempts. Raises SessionAuditError otherwise."""
    contract = load(options.contract) if options.contract else None
    commands = options.commands or COMMANDS
    tried = attempts(options.url.url if isinstance(options.url, Address) else options.url)
    if not tried[-1].reached:
        return Diagnosis(database=None, attempts=tried, commands=commands, named=bool(options.commands))
    try:
        connection = connect(options.url)
    except UsageError as error:
        if not isinstance(options.url, Address):
            raise
        return _without_role(options.url, error, tried, options)
    with closing(connection):
        said = [*_remarks(connection, contract, options), *options.more]
        return Diagnosis(
            database=describe(connection),
            attempts=tried,
            commands=commands,
            named=bool(options.commands),
            remarks=tuple(_asked(_merged(said), commands)),
        )


def _without_role(
    url: Address, error: UsageError, tried: tuple[ConnectionAttempt, ...], options: DoctorOptions
) -> Diagnosis:
    """Tell what is known where the role of --role cannot be set."""
    with closing(connect(url.url)) as connection:
        commands = options.commands or COMMANDS
        refused = rights.unset_role(connection, url.role, error, commands, options.timeout)
        said = [*server.remarks(connection, url.url, options.timeout), refused, *options.more]
        return Diagnosis(
            database=describe(connection),
            attempts=tried,
            commands=commands,
            named=bool(options.commands),
            remarks=tuple(_asked(said, commands)),
        )


def _remarks(connection: Connection, contract: Contract | None, options: DoctorOptions) -> Iterator[Symptom]:
    timeout = options.timeout
    schema = contract.schema if contract else _USUAL_SCHEMA
    parts: list[tuple[str, Iterator[Symptom]]] = [
        ("the server", server.remarks(connection, options.url, timeout)),
        ("the role", roles.remarks(connection, timeout)),
        ("the rights of the role", rights.of_database(connection, timeout)),
    ]
    if contract is not None and options.contract is not None:
        parts += [
            ("what the contract needs", of_contract.remarks(options.url, options.contract, timeout)),
            ("extensions", beside_contract.extensions(connection, contract, timeout)),
        ]
    parts += [
        ("the API", beside_contract.api(connection, schema, timeout)),
        ("the migrations", beside_contract.migrations(connection, contract, timeout)),
    ]
    for what, part in parts:
        yield from _as_far_as_told(connection, what, part)
    if contract is None:
        yield Symptom(
            topic="contract",
            name="contract",
            weight=Weight.NOTE,
            fact="There is no contract here.",
            consequence="What its objects, rows and journeys need was not looked at.",
            commands=(CALLING.line("snapshot", "--output", _USUAL_FILE),),
        )
    yield beside_contract.private_server(contract)


def _as_far_as_told(connection: Connection, what: str, part: Iterator[Symptom]) -> Iterator[Symptom]:
    """Yield the remarks of a part, and why there are no more, if the server refuses to answer; raises if it is gone."""
    try:
        yield from part
    except DatabaseError as error:
        if connection.closed or connection.broken:
            raise
        yield Symptom(
            topic="not asked",
            name=what,
            weight=Weight.LACK,
            fact=f"Of {what} not all could be asked: {error}.",
            consequence=error.hint,
            needed_by=("check",),
        )


def _merged(remarks: Iterable[Symptom]) -> list[Symptom]:
    """Put together what the same statements help; the first one says why."""
    kept: dict[object, Symptom] = {}
    for one in remarks:
        key = one.sql if one.sql and one.weight is Weight.LACK else (one.topic, one.name)
        before = kept.get(key)
        if before is None:
            kept[key] = one
        else:
            kept[key] = replace(before, needed_by=tuple(dict.fromkeys((*before.needed_by, *one.needed_by))))
    return [*kept.values()]


def _asked(remarks: Iterable[Symptom], commands: tuple[str, ...]) -> Iterator[Symptom]:
    """Yield the remarks; what only commands lack that are not asked for is a mere fact."""
    for one in remarks:
        needed = tuple(name for name in commands if name in one.needed_by)
        lighter = one.weight is Weight.LACK and not needed
        yield replace(one, weight=Weight.FACT if lighter else one.weight, needed_by=needed)
