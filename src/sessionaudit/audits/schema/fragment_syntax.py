"""Check that each SQL text of the contract is by itself a complete expression, query or statement.

Otherwise it could end in the middle of a statement of ours. The server parses each part alone, and runs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct

from sessionaudit.core.query import Part, alone
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import ContractError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import contract_sql, effects
from sessionaudit.postgres.connection import broken, limit, roll_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection


class Asked(Struct, frozen=True):
    """A text with the text before and after it, and its object and facet."""

    sides: tuple[str, str, str]
    ref: ObjectRef
    facet: str = ""


class _Stated(Struct, frozen=True):
    """The contract's text for a facet of an object, and whether rows must satisfy it."""

    part: Part
    ref: ObjectRef
    facet: str
    evaluated: bool


class Refused(Struct, frozen=True):
    """A facet of an object whose text the server rejects, and the error."""

    ref: ObjectRef
    facet: str
    error: ContractError


def refused(connection: Connection, contract: Contract, touched: Iterable[ObjectPath]) -> list[Refused]:
    """Return the texts that the server rejects in the contract's definitions of some tables and the objects on them.

    Raises DatabaseError.
    """
    return read(connection, contract, set(touched), [], [])


def read(
    connection: Connection,
    contract: Contract,
    touched: set[ObjectPath],
    statements: list[Asked],
    files: list[Part],
    without: frozenset[ObjectRef] = frozenset(),
) -> list[Refused]:
    """Have the server parse each part of the contract alone, and `statements` and `files`; nothing is run.

    The objects `without` are left out. Raises DatabaseError.
    """
    parts = [one for one in _parts(contract, touched) if one.ref not in without]
    asked = [Asked(sides, one.ref, one.facet) for one in parts for sides in alone(one.part)]
    asked += statements
    found: dict[tuple[ObjectRef, str], Refused] = {}
    try:
        _begin(connection)
        contract_sql.prove(connection, files)
        while asked:
            refusals = contract_sql.read_alone(connection, [one.sides for one in asked])
            at = next((place for place, refusal in enumerate(refusals) if refusal is not None), None)
            if at is None:
                break
            one, refusal = asked[at], refusals[at]
            said, state = (refusal.said, refusal.state) if refusal else ("", "")
            told = f"PostgreSQL rejects “{_short(one.sides[1])}” by itself: {said}"
            error = ContractError(told, location=_place(contract, one.ref), state=state)
            found.setdefault((one.ref, one.facet), Refused(one.ref, one.facet, error))
            asked = asked[at + 1 :]
            _begin(connection)  # the error has aborted the transaction
        for part, _, told in effects.found(connection, [one.part for one in parts if one.evaluated]):
            ref, facet = next((one.ref, one.facet) for one in parts if one.part is part)
            error = ContractError(told, location=_place(contract, ref), hint=effects.HINT)
            found.setdefault((ref, facet), Refused(ref, facet, error))
    except psycopg.Error as error:
        raise broken(error, "parsing the plan's statements") from None
    finally:
        roll_back(connection)
    return list(found.values())


def _begin(connection: Connection) -> None:
    roll_back(connection)
    connection.execute("begin transaction read only")
    limit(connection, 0, 1)


def _parts(contract: Contract, touched: set[ObjectPath]) -> Iterator[_Stated]:
    """Return the contract's texts for the objects `touched` and the objects on their tables."""
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


def _place(contract: Contract, ref: ObjectRef) -> Location | None:
    entry = contract.objects.get(ref.kind, {}).get(ref.path)
    return entry.location() if entry else None


def _short(text: str, width: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= width else f"{words[: width - 1]}…"
