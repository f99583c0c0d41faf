"""Have the server parse a plan's SQL before it is printed or run.

A plan's statements contain texts of the contract. Each such text must be complete by itself, and each statement must be
a single one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.schema.fragment_syntax import Asked, read
from sessionaudit.core.query import Part, Sort
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.repair.plan import Plan


# For such a statement the server would look up names; as a part of PREPARE it is only parsed.
_OF_ROWS = re.compile(r"\s*(?:select|insert|update|delete|merge|with|values|table)\b", re.IGNORECASE)


def prove(
    connection: Connection,
    contract: Contract,
    plan: Plan,
    repairs: Mapping[str, str],
    known: Iterable[ObjectRef] = (),
) -> None:
    """Have the server parse the contract's texts in a plan, and the plan's statements; nothing is run.

    `repairs` holds the SQL of the data repairs that may run, by file. `known` are objects for which a finding already
    says that the contract is wrong; no step uses their texts. Raises ContractError, which names the objects, and
    DatabaseError.
    """
    files = [Part(Sort.STATEMENT, text, file) for file, text in repairs.items()]
    refs = {step.ref for step in _steps(plan)}
    statements = [Asked(_alone(statement), ObjectRef(kind, path)) for statement, kind, path in _statements(plan)]
    touched = {ref.path[:2] for ref in refs}
    refused = read(connection, contract, touched, statements, files, without=frozenset(known) - refs)
    if refused:
        raise together(one.error for one in refused)


def _steps(plan: Plan) -> Iterator[Step]:
    """Return all steps, including the held-back ones, because they are shown."""
    yield from plan.steps
    yield from (held.step for held in plan.held)


def _statements(plan: Plan) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for step in _steps(plan):
        debris = (step.debris.remove,) if step.debris else ()
        for statement in (*step.sql, *step.plain, *debris):
            yield statement, step.ref.kind, step.ref.path


def _alone(statement: str) -> tuple[str, str, str]:
    return ("prepare p as " if _OF_ROWS.match(statement) else "", statement, "\n")
