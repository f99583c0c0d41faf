"""A plan's SQL, read by the server before anybody prints it or runs it.

What the contract says of an object stands in the plan's statements, and in a script the text is all there is: so each
part must be what it is by itself, and each statement one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg

from sessionaudit import effects, outside
from sessionaudit.connection import broken, limit, roll_back
from sessionaudit.core.finding import Location
from sessionaudit.core.query import Part, Sort, alone
from sessionaudit.errors import ContractError
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessionaudit.connection import Connection
    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Step
    from sessionaudit.plan import Plan

    _Asked = tuple[tuple[str, str, str], Declared | None]

# What the server would look up names for; as a part of PREPARE it is only read.
_OF_ROWS = re.compile(r"\s*(?:select|insert|update|delete|merge|with|values|table)\b", re.IGNORECASE)


def prove(connection: Connection, contract: Contract, plan: Plan, repairs: Mapping[str, str]) -> None:
    """Have the server read all that a plan takes from the contract, and its statements; nothing is run.

    `repairs` holds the SQL of the data repairs that may run, by file. Raises ContractError, which names the
    object, and DatabaseError.
    """
    files = [Part(Sort.STATEMENT, text, file) for file, text in repairs.items()]
    statements = [
        (_alone(statement), contract.objects.get(kind, {}).get(path)) for statement, kind, path in _statements(plan)
    ]
    _read(connection, contract, {step.ref.path[:2] for step in _steps(plan)}, statements, files)


def prove_tables(connection: Connection, contract: Contract, touched: Iterable[ObjectPath]) -> None:
    """Have the server read what the contract says of some tables, and of what is on them; raises as `prove` does."""
    _read(connection, contract, set(touched), [], [])


def _read(
    connection: Connection, contract: Contract, touched: set[ObjectPath], statements: list[_Asked], files: list[Part]
) -> None:
    parts = [*_parts(contract, touched)]
    asked: list[_Asked] = [(sides, entry) for part, entry, _ in parts for sides in alone(part)]
    asked += statements
    try:
        connection.execute("begin transaction read only")
        limit(connection, 0, 1)
        outside.prove(connection, files)
        found = outside.read_alone(connection, [sides for sides, _ in asked])
        for (sides, entry), refusal in zip(asked, found, strict=True):
            if refusal is not None:
                said = f"PostgreSQL refuses “{_short(sides[1])}”, by itself: {refusal.said}"
                raise ContractError(said, location=_place(contract, entry))
        for part, _, told in effects.found(connection, [part for part, _, evaluated in parts if evaluated]):
            entry = next(entry for other, entry, _ in parts if other is part)
            raise ContractError(told, location=_place(contract, entry), hint=effects.HINT)
    except psycopg.Error as error:
        raise broken(error, "reading the plan's statements") from None
    finally:
        roll_back(connection)


def _parts(contract: Contract, touched: set[ObjectPath]) -> Iterator[tuple[Part, Declared, bool]]:
    """What the contract says of the objects that are touched, and on their tables; whether rows are held to it."""
    for kind in KINDS:
        for path, entry in contract.objects[kind.name].items() if touched else ():
            if entry.value is None or path[:2] not in touched:
                continue
            for form in filter(None, (attribute.form for attribute in kind.attributes)):
                text = form.text(entry.value)
                if form.sort is not None and text is not None:
                    yield Part(form.sort, text), entry, form.evaluated


def _steps(plan: Plan) -> Iterator[Step]:
    """Those that are held back too, for they are shown."""
    yield from plan.steps
    yield from (held.step for held in plan.held)


def _statements(plan: Plan) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for step in _steps(plan):
        debris = (step.debris.remove,) if step.debris else ()
        for statement in (*step.sql, *step.plain, *debris):
            yield statement, step.ref.kind, step.ref.path


def _alone(statement: str) -> tuple[str, str, str]:
    return ("prepare p as " if _OF_ROWS.match(statement) else "", statement, "\n")


def _place(contract: Contract, entry: Declared | None) -> Location | None:
    return Location(contract.file, entry.key.line, entry.key.column) if entry else None


def _short(text: str, width: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= width else f"{words[: width - 1]}…"
