"""A plan's SQL, read by the server before anybody prints it or runs it.

What the contract says of an object stands in the plan's statements, and in a script the text is all there is: so each
part must be what it is by itself, and each statement one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.core.finding import Location
from sessionaudit.core.query import Part, Sort, alone
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import ContractError, together
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import effects, outside
from sessionaudit.postgres.connection import broken, limit, roll_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.repair.plan import Plan


class _Asked(NamedTuple):
    """A text between two others, and of which object and facet it is."""

    sides: tuple[str, str, str]
    ref: ObjectRef
    facet: str = ""


class _Stated(NamedTuple):
    """What the contract says of a facet of an object, and whether rows are held to it."""

    part: Part
    ref: ObjectRef
    facet: str
    evaluated: bool


class Refused(NamedTuple):
    """A facet of an object whose text the server does not take for what it should be, and the error that says so."""

    ref: ObjectRef
    facet: str
    error: ContractError


# What the server would look up names for; as a part of PREPARE it is only read.
_OF_ROWS = re.compile(r"\s*(?:select|insert|update|delete|merge|with|values|table)\b", re.IGNORECASE)


def prove(
    connection: Connection,
    contract: Contract,
    plan: Plan,
    repairs: Mapping[str, str],
    known: Iterable[ObjectRef] = (),
) -> None:
    """Have the server read all that a plan takes from the contract, and its statements; nothing is run.

    `repairs` holds the SQL of the data repairs that may run, by file; `known` are objects of which a finding says
    already that the contract is wrong: no step takes anything from these. Raises ContractError, which names the
    objects, and DatabaseError.
    """
    files = [Part(Sort.STATEMENT, text, file) for file, text in repairs.items()]
    refs = {step.ref for step in _steps(plan)}
    statements = [_Asked(_alone(statement), ObjectRef(kind, path)) for statement, kind, path in _statements(plan)]
    touched = {ref.path[:2] for ref in refs}
    refused = _read(connection, contract, touched, statements, files, without=frozenset(known) - refs)
    if refused:
        raise together(one.error for one in refused)


def refused(connection: Connection, contract: Contract, touched: Iterable[ObjectPath]) -> list[Refused]:
    """What the server refuses of what the contract says of some tables, and of what is on them.

    Raises DatabaseError.
    """
    return _read(connection, contract, set(touched), [], [])


def _read(
    connection: Connection,
    contract: Contract,
    touched: set[ObjectPath],
    statements: list[_Asked],
    files: list[Part],
    without: frozenset[ObjectRef] = frozenset(),
) -> list[Refused]:
    parts = [one for one in _parts(contract, touched) if one.ref not in without]
    asked = [_Asked(sides, one.ref, one.facet) for one in parts for sides in alone(one.part)]
    asked += statements
    found: dict[tuple[ObjectRef, str], Refused] = {}
    try:
        _begin(connection)
        outside.prove(connection, files)
        while asked:
            refusals = outside.read_alone(connection, [one.sides for one in asked])
            at = next((place for place, refusal in enumerate(refusals) if refusal is not None), None)
            if at is None:
                break
            one, refusal = asked[at], refusals[at]
            said = f"PostgreSQL refuses “{_short(one.sides[1])}”, by itself: {refusal.said if refusal else ''}"
            error = ContractError(said, location=_place(contract, one.ref))
            found.setdefault((one.ref, one.facet), Refused(one.ref, one.facet, error))
            asked = asked[at + 1 :]
            _begin(connection)  # a refusal has broken the transaction off
        for part, _, told in effects.found(connection, [one.part for one in parts if one.evaluated]):
            ref, facet = next((one.ref, one.facet) for one in parts if one.part is part)
            error = ContractError(told, location=_place(contract, ref), hint=effects.HINT)
            found.setdefault((ref, facet), Refused(ref, facet, error))
    except psycopg.Error as error:
        raise broken(error, "reading the plan's statements") from None
    finally:
        roll_back(connection)
    return list(found.values())


def _begin(connection: Connection) -> None:
    roll_back(connection)
    connection.execute("begin transaction read only")
    limit(connection, 0, 1)


def _parts(contract: Contract, touched: set[ObjectPath]) -> Iterator[_Stated]:
    """What the contract says of the objects that are touched, and on their tables."""
    for kind in KINDS:
        for path, entry in contract.objects[kind.name].items() if touched else ():
            if entry.value is None or path[:2] not in touched:
                continue
            for attribute in kind.attributes:
                form = attribute.form
                text = form.text(entry.value) if form else None
                if form and form.sort is not None and text is not None:
                    ref = ObjectRef(kind.name, path)
                    yield _Stated(Part(form.sort, text), ref, attribute.facet, form.evaluated)


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


def _place(contract: Contract, ref: ObjectRef) -> Location | None:
    entry = contract.objects.get(ref.kind, {}).get(ref.path)
    return Location(contract.file, entry.key.line, entry.key.column) if entry else None


def _short(text: str, width: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= width else f"{words[: width - 1]}…"
