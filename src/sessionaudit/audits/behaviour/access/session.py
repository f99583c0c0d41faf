"""Compute the whole matrix for its own command, by what the contract names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits.behaviour.access.examining import examine_access
from sessionaudit.audits.behaviour.access.part import NAME, outcome_of, subjects_of
from sessionaudit.audits.behaviour.access.wanted import every_object, named_roles
from sessionaudit.audits.selection import Selection, judged, names, refuse_slips
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.core.node import nearest
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Report
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import describe
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.behaviour.access.examining import AccessExamined
    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

_NO_ROLES = "Name one: --as authenticated."


class AccessPart(NamedTuple):
    """What is asked for: globs of `objects` and roles, none for all, and which findings are reported."""

    objects: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class AccessReport(Struct, frozen=True, kw_only=True):
    """The report on what was found, and the matrix; names of the `schema` need not be qualified."""

    report: Report
    examined: AccessExamined
    schema: str


def report_access(connection: Connection, contract: Contract, asked: AccessPart, *, timeout: float) -> AccessReport:
    """Examine the access of roles to the objects of a contract. Raises UsageError and DatabaseError."""
    refuse_slips((*asked.only, *asked.ignore))
    wanted = _wanted(contract, asked)
    examined = examine_access(connection, contract, wanted, timeout=timeout)
    selection = Selection(only=asked.only, ignore=asked.ignore, schema=contract.schema)
    if not selection.everything:
        selection.require((*(one.ref for one in subjects_of(wanted)), *(one.ref for one in examined.findings)))
        selection.require_something((NAME, one.ref, one.rules) for one in subjects_of(wanted))
    found = tuple(replace(finding, audit=NAME) for finding in examined.findings)
    findings, waived = judged(found, contract, selection, dt.datetime.now(tz=dt.UTC).date())
    outcome, rules = (
        replace(outcome_of(examined), findings=found, whole=not (asked.objects or asked.roles)),
        {one.ref: one.rules for one in subjects_of(wanted)},
    )
    shown = (*findings, *(finding for finding, _ in waived))
    report = Report(
        database=describe(connection),
        contract=contract.file,
        findings=findings,
        waived=waived,
        outcomes=(with_unsaid(outcome, contract, selection, shown, rules.get),),
        filtered=not selection.everything,
        selected=(*selection.words, *asked.objects, *(f"--as {role}" for role in asked.roles)),
    )
    return AccessReport(report=report, examined=examined, schema=contract.schema)


def _wanted(contract: Contract, asked: AccessPart) -> list[WantedObject]:
    roles = asked.roles or named_roles(contract)
    if not roles:
        raise UsageError("the contract names no role", hint=_NO_ROLES)
    every = every_object(contract, roles)
    if asked.roles:
        every = [replace(one, roles=asked.roles) for one in every]
    found = [one for one in every if not asked.objects or _is_asked(one, asked.objects, contract.schema)]
    for glob in asked.objects:
        if not any(_is_asked(one, (glob,), contract.schema) for one in every):
            known = [unqualified(ObjectRef(one.kind, one.path).dotted, contract.schema) for one in every]
            raise UsageError(f"“{glob}” is no table, view or function of the contract", hint=nearest(glob, known))
    if not found:
        raise UsageError("the contract names no table, view or function")
    return found


def _is_asked(one: WantedObject, globs: Sequence[str], schema: str) -> bool:
    return any(names(glob, ObjectRef(one.kind, one.path), schema) for glob in globs)
