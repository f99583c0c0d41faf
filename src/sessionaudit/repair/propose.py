"""Make a plan from an audit: the steps that repair the findings, and what prevents them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from msgspec import Struct, field
from msgspec.structs import replace

from sessionaudit.audits import AUDITS, audit, runner
from sessionaudit.audits.selection import Selection
from sessionaudit.contract.repairs import text_of
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import ContractError, SessionAuditError
from sessionaudit.postgres import identity
from sessionaudit.postgres.connection import broken, limit, roll_back
from sessionaudit.postgres.dependents import dependents
from sessionaudit.postgres.dropped import standing
from sessionaudit.repair import choices, foresight, permission, plan, preflight, proof, rehearsal
from sessionaudit.repair.state_place import require_place
from sessionaudit.repair.the_rest import Possible, without_the_barred

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable
    from pathlib import Path

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Report
    from sessionaudit.core.step import Hazard, Step
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.postgres.identity import Place
    from sessionaudit.repair.foresight import Name
    from sessionaudit.repair.plan import Plan
    from sessionaudit.repair.preflight import Preflight

_EXTENSION_SCHEMAS = """
select n.nspname::text
  from pg_catalog.pg_extension e
  join pg_catalog.pg_namespace n on n.oid = e.extnamespace
 where n.nspname not in ('pg_catalog', 'information_schema')
 group by 1
 order by 1"""


class PlanOptions(Struct, frozen=True, kw_only=True):
    """The options of a repair.

    `reading` holds the options of the audits before and after. `allowed` are the allowed hazards. `with_data` lets the
    data repairs that the contract names change rows. `choices` replace removed enum values: `type.value` by a value.
    `zone` is the time zone for converting values.
    """

    reading: audit.Options = field(default_factory=audit.Options)
    allowed: frozenset[Hazard] = frozenset()
    with_data: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    zone: str = ""

    @property
    def of_schema(self) -> audit.Options:
        """The options of the schema audit alone: rows are repaired by backfill."""
        return replace(self.reading, without=AUDITS[1:])

    @property
    def of_another_contract(self) -> PlanOptions:
        """The options that hold for the plan of any contract: how the database is read, and for how long."""
        return PlanOptions(reading=replace(self.reading, only=(), ignore=(), without=(), whole=False, fixes=None))


class Proposal(Struct, frozen=True, kw_only=True):
    """A plan with the audit that it was made from, and `place`, the database that it was made for.

    `repairs` holds the SQL of the data repairs that may run, by file; `done` says that all of its steps are done
    already. `barred` are names of objects without which the plan can be applied, if it cannot be as it is.
    """

    examination: Examination
    plan: Plan
    preflight: Preflight
    repairs: dict[str, str]
    place: Place = field(default_factory=dict[str, Any])
    done: bool = False
    barred: tuple[str, ...] = ()

    @property
    def report(self) -> Report:
        """The report of the audit that the plan was made from."""
        return self.examination.report

    @property
    def touched(self) -> tuple[ObjectRef, ...]:
        """The objects that the steps change, in the order of the steps."""
        return tuple(dict.fromkeys(step.ref for step in self.plan.steps))


def propose(url: Url, contract: Path, options: PlanOptions) -> Proposal:
    """Audit a database, make the plan that repairs it, and find its obstacles. Writes nothing."""
    with examining(url, contract, options) as (examination, connection):
        return propose_for(connection, examination, options)


def propose_for(connection: Connection, examination: Examination, options: PlanOptions) -> Proposal:
    """Make the plan that repairs what an audit found, and find its obstacles. Writes nothing."""
    with UNDERWAY.doing("making the plan"):
        return _proposed(connection, examination, options)


def _proposed(connection: Connection, examination: Examination, options: PlanOptions) -> Proposal:
    stated = replace(examination, contract=choices.decided(examination, options.choices))
    proposal = looked(connection, stated, planned(connection, stated, options), options)

    def then(allowed: frozenset[Hazard], names: Collection[Name]) -> Plan | None:
        asked = replace(options, allowed=allowed)
        try:
            made = foresight.narrowed(planned(connection, stated, asked), names)
            return looked(connection, stated, made, asked).plan
        except SessionAuditError:  # the result is valid without it
            return None

    def without(names: Collection[str]) -> Possible | None:
        left_out = Selection(only=(), ignore=tuple(names), schema=stated.contract.schema)
        kept = tuple(one for one in stated.report.findings if left_out.takes(one))
        fewer = replace(stated, report=replace(stated.report, findings=kept))
        try:
            rest = looked(connection, fewer, planned(connection, fewer, options), options)
        except SessionAuditError:
            return None
        return Possible(rest.preflight, bool(rest.plan.steps))

    known = {finding.ref for finding in stated.report.findings}
    barred = without_the_barred(proposal.preflight, known, without) if proposal.preflight.refusals else ()
    return replace(proposal, plan=foresight.foresee(proposal.plan, options.allowed, then), barred=barred)


@contextmanager
def examining(url: Url, contract: Path, options: PlanOptions) -> Generator[tuple[Examination, Connection]]:
    """Audit a schema, and leave the connection open for the block."""
    with runner.examining(url, contract, options.of_schema) as (examination, connection):
        if connection is None:
            raise AssertionError(options)
        require_place(contract, connection)
        yield examination, connection


def planned(connection: Connection, examination: Examination, options: PlanOptions) -> Plan:
    """Make the plan that repairs the findings of an audit."""
    declared = examination.contract
    try:
        connection.execute("begin transaction read only")
        limit(connection, 0, 1)
        permission.require_zone(connection, options.zone)
        path = tuple(dict.fromkeys((declared.schema, *(row[0] for row in connection.execute(_EXTENSION_SCHEMAS)))))
        return plan.make(
            tuple(choices.decided_finding(finding, declared) for finding in examination.report.findings),
            declared,
            examination.actual,
            allowed=options.allowed,
            path=path,
            dependents=lambda addresses: dependents(connection, addresses),
            standing=lambda asked: standing(connection, asked),
            zone=options.zone,
            drifted={finding.ref for finding in examination.found},
            refused=examination.refused,
            asked=Selection(only=options.reading.only, ignore=(), schema=declared.schema).names_itself,
        )
    except psycopg.Error as error:
        raise broken(error, "making the plan") from None
    finally:
        roll_back(connection)


def looked(connection: Connection, examination: Examination, made: Plan, options: PlanOptions) -> Proposal:
    """Check a plan for obstacles; return it without the steps that rows block."""
    repairs = texts(examination.contract, made.steps) if options.with_data else {}
    proof.prove(connection, examination.contract, made, repairs, examination.refused)
    timeout = options.reading.statement_timeout
    rows = preflight.rows_in_way(connection, made, statement_timeout=timeout)
    faced, reasons = permission.face(made, rows, allowed=options.allowed, repairs=repairs)
    unfit = {place: reason for place, reason in rehearsal.rehearse(connection, faced).items() if place not in reasons}
    whole = faced.holding(reasons | unfit)
    # A step that is held back needs no right yet.
    flight = preflight.look(connection, whole, rows=rows, statement_timeout=timeout)
    flight = replace(flight, notes=(*flight.notes, *examination.report.notes))
    here = identity.place(connection, relations(whole.steps))
    return Proposal(examination=examination, plan=whole, preflight=flight, repairs=repairs, place=here)


def relations(steps: Iterable[Step]) -> list[tuple[str, ...]]:
    """Return the relations that steps lock; these include all relations that they change."""
    return [*dict.fromkeys(path[:2] for step in steps for path in step.locks)]


def texts(contract: Contract, steps: Iterable[Step]) -> dict[str, str]:
    """Read the data repairs that a plan may run. Raises ContractError if a file cannot be read."""
    found: dict[str, str] = {}
    for step in steps:
        if not step.repair or step.repair in found:
            continue
        entry = contract.objects[step.ref.kind].get(step.ref.path)
        name = entry.repair if entry else None
        if name is None or str(name) != step.repair:  # a saved plan has no location
            raise ContractError(f"the contract names no repair {step.repair} for the {step.ref}")
        found[step.repair] = text_of(contract.file, name)
    return found
