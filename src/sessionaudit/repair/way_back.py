"""Write the way back of a repair: the state before it, as a contract, with the command that restores it."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import runner
from sessionaudit.contract import writer
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard
from sessionaudit.core.visible import option_path, shell_word, visible
from sessionaudit.errors import SessionAuditError
from sessionaudit.kinds import KINDS
from sessionaudit.repair import propose
from sessionaudit.repair.state_place import place_line
from sessionaudit.repair.taken_along import taken_along, with_all
from sessionaudit.writing import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sessionaudit.postgres.connection import Url
    from sessionaudit.repair.propose import PlanOptions, Proposal

    States = dict[ObjectRef, Any | None]

# The options that concern the original contract, not that of the way back.
_OF_THIS = ("only", "ignore", "allow", "with_data", "replace", "time_zone", "before", "yes")
_KINDS = {kind.name: kind for kind in KINDS}
_ELSEWHERE = {attribute.rule for kind in KINDS for attribute in kind.attributes if attribute.elsewhere}
_UNSETTLED = "Going back may ask for more to be allowed: some of its steps are known only when others are done."
_VALIDATED = "validated"  # the facet of all kinds that can be NOT VALID


class WayBack(Struct, frozen=True, kw_only=True):
    """The file of the way back of a run: `title` is its first line, `earlier` are the files of earlier runs.

    `proposals` holds the plan of each round, and `states` the current state then of what that plan changes; an object
    has the state in which the first plan that changes it found it.
    `lost` are sentences about what the file does not restore. `unsettled` says that some of the steps that go back are
    known only when others are done.
    """

    file: Path
    title: str
    proposals: tuple[Proposal, ...]
    states: tuple[States, ...] = ()
    earlier: tuple[Path, ...]
    lost: tuple[str, ...] = ()
    unsettled: bool = False

    @property
    def after_it(self) -> str:
        """A sentence about the files that lead further back after this one; "" if there are none."""
        return ", ".join(shell_word(file.name) for file in self.earlier)

    @property
    def told(self) -> tuple[str, ...]:
        """Say where the file is, and what it does not restore, a sentence for each line."""
        after = f"; to go back further, apply afterwards: {self.after_it}" if self.after_it else ""
        first = f"The previous state is saved in {self.file}{after}"
        return first, *_not_restored(self.lost)

    def command(self, allow: Iterable[Hazard] | None = None) -> str:
        """Return the command that goes back, or shows how while the hazards to `allow` are not known (None)."""
        contract = {"contract": ("-c", option_path(self.file.resolve()))}
        if allow is None:
            return CALLING.line("repair", instead=contract, without=_OF_THIS)
        words = [word for hazard in allow for word in ("--allow", str(hazard))]
        return CALLING.line("repair", "--apply", *words, instead=contract, without=_OF_THIS)

    def write(self, allow: Iterable[Hazard] | None = None) -> None:
        """Write the file; `allow` are the hazards that its repair needs, None while unknown. Raises UsageError."""
        lines = [self.title]
        if allow is None:
            lines += ["This shows how to go back (dropped data cannot be restored), and which hazards to allow:"]
        else:
            lines += ["To go back (dropped data cannot be restored):"]
        lines += [f"  {self.command(allow)}", *([_UNSETTLED] if self.unsettled else [])]
        if self.lost:
            lines += ["What this file does not restore:", *(f"- {one}" for one in self.lost)]
        if self.earlier:
            lines += [f"This goes back to before this run only. To go back further, apply afterwards: {self.after_it}."]
        replace_file(self.file, before(self.proposals, "\n".join(lines), self.states), "--before")


def begin(url: Url, proposal: Proposal, wanted: Callable[[dt.datetime], Path], options: PlanOptions) -> WayBack:
    """Write the current state of the objects that a plan changes; never overwrite a file of an earlier run.

    `wanted` returns the file for a time, `options` are those of the repair. Raises UsageError if it cannot be written.
    """
    stamp = dt.datetime.now(tz=dt.UTC)
    file = wanted(stamp)
    names = (file, *(file.with_name(f"{file.stem}.{number}{file.suffix}") for number in range(2, 1000)))
    found = tuple(itertools.takewhile(lambda name: name.exists(), names))
    title = (
        f"State of what sessionaudit repair was about to change in the database {proposal.report.where.name}, at "
        f"{stamp:%Y-%m-%d %H:%M:%S} UTC.\n{place_line(proposal.place)}"
    )
    way = WayBack(file=names[len(found)], title=title, proposals=(proposal,), earlier=found[::-1])
    return _written(url, way, options)


def go_on(url: Url, way: WayBack, proposal: Proposal, options: PlanOptions) -> WayBack:
    """Add to the file the state of what the plan of another round changes, too. Raises UsageError."""
    return _written(url, replace(way, proposals=(*way.proposals, proposal)), options)


def _written(url: Url, way: WayBack, options: PlanOptions) -> WayBack:
    """Write the file, and what it does not restore: in what the last plan changes, the state differs from the file."""
    found = way.lost
    *earlier, last = way.proposals
    try:
        last = with_all(url, last, options.reading.statement_timeout)
    except SessionAuditError as error:
        found += (f"What is in or on the objects that are dropped could not be read: {error}",)
    way = replace(way, proposals=(*earlier, last), states=(*way.states, _states(last)))
    way.write()
    whole = _first_states(way.proposals, way.states)
    unchanged = {ref for ref, model in way.states[-1].items() if ref in whole and whole[ref] == model}
    try:
        audited = runner.run(url, way.file, options.of_another_contract.of_schema)
        known = {ref for one in way.states[:-1] for ref in one}  # which are no longer as they were
        touched = unchanged - known
        found += tuple(one.message for one in audited.findings if one.ref in touched and one.severity > Severity.NOTE)
    except SessionAuditError as error:
        found += (f"That could not be found out: {error}",)
    found += tuple(
        f"The {ref} is not validated, and the plan validates it: it stays validated."
        for ref in _validated(last)
        if ref in unchanged
    )
    found += tuple(finding.message for finding in last.plan.promised if finding.rule in _ELSEWHERE)
    repairs = dict.fromkeys(step.repair for step in last.plan.steps if step.repair in last.repairs)
    found += tuple(f"Rows that the repair {visible(name)} changes keep their new values." for name in repairs)
    if found == way.lost:
        return way
    complete = replace(way, lost=tuple(dict.fromkeys(found)))
    complete.write()
    return complete


def _validated(proposal: Proposal) -> Iterator[ObjectRef]:
    """Return the objects that a plan validates as they are."""
    return (finding.ref for finding, _ in proposal.plan.repaired if finding.facet == _VALIDATED)


def end(url: Url, way: WayBack, options: PlanOptions) -> tuple[str, tuple[str, ...]]:
    """Complete the file with the command that leads back; return that, and lines about what more is not restored.

    The command is "" if nothing was changed; then the file is deleted. Of the options of the repair, those hold that do
    not concern its contract.
    """
    if withdrawn(way):
        return "", ()
    with contextlib.suppress(SessionAuditError):  # then the file says how to find out
        if way.file.is_file():
            whole, allow = _leading_back(url, way, options.of_another_contract)
            whole.write(allow)
            more = _not_restored(whole.lost[len(way.lost) :])
            return whole.command(allow), (*more, *([_UNSETTLED] if whole.unsettled else []))
    return way.command(), ()


def _leading_back(url: Url, way: WayBack, options: PlanOptions) -> tuple[WayBack, list[Hazard]]:
    """Return the way back with what is known of it after the last step, and the hazards that it needs."""
    needed = frozenset[Hazard]()
    with propose.examining(url, way.file, options) as (examination, connection):
        while True:  # what a step risks may be known only when it is allowed
            plan = propose.propose_for(connection, examination, replace(options, allowed=needed)).plan
            more = {hazard for one in plan.held for hazard in (*one.allow, *one.step.gated)} - needed
            if not more:
                break
            needed |= more
    # What is not known yet probably needs what the steps needed that led here, and drops what they added.
    later = {one.step.ref for one in plan.held if one.again} | {one.finding.ref for one in plan.uncured if one.again}
    gone = [step for proposal in way.proposals for step in proposal.plan.steps if step.ref in later]
    needed |= {hazard for step in gone for hazard in (*step.gated, *([step.risk.hazard] if step.risk else []))}
    needed |= {Hazard.DROP} if gone else set[Hazard]()
    held = [one for one in plan.held if not (one.by_data or one.again or one.follows)]
    refs = {one.step.ref for one in held}
    lost = [f"“{one.step.action}” cannot be done: {one.told or one.reason}." for one in held]
    lost += [
        one.finding.message
        for one in plan.uncured
        if not (one.unasked or one.again or one.finding.ref in refs) and one.finding.severity > Severity.NOTE
    ]
    every = tuple(dict.fromkeys((*way.lost, *lost)))
    return replace(way, lost=every, unsettled=bool(plan.unsettled)), sorted(needed)


def _not_restored(lost: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"It does not restore this: {one}" for one in lost)


def withdrawn(way: WayBack) -> bool:
    """Whether nothing was changed, so that there is no way back, and the file was taken away."""
    if CHANGES.any or not way.file.is_file():
        return False
    with contextlib.suppress(OSError):
        way.file.unlink()
    return True


def before(proposals: Sequence[Proposal], title: str, found: Sequence[States] = ()) -> str:
    """Return the state of the objects that the plans of a run change, as a contract, as it was before the first one.

    `found` are the current states of what each plan changes, if they are known.
    """
    states = _first_states(proposals, found or [*map(_states, proposals)])
    places: dict[ObjectRef, int] = {}
    inner = {ref.kind for ref in states if _KINDS[ref.kind].within}
    for proposal in proposals:
        for kind in inner & proposal.examination.actual.objects.keys():
            for number, path in enumerate(proposal.examination.actual.objects[kind]):
                places.setdefault(ObjectRef(kind, path), number)

    def place(ref: ObjectRef) -> tuple[object, ...]:
        """Columns must have the order that they had."""
        return (ref.path[:-1], places.get(ref, len(places)), ref.path) if _KINDS[ref.kind].within else (ref.path,)

    ordered = sorted(states.items(), key=lambda one: place(one[0]))
    schema = proposals[-1].examination.contract.schema
    return writer.write(ordered, schema=schema, title=title, ordered=True)


def _first_states(proposals: Sequence[Proposal], found: Sequence[States]) -> States:
    states: States = {}
    renamed = set[ObjectRef]()
    for proposal, current in zip(proposals, found, strict=True):
        for ref, model in current.items():
            holder = _KINDS[ref.kind].holder(ref.path, states.__contains__) or ref
            # What an earlier round made goes with what it is on, and with its earlier name.
            if ref not in renamed and not (holder in states and states[holder] is None):
                # An earlier round may have changed it along with another object.
                states.setdefault(ref, _actual(proposals[0], ref) or model)
        renamed |= _renamed(proposal).keys()
    return states


def _renamed(proposal: Proposal) -> dict[ObjectRef, ObjectRef]:
    """Return the objects that a plan renames, with the names that they had."""
    return {
        finding.ref: finding.subject.found
        for finding, _ in proposal.plan.repaired
        if finding.subject and finding.subject.found
    }


def _states(proposal: Proposal) -> States:
    """Return the current state of the objects that a plan changes, and of what they are on."""
    renamed = _renamed(proposal)
    refs = dict.fromkeys(renamed.get(ref, ref) for ref in proposal.touched)
    refs |= dict.fromkeys(taken_along(proposal.plan.steps, proposal.examination.actual.objects))
    # Objects on a table are written with the table's own state: a policy alone would imply row security.
    there = proposal.examination.actual.objects

    def known(ref: ObjectRef) -> bool:
        return ref.path in there.get(ref.kind, {})

    holders = {ref: holder for ref in refs if (holder := _KINDS[ref.kind].holder(ref.path, known))}
    # What was on a relation that was not there is gone with it.
    refs = {ref: None for ref in refs if ref not in holders or known(holders[ref])}
    return {ref: _actual(proposal, ref) for ref in (*filter(known, holders.values()), *refs)}


def _actual(proposal: Proposal, ref: ObjectRef) -> Any | None:
    """Return the current state of an object, which also says what it is to lose again; None if it is not there."""
    model = proposal.examination.actual.objects.get(ref.kind, {}).get(ref.path)
    declared = proposal.examination.contract.objects.get(ref.kind, {}).get(ref.path)
    taking_back = _KINDS[ref.kind].taking_back
    if model is None or declared is None or declared.value is None or taking_back is None:
        return model
    return taking_back(declared.value, model)
