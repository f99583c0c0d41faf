"""Save a proposal in a file, and load it again if the objects that it touches are unchanged."""

from __future__ import annotations

import hashlib
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from msgspec.structs import replace

from sessionaudit.contract import writer
from sessionaudit.core.finding import Severity
from sessionaudit.core.node import PRESENT
from sessionaudit.postgres import identity
from sessionaudit.postgres.connection import broken, limit, roll_back
from sessionaudit.postgres.dependents import dependents
from sessionaudit.repair import plan, propose, saved_plan
from sessionaudit.sql.text import sent
from sessionaudit.steps import cured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.repair.propose import PlanOptions, Proposal


def dump(proposal: Proposal, contract: Path) -> str:
    """Serialize a plan with the current state of each object that it changes, so that changes can be detected."""
    carried = {f"what depends on {step.ref}": step.carried for step in proposal.plan.steps if step.address}
    touched = _state(proposal.examination, proposal.touched) | carried
    refs = {ref for step in proposal.plan.steps for ref in _concerned(step)}
    known = dict.fromkeys(one.fingerprint for one in proposal.examination.found if one.ref in refs)
    stands_on = _stands_on(contract.name, proposal.examination.contract, proposal.repairs)
    return saved_plan.dump(proposal.plan, touched, stands_on, proposal.place, (*known,))


def _concerned(step: Step) -> tuple[ObjectRef, ...]:
    """Return the objects that a step changes, creates, or relies on to restrict access."""
    return step.ref, *(one.ref for one in step.provides), *(one.ref for one in step.guards)


def _state(examination: Examination, refs: Iterable[ObjectRef]) -> dict[str, Any]:
    found = {ref: examination.actual.objects.get(ref.kind, {}).get(ref.path) for ref in refs}
    return {
        str(ref): None if model is None else writer.spelled(ref.kind, model) or PRESENT for ref, model in found.items()
    }


def recall(url: Url, contract: Path, options: PlanOptions, saved: saved_plan.Saved) -> Proposal:
    """Load a saved plan, if the objects that it touches are unchanged, and find its obstacles. Writes nothing.

    Raises ChangedError if an object that it touches has changed.
    """
    with propose.examining(url, contract, options) as (examination, connection):
        state = _state(examination, dict.fromkeys(step.ref for step in saved.steps))
        carried, done = _standing(connection, saved.steps)
        state |= carried
        texts = propose.texts(examination.contract, saved.steps) if options.with_data else {}
        stands_on = _stands_on(contract.name, examination.contract, texts)
        here = identity.place(connection, propose.relations(saved.steps))
        made = saved.held_against(
            state,
            stands_on,
            examination.report.findings,
            place=here,
            begun={step.ref for step in compress(saved.steps, done)},
            astray=(*_astray(saved, done, examination), *_changed_otherwise(saved, done, examination, state)),
        )
        return replace(propose.looked(connection, examination, made, options), done=all(done))


def _astray(saved: saved_plan.Saved, done: Sequence[bool], examination: Examination) -> tuple[ObjectRef, ...]:
    """Return objects that no longer restrict access as the plan assumes, or are not as the plan made them.

    The audit has a finding on them that it did not have when the plan was made. On objects that the plan has created,
    findings that a later step of the plan repairs are allowed.
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


def _changed_otherwise(
    saved: saved_plan.Saved, done: Sequence[bool], examination: Examination, state: Mapping[str, Any]
) -> tuple[ObjectRef, ...]:
    """Return changed objects whose findings are still there, although all steps that mend these are done.

    A step may be done by something that differs both from what it found and from what is expected.
    """
    mended = {name for name, places in saved.repaired if places and all(done[place] for place in places)}
    left = [finding.ref for finding in examination.found if finding.fingerprint in mended]
    return tuple(ref for ref in left if str(ref) in saved.touched and state[str(ref)] != saved.touched[str(ref)])


def _standing(connection: Connection, steps: Sequence[Step]) -> tuple[dict[str, str], list[bool]]:
    """Return the state of the dependents that the steps recreate, and for each step whether it is done already."""
    try:
        connection.execute("begin transaction read only")
        limit(connection, 0, 1)
        carrying = [step for step in steps if step.address]
        found = dependents(connection, [step.address for step in carrying])
        carried = {f"what depends on {step.ref}": plan.digest(one) for step, one in zip(carrying, found, strict=True)}
        return carried, [connection.execute(sent(f"select {step.done}")).fetchone() == (True,) for step in steps]
    except psycopg.Error as error:
        raise broken(error, "reading the objects that the plan touches") from None
    finally:
        roll_back(connection)


def _stands_on(name: str, contract: Contract, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs of a plan besides the objects that it touches, each with a value that must stay the same.

    The contract is as it was read for the audit; a file that it includes is named as seen from the main file.
    """
    main, *others = contract.sources
    folder = Path(main.file).parent
    included = {Path(one.file).relative_to(folder).as_posix(): one.text for one in others}
    files = {f"the list of the files that {name} includes": "\n".join(included)} if included else {}
    named = {f"the contract {file}": text for file, text in {name: main.text, **included}.items()}
    repairs = {f"the repair {file}": text for file, text in texts.items()}
    inputs = {**named, **files, **repairs}
    return {what: hashlib.sha256(text.encode()).hexdigest() for what, text in inputs.items()}
