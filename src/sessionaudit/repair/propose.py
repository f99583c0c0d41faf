"""From an audit to a plan, and from an applied plan to another audit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from sessionaudit.audits import audit, runner
from sessionaudit.audits.selection import Selection
from sessionaudit.contract import document, writer
from sessionaudit.contract.repairs import text_of
from sessionaudit.core.finding import Severity
from sessionaudit.core.node import PRESENT, nearest
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard
from sessionaudit.errors import ContractError, SessionAuditError, UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.cures import CURES
from sessionaudit.postgres import identity
from sessionaudit.postgres.connection import broken, closing, connect, limit, roll_back
from sessionaudit.postgres.dependents import dependents
from sessionaudit.postgres.dropped import standing
from sessionaudit.repair import apply as applying
from sessionaudit.repair import foresight, permission, plan, preflight, proof, rehearsal, saved_plan
from sessionaudit.sql.text import sent
from sessionaudit.steps import cured

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.audits.runner import Examination
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.postgres.identity import Place
    from sessionaudit.repair.apply import Listener, Manner, Record
    from sessionaudit.repair.foresight import Name
    from sessionaudit.repair.plan import Plan
    from sessionaudit.repair.preflight import Preflight

_WITHIN = {kind.name: kind.within for kind in KINDS}
_EXTENSION_SCHEMAS = """
select n.nspname::text
  from pg_catalog.pg_extension e
  join pg_catalog.pg_namespace n on n.oid = e.extnamespace
 where n.nspname not in ('pg_catalog', 'information_schema')
 group by 1
 order by 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a repair.

    `reading` is for the audits before and after. `allowed` are the hazards that may be run into.
    `with_data` lets the repairs that the contract attaches change rows. `choices` replace
    removed enum values: `type.value` to value. `zone` is the time zone for converting values.
    """

    reading: audit.Options = field(default_factory=audit.Options)
    allowed: frozenset[Hazard] = frozenset()
    with_data: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    zone: str = ""

    @property
    def of_schema(self) -> audit.Options:
        """The schema audit only: rows are repaired by backfill."""
        return replace(self.reading, without=("data",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan with what it was made from, and its place, which is the database that it was made for.

    `repairs` holds the SQL of the data repairs that may run, by file; `done` tells that all of its steps are done
    already.
    """

    examination: Examination
    plan: Plan
    preflight: Preflight
    repairs: dict[str, str]
    place: Place = field(default_factory=dict[str, Any])
    done: bool = False

    @property
    def report(self) -> Report:
        """The audit that it answers."""
        return self.examination.report

    @property
    def touched(self) -> tuple[ObjectRef, ...]:
        """The objects that the steps change, in the order of the steps."""
        return tuple(dict.fromkeys(step.ref for step in self.plan.steps))


class Verified(NamedTuple):
    """What the audit says after a plan was applied; `left` are findings that should be gone and are not."""

    report: Report
    left: tuple[Finding, ...]


def propose(url: Url, contract: Path, options: Options) -> Proposal:
    """Audit a database, make the plan that repairs it, and find its obstacles. Writes nothing."""
    examination = runner.examine(url, contract, options.of_schema)
    declared = _decided(examination, options.choices)
    connection = connect(url)
    with closing(connection):
        stated = replace(examination, contract=declared)
        proposal = _looked(connection, stated, _made(connection, stated, options), options)

        def then(allowed: frozenset[Hazard], names: Collection[Name]) -> Plan | None:
            asked = replace(options, allowed=allowed)
            try:
                made = foresight.narrowed(_made(connection, stated, asked), names)
                return _looked(connection, stated, made, asked).plan
            except SessionAuditError:  # what is asked for is told without it
                return None

        return replace(proposal, plan=foresight.foresee(proposal.plan, options.allowed, then))


