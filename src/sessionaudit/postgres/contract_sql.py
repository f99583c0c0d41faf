"""Run SQL of the contract and its repair files; no other module runs SQL from outside.

The server first parses each text alone, as an expression, a query or a statement, so that it cannot end in the middle
of ours. SQL that only reads may not call functions with side effects. The text is sent as one statement (see
`protocol`), and must not end the transaction. The caller opens the transaction with `connection.limit`, read-only if
nothing is to be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus

from sessionaudit.core.finding import Location
from sessionaudit.core.node import Scalar
from sessionaudit.core.place import place
from sessionaudit.core.query import Query, Sort, alone
from sessionaudit.errors import ContractError
from sessionaudit.postgres import effects
from sessionaudit.postgres.connection import MARK, without_values
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.query import Part
    from sessionaudit.postgres.connection import Connection

Parameters = dict[str, Any]
_OURS = "select pg_catalog.current_setting('sessionaudit.transaction', true)"
_CURSOR = "sessionaudit_rows"
_BLOCK = 10_000
_proven: WeakKeyDictionary[Any, set[tuple[Sort, str]]] = WeakKeyDictionary()


class Refusal(NamedTuple):
    """The server's message about a text, its SQLSTATE, and the character of the text that it points at."""

    said: str
    state: str
    offset: int


def ask(connection: Connection, query: Query, parameters: Parameters | None = None) -> psycopg.Cursor[tuple[Any, ...]]:
    """Run a query, or a statement that writes, in the open transaction; return the cursor with its rows.

    `parameters` are those of our own text, and the `keys` of a statement. Raises ContractError, with the location, if a
    part is not valid or has ended the transaction, and psycopg.Error for all other errors; `place_of` finds their
    location.
    """
    prove(connection, query.parts)
    text = query.spelled(parameters=parameters is not None)
    with connection.pipeline():
        cursor = connection.execute(text, parameters)
        mark = connection.execute(_OURS)
    _still_ours(connection, query, mark)
    return cursor


def pieces(
    connection: Connection, query: Query, parameters: Parameters | None = None, *, block: int = _BLOCK
) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """Return the rows of a query in cursors of at most `block` rows, for results that do not fit in memory.

    Raises as `ask` does.

    The transaction must stay open until all rows are read. A transaction can read only one result at a time.
    """
    prove(connection, query.parts)
    connection.execute(in_pieces(query).spelled(parameters=parameters is not None), parameters)
    try:
        while True:
            with connection.pipeline():
                rows = connection.execute(sent(f"fetch forward {block} from {_CURSOR}"))
                mark = connection.execute(_OURS)
            _still_ours(connection, query, mark)
            if not rows.rowcount:
                return
            yield rows
    finally:
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            connection.execute(sent(f"close {_CURSOR}"))


def in_pieces(query: Query) -> Query:
    """Return a query as `pieces` sends it; error positions refer to this text."""
    return Query(f"declare {_CURSOR} no scroll cursor without hold for ").include(query)


def prove(connection: Connection, parts: Sequence[Part]) -> None:
    """Have the server parse each part alone, and check reading parts for side effects; once per connection.

    Nothing is run. Call it in a transaction, which an error aborts. Raises ContractError and psycopg.Error.
    """
    known = _proven.setdefault(connection, set())
    new = [part for part in dict.fromkeys(parts) if (part.sort, str(part.text)) not in known]
    if not new:
        return
    for part in new:
        if "\0" in part.text:
            raise refused(part, part.text.index("\0"), "SQL cannot contain a NUL character")
    asked = [(part, *sides) for part in new for sides in alone(part)]
    found = read_alone(connection, [(before, text, after) for _, before, text, after in asked])
    for (part, *_), refusal in zip(asked, found, strict=True):
        if refusal is not None:
            raise refused(part, refusal.offset, f"this is not {part.sort.value} by itself: {refusal.said}")
    for part, offset, told in effects.found(connection, [one for one in new if one.sort is not Sort.STATEMENT]):
        raise refused(part, offset, told, effects.HINT)
    known |= {(part.sort, str(part.text)) for part in new}


def read_alone(connection: Connection, texts: Iterable[tuple[str, str, str]]) -> list[Refusal | None]:
    """Have the server parse texts, each between a prefix and a suffix; return the error of each, or None.

    All are sent at once, as unnamed Parse messages, so that nothing remains behind a pooler. An error aborts the
    transaction, and all later texts are None. Raises psycopg.Error if the connection fails.
    """
    given = list(texts)
    results: list[Refusal | None] = []
    with connection.lock:
        line = connection.pgconn
        line.enter_pipeline_mode()
        try:
            for before, text, after in given:
                line.send_prepare(b"", sent(f"{before}{text}{after}"))
            line.pipeline_sync()
            while len(results) <= len(given):
                result = line.get_result()
                if result is None:
                    if line.status != ConnStatus.OK:
                        raise psycopg.OperationalError("the connection was lost")
                    continue
                if result.status == ExecStatus.PIPELINE_SYNC:
                    break
                state = result.error_field(DiagnosticField.SQLSTATE)
                if result.status == ExecStatus.FATAL_ERROR and state is None:
                    raise psycopg.OperationalError(line.get_error_message())
                side = given[min(len(results), len(given) - 1)]
                results.append(_refusal(result, side) if result.status == ExecStatus.FATAL_ERROR else None)
        finally:
            if line.status == ConnStatus.OK:
                line.exit_pipeline_mode()
    return [*results, *[None] * (len(given) - len(results))][: len(given)]


def _refusal(result: Any, sides: tuple[str, str, str]) -> Refusal:
    said = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"").decode(errors="replace")
    state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
    position = int(result.error_field(DiagnosticField.STATEMENT_POSITION) or 0)
    before, text, _ = sides
    return Refusal(said, state, max(0, min(position - 1 - len(before), len(text) - 1)))


def _still_ours(connection: Connection, query: Query, mark: psycopg.Cursor[tuple[Any, ...]]) -> None:
    if connection.info.transaction_status == TransactionStatus.INTRANS and mark.fetchone() == (MARK,):
        return
    connection.close()
    told = "this ended its transaction; its effect on the database is not known"
    raise refused(query.parts[0], 0, told) if query.parts else ContractError(told)


# Places


def refused(part: Part, offset: int, reason: str, hint: str = "") -> ContractError:
    """Return the error for a character of a part."""
    return ContractError(reason, location=location(part, offset), hint=hint)


def location(part: Part, offset: int) -> Location | None:
    """Return the location of the character at an offset of a part: in its file, or in the contract."""
    text = part.text
    if part.file:
        before = text[:offset]
        return Location(part.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    return place(text, offset) if isinstance(text, Scalar) and hasattr(text, "source") else None


def place_of(error: psycopg.Error, query: Query, parameters: Mapping[str, Any] | None = None) -> Location | None:
    """Return the location of an error in a part of the query; None if the error is in our text, or has no position."""
    position = error.diag.statement_position
    found = query.culprit(int(position), parameters=parameters is not None) if position else None
    return location(*found) if found else None


def hinted(error: psycopg.Error) -> str:
    """Return PostgreSQL's own hint, on one line; what it quotes are names where it is about the text of a statement."""
    said = " ".join((error.diag.message_hint or "").split())
    own = error.diag.statement_position is not None and not error.diag.context
    return said if own else without_values(said, error.sqlstate or "")
