"""Compute what roles may do with the objects of a contract, and what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct

from sessionaudit.audits.behaviour.access.finding_of import access_ref
from sessionaudit.audits.behaviour.access.judging import AccessJudge
from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.postgres.access.computing import AccessComputation
from sessionaudit.postgres.access.reading import read_access
from sessionaudit.postgres.connection import broken, limit, roll_back, user
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.access.cells import AccessCell
    from sessionaudit.postgres.access.model import AccessFacts
    from sessionaudit.postgres.connection import Connection

NOUN = "access"
_BEGIN = "begin transaction isolation level repeatable read, read only"
_LOCK_SECONDS = 1
_NO_ROLE = "Create it, or correct the name."
_CATALOG = re.compile(r"\b(pg_\w+)")
_NOT_THERE = "It does not exist: `check` reports it."


class AccessRow(Struct, frozen=True, kw_only=True):
    """What each role may do with one object: the cells by role and command."""

    wanted: WantedObject
    cells: Mapping[str, Mapping[str, AccessCell]]


class AccessExamined(Struct, frozen=True, kw_only=True):
    """The matrix, and what was found; `roles` are those that exist, in the order in which they were asked for."""

    roles: tuple[str, ...]
    rows: tuple[AccessRow, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    undecided: tuple[Skipped, ...]

    @property
    def checked(self) -> int:
        """How many cells were computed."""
        return sum(len(cells) for row in self.rows for cells in row.cells.values())


def examine_access(
    connection: Connection, contract: Contract, wanted: Sequence[WantedObject], *, timeout: float
) -> AccessExamined:
    """Compute the access of roles to objects, in one read-only transaction. Raises DatabaseError.

    `timeout` is in seconds, for each query.
    """
    asked = tuple(dict.fromkeys(role for one in wanted for role in one.roles))
    relations = [one.path for one in wanted if one.is_relation]
    functions = [one.path for one in wanted if not one.is_relation]
    try:
        with connection.pipeline():
            connection.execute(_BEGIN)
            limit(connection, timeout, _LOCK_SECONDS)
            facts = read_access(connection, asked, relations, functions)
        computation = AccessComputation(facts)
        there = [one for one in wanted if one.path in (facts.by_path if one.is_relation else facts.functions_by_path)]
        with UNDERWAY.doing("computing access", len(there)) as computing:
            rows = tuple(AccessRow(wanted=one, cells=_cells(one, facts, computation)) for one in computing.over(there))
        judge = AccessJudge(connection, facts, contract)
        with UNDERWAY.doing("judging access", len(rows)) as judging:
            found = [judge.of_object(row.wanted, row.cells) for row in judging.over(rows)]
        return AccessExamined(
            roles=tuple(role for role in asked if role in facts.roles),
            rows=rows,
            findings=tuple(finding for several in found for finding in several),
            skipped=(*_skipped(asked, wanted, facts, there), *judge.skipped),
            undecided=tuple(judge.undecided),
        )
    except psycopg.errors.InsufficientPrivilege as error:
        roll_back(connection)
        return _refused(connection, wanted, error)
    except psycopg.Error as error:
        raise broken(error, "reading what roles may do") from None
    finally:
        roll_back(connection)


def _refused(connection: Connection, wanted: Sequence[WantedObject], error: psycopg.Error) -> AccessExamined:
    """Return that nothing is known, as the role may not read a catalog."""
    message = error.diag.message_primary or ""
    catalog = _CATALOG.search(message)
    hint = f"grant select on pg_catalog.{catalog[1]} to {quoted(user(connection))};" if catalog else ""
    about = tuple(access_ref(one.path, role) for one in wanted for role in one.roles)
    skipped = Skipped("what roles may do", f"the server says: {message}", hint, about=about)
    return AccessExamined(roles=(), rows=(), findings=(), skipped=(skipped,), undecided=())


def _cells(
    wanted: WantedObject, facts: AccessFacts, computation: AccessComputation
) -> dict[str, dict[str, AccessCell]]:
    found: dict[str, dict[str, AccessCell]] = {}
    for name in wanted.roles:
        if (role := facts.roles.get(name)) is None:
            continue
        if wanted.is_relation:
            relation = facts.by_path[wanted.path]
            found[name] = {command: computation.cell(role, relation, command) for command in wanted.commands}
        else:
            found[name] = {command: computation.call(role, wanted.path) for command in wanted.commands}
    return found


def _skipped(
    asked: Sequence[str], wanted: Sequence[WantedObject], facts: AccessFacts, there: Sequence[WantedObject]
) -> list[Skipped]:
    found = [
        Skipped(f"access of the role {role}", "there is no such role", _NO_ROLE, about=tuple(_refs(wanted, role)))
        for role in asked
        if role not in facts.roles
    ]
    known = {(one.kind, one.path) for one in there}
    found += [
        Skipped(
            f"access to {ObjectRef(one.kind, one.path)}",
            "it does not exist",
            _NOT_THERE,
            about=tuple(access_ref(one.path, role) for role in one.roles),
        )
        for one in wanted
        if (one.kind, one.path) not in known
    ]
    return found


def _refs(wanted: Sequence[WantedObject], role: str) -> Iterator[ObjectRef]:
    return (access_ref(one.path, role) for one in wanted if role in one.roles)