def _made(connection: Connection, examination: Examination, options: Options) -> Plan:
    """The plan that repairs what an audit found."""
    declared = examination.contract
    try:
        connection.execute("begin transaction read only")
        limit(connection, 0, 1)
        permission.require_zone(connection, options.zone)
        path = tuple(dict.fromkeys((declared.schema, *(row[0] for row in connection.execute(_EXTENSION_SCHEMAS)))))
        return plan.make(
            tuple(_decided_finding(finding, declared) for finding in examination.report.findings),
            declared,
            examination.actual,
            allowed=options.allowed,
            path=path,
            dependents=lambda address: dependents(connection, address),
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


def recall(url: Url, contract: Path, options: Options, saved: saved_plan.Saved) -> Proposal:
    """Load a saved plan, if the objects that it touches are unchanged, and find its obstacles. Writes nothing.

    Raises ChangedError where something that it touches changed.
    """
    examination = runner.examine(url, contract, options.of_schema)
    state = _state(examination, dict.fromkeys(step.ref for step in saved.steps))
    connection = connect(url)
    with closing(connection):
        carried, done = _standing(connection, saved.steps)
        state |= carried
        texts = _texts(examination.contract, saved.steps) if options.with_data else {}
        stands_on = _stands_on(contract, texts)
        here = identity.place(connection, _relations(saved.steps))
        made = saved.held_against(
            state,
            stands_on,
            examination.report.findings,
            place=here,
            begun={step.ref for step in compress(saved.steps, done)},
            astray=_astray(saved, done, examination),
        )
        return replace(_looked(connection, examination, made, options), done=all(done))


def _astray(saved: saved_plan.Saved, done: Sequence[bool], examination: Examination) -> tuple[ObjectRef, ...]:
    """What keeps nobody out any more while the plan lets somebody in, or is not what the plan makes of it.

    Of both the audit finds something that it did not find when the plan was made; of what the plan has made, it may
    find what a step of the plan is still to mend.
    """
    left = [step for step, so in zip(saved.steps, done, strict=True) if not so]
    provided = {condition for step in saved.steps for condition in step.provides}
    guards = {one.ref for step in left for one in step.guards if one.condition not in provided}
    made = {ref for step in compress(saved.steps, done) for ref in (step.ref, *(one.ref for one in step.provides))}
    coming = {step.done for step in left}
    world = cured.World.of(examination.contract, examination.actual)

    def is_left(finding: Finding) -> bool:
        steps = (step for chain in cured.cures(finding, world) for step in chain)
        return finding.severity is Severity.NOTE or any(step.done in coming for step in steps)

    new = [finding for finding in examination.found if finding.fingerprint not in saved.known]
    return tuple(one.ref for one in new if one.ref in guards or (one.ref in made and not is_left(one)))


def _standing(connection: Connection, steps: Sequence[Step]) -> tuple[dict[str, str], list[bool]]:
    """How the dependents are that the steps carry over, and of each step whether it is done already."""
    try:
        connection.execute("begin transaction read only")
        limit(connection, 0, 1)
        carried = {
            f"what depends on {step.ref}": plan.digest(dependents(connection, step.address))
            for step in steps
            if step.address
        }
        return carried, [connection.execute(sent(f"select {step.done}")).fetchone() == (True,) for step in steps]
    except psycopg.Error as error:
        raise broken(error, "reading the objects that the plan touches") from None
    finally:
        roll_back(connection)


def _stands_on(contract: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """What a plan was made for beside the objects that it touches, each with what must stay the same."""
    return {
        f"the contract {contract.name}": hashlib.sha256(document.read(contract).encode()).hexdigest(),
        **{f"the repair {name}": hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
    }


def _looked(connection: Connection, examination: Examination, made: Plan, options: Options) -> Proposal:
    """The plan without the steps that rows stand in the way of."""
    repairs = _texts(examination.contract, made.steps) if options.with_data else {}
    proof.prove(connection, examination.contract, made, repairs, examination.refused)
    flight = preflight.look(connection, made, statement_timeout=options.reading.bounded_timeout)
    flight = replace(flight, notes=(*flight.notes, *examination.report.notes))
    faced, reasons = permission.face(made, flight.rows, allowed=options.allowed, repairs=repairs)
    unfit = {place: reason for place, reason in rehearsal.rehearse(connection, faced).items() if place not in reasons}
    whole = faced.holding(reasons | unfit)
    here = identity.place(connection, _relations(whole.steps))
    return Proposal(examination=examination, plan=whole, preflight=flight, repairs=repairs, place=here)


def _relations(steps: Iterable[Step]) -> list[tuple[str, ...]]:
    """The relations that steps lock, among which are all that they change something on."""
    return [*dict.fromkeys(path[:2] for step in steps for path in step.locks)]


def _texts(contract: Contract, steps: Iterable[Step]) -> dict[str, str]:
    """The texts of the data repairs that a plan may run. Raises ContractError where a file cannot be read."""
    found: dict[str, str] = {}
    for step in steps:
        if not step.repair or step.repair in found:
            continue
        entry = contract.objects[step.ref.kind].get(step.ref.path)
        name = entry.repair if entry else None
        if name is None or str(name) != step.repair:  # of a saved plan, which says no place
            raise ContractError(f"the contract names no repair {step.repair} for the {step.ref}")
        found[step.repair] = text_of(contract.file, name)
    return found


def carry_out(url: Url, proposal: Proposal, manner: Manner, listener: Listener) -> list[Record]:
    """Apply a plan, and return the outcome of each step; see `apply`."""
    return applying.apply(lambda: connect(url), proposal.plan, manner, listener)


def verify(url: Url, contract: Path, proposal: Proposal, options: Options) -> Verified:
    """Audit again after a plan was applied."""
    after = runner.examine(url, contract, options.of_schema)
    promised = {finding.fingerprint for finding in proposal.plan.promised}
    return Verified(after.report, tuple(one for one in after.report.findings if one.fingerprint in promised))


def before(proposal: Proposal, title: str) -> str:
    """The current state of the objects that a plan changes, as a contract: the way back."""
    renamed = {
        finding.ref: finding.subject.found
        for finding, _ in proposal.plan.mends
        if finding.subject and finding.subject.found
    }
    refs = dict.fromkeys(renamed.get(ref, ref) for ref in proposal.touched)
    # With a column or a table goes what stands on it.
    lost = {step.ref.path[:2] for step in proposal.plan.steps if Hazard.DATA_LOSS in step.hazards}
    for kind, paths in proposal.examination.actual.objects.items() if lost else ():
        refs |= dict.fromkeys(ObjectRef(kind, path) for path in paths if path[:2] in lost and _WITHIN[kind])
    # What stands on a table goes with the table's own state: a policy alone would imply row security.
    holders = (ObjectRef(_WITHIN[ref.kind], ref.path[:-1]) for ref in refs if _WITHIN[ref.kind])
    return writer.write(
        [(ref, _actual(proposal, ref)) for ref in dict.fromkeys((*holders, *refs))],
        {name: cure.spell for name, cure in CURES.items()},
        {name: cure.key for name, cure in CURES.items() if cure.key},
        schema=proposal.examination.contract.schema,
        title=title,
    )


def dump(proposal: Proposal, contract: Path) -> str:
    """The plan for a file, with how each object that it changes is now, for a later look whether it still is."""
    carried = {f"what depends on {step.ref}": step.carried for step in proposal.plan.steps if step.address}
    touched = _state(proposal.examination, proposal.touched) | carried
    refs = {ref for step in proposal.plan.steps for ref in _concerned(step)}
    known = dict.fromkeys(one.fingerprint for one in proposal.examination.found if one.ref in refs)
    return saved_plan.dump(proposal.plan, touched, _stands_on(contract, proposal.repairs), proposal.place, (*known,))


def _concerned(step: Step) -> tuple[ObjectRef, ...]:
    """What a step changes, makes, or relies on to keep others out."""
    return step.ref, *(one.ref for one in step.provides), *(one.ref for one in step.guards)


def _state(examination: Examination, refs: Iterable[ObjectRef]) -> dict[str, Any]:
    found = {ref: examination.actual.objects.get(ref.kind, {}).get(ref.path) for ref in refs}
    return {
        str(ref): None if model is None else CURES[ref.kind].spell(model) or PRESENT for ref, model in found.items()
    }


def _actual(proposal: Proposal, ref: ObjectRef) -> Any | None:
    return proposal.examination.actual.objects.get(ref.kind, {}).get(ref.path)


# Choices


def _decided(examination: Examination, choices: Iterable[tuple[str, str]]) -> Contract:
    """The contract with the call's replacements of removed enum values. Raises UsageError."""
    contract, actual = examination.contract, examination.actual.objects
    objects = {kind: dict(paths) for kind, paths in contract.objects.items()}
    for word, value in choices:
        kind, path, old = _chosen(contract, word)
        decide: Callable[[Any, dict[str, str], Any], Any] | None = CURES[kind].decide
        if decide is None:
            raise AssertionError(kind)
        entry = objects[kind][path]
        try:
            objects[kind][path] = entry._replace(
                value=decide(entry.value, {old: value}, actual.get(kind, {}).get(path))
            )
        except ValueError as error:
            raise UsageError(f"--replace {word}={value}: {error}") from None
    return replace(contract, objects=objects)


def _chosen(contract: Contract, word: str) -> tuple[str, tuple[str, ...], str]:
    """The object that `type.value` or `schema.type.value` means, and the value."""
    name, _, old = word.rpartition(".")
    known: list[str] = []
    for kind, cure in CURES.items():
        for path, entry in contract.objects[kind].items() if cure.decide else ():
            spellings = {dotted(path), ".".join(path)}
            if path[0] == contract.schema:
                spellings |= {dotted(path[1:]), ".".join(path[1:])}
            if name in spellings and entry.value is not None:
                return kind, path, old
            known.append(dotted(path))
    raise UsageError(
        f"--replace {word}: the contract has no type “{name}”",
        hint=nearest(name, known) or "Write TYPE.VALUE=VALUE.",
    )


def _decided_finding(finding: Finding, contract: Contract) -> Finding:
    entry = contract.objects.get(finding.ref.kind, {}).get(finding.ref.path)
    if entry is None or finding.subject is None or finding.subject.expected is None:
        return finding
    return replace(finding, subject=finding.subject._replace(expected=entry.value))
