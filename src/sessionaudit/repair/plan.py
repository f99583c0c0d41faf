"""Make ordered steps from findings. Names no kind: the cures define what a step does."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.finding import Severity
from sessionaudit.core.held_back import ANYWAY, LETTING, Held, Uncured
from sessionaudit.core.printed_commands import CALLING, OF_PART
from sessionaudit.core.step import Condition, Hazard, State
from sessionaudit.core.visible import shell_line
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.repair.containment import around
from sessionaudit.repair.drop_order import arrange
from sessionaudit.rulebook import REFUSED, UNCERTAIN
from sessionaudit.steps.cured import FORBIDDEN, World, by_hand, cures, is_outdated, unasked
from sessionaudit.steps.order import Graph, is_there, may_change, names_changed, names_of, rank

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.held_back import Reason
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema
    from sessionaudit.core.step import Dependent, Step
    from sessionaudit.postgres.dropped import Standing

    Dependents = Callable[[Collection[str]], Sequence[tuple[Dependent, ...]]]

_COMMAND = re.compile(r"`sessionaudit ([a-z]+)((?: --[a-z-]+)*)`")
_UNKNOWN = "There is no safe statement for it: a person must decide."
_HOLDERS = {kind.name for kind in HOLDING}
_KINDS = {kind.name: kind for kind in KINDS}
_ELSEWHERE = {attribute.rule for kind in KINDS for attribute in kind.attributes if attribute.elsewhere}


class Plan(Struct, frozen=True, kw_only=True):
    """The steps in their order, the held-back steps, and the findings without a cure.

    `repaired` holds the findings that the steps repair completely, with the positions of these steps in `steps`.
    `after` holds for each step the positions of the steps that it requires. `path` holds the schemas of the contract's
    unqualified names.
    """

    steps: tuple[Step, ...]
    repaired: tuple[tuple[Finding, frozenset[int]], ...]
    after: tuple[frozenset[int], ...]
    path: tuple[str, ...]
    held: tuple[Held, ...] = ()
    uncured: tuple[Uncured, ...] = ()

    @property
    def promised(self) -> tuple[Finding, ...]:
        """The findings that must be gone after all steps."""
        return tuple(finding for finding, _ in self.repaired)

    @property
    def unsettled(self) -> str:
        """A sentence with the number of steps that may become possible after this plan; "" if none.

        Uncertain findings do not count: no step makes them certain.
        """
        held = sum(one.again for one in self.held)
        uncured = sum(one.again and one.finding.severity > Severity.NOTE for one in self.uncured)
        parts = [f"{held} of those held back"] if held else []
        parts += [f"{uncured} of those without a cure"] if uncured else []
        told = f"When these steps are done, {' and '.join(parts)} may become possible: run repair again to see"
        return f"{told} (--apply continues automatically)." if parts and self.steps else ""

    def holding(self, reasons: Mapping[int, Reason]) -> Plan:
        """Return the plan without some steps and those that depend on them; `reasons` are by position."""
        held: dict[int, Held] = {}
        for place, step in enumerate(self.steps):
            before = next((held[other] for other in sorted(self.after[place]) if other in held), None)
            if place in reasons:
                held[place] = reasons[place].of(step)
            elif before is not None:
                held[place] = _following(step, before)
        places = {old: new for new, old in enumerate(old for old in range(len(self.steps)) if old not in held)}
        return replace(
            self,
            steps=tuple(self.steps[old] for old in places),
            after=tuple(frozenset(places[other] for other in self.after[old]) for old in places),
            repaired=tuple(
                (finding, frozenset(places[old] for old in olds))
                for finding, olds in self.repaired
                if not olds & held.keys()
            ),
            held=(*self.held, *held.values()),
        )


def _following(step: Step, before: Held, refused: Iterable[Hazard] = ()) -> Held:
    reason = f"it depends on a step that is held back: {before.step.action}"
    allow = tuple(dict.fromkeys((*before.allow, *refused))) if before.allow else ()  # else asked for when that runs
    return Held(reason, before.help, again=before.again, allow=allow, by_data=before.by_data, step=step, follows=True)


def make(
    findings: Iterable[Finding],
    contract: Contract,
    actual: Schema,
    *,
    allowed: frozenset[Hazard],
    path: tuple[str, ...],
    dependents: Dependents,
    standing: Callable[[Sequence[tuple[str, bool]]], Sequence[Standing]],
    zone: str = "",
    asked: Callable[[Finding], bool] = lambda _: False,
    drifted: Collection[ObjectRef] = (),
    refused: Collection[ObjectRef] = (),
) -> Plan:
    """Make the plan that repairs the findings; the same input always gives the same plan.

    `path` holds the schemas of the contract's unqualified names, `allowed` the allowed hazards. `dependents` returns
    what depends on each of some objects, by the addresses in steps; `standing` returns what prevents objects from being
    dropped, like the function of that name; `zone` is the time zone for converting values. An `unasked` finding is
    repaired only if `asked` says that the options name it. `drifted` are all objects with findings, including those
    that the options leave out. `refused` are the objects whose definition in the contract the server rejects, so that
    nothing can create them.
    """
    graph, world = Graph(), World.of(contract, actual, zone)
    taken, uncured = _taken(findings, world, graph, refused, asked)
    elsewhere = {one.finding.ref for one in uncured if one.finding.subject and one.finding.subject.found}
    graph.link(actual, _nowhere(uncured, refused, actual), elsewhere, drifted)
    kept = arrange(graph, standing, wanted=world.wanted, present=world.present)
    taken = [(finding, {graph.merged.get(index, index) for index in indexes}) for finding, indexes in taken]
    circles = {index: circle for circle in graph.circles() for index in circle}
    carried = _asked_once(graph.steps, dependents)
    graph.recreate_first({index: carried(one.around.address) for index, one in graph.live() if one.around})
    order = graph.sorted()
    changed = cache(graph.changed)
    refusals = {index: _refusal(finding) for finding, indexes in taken for index in indexes if _refusal(finding)}
    ranks = [rank(one.finding.ref) for one in uncured if _is_due(one.finding)]
    held: dict[int, Held] = {}
    steps_: list[Step] = []
    changing: dict[str, list[Step]] = {}  # the steps so far, by the names of what they change
    for index in order:
        step = graph.steps[index]
        needed = sorted(graph.hard[index] | graph.bearing[index])
        before = next((held[other] for other in needed if other in held), None)
        gated = [hazard for hazard in step.gated if hazard not in allowed]
        if index in circles:
            circle = " → ".join(graph.steps[other].action for other in circles[index])
            held[index] = Held(f"these depend on each other: {circle}", "Do one of them by hand.", step=step)
        elif before is not None:
            held[index] = _following(step, before, gated)
        elif index in kept:
            help_ = "Change what depends on it first, declare that absent too, or keep it."
            held[index] = Held(kept[index], help_, again=True, step=step)
        elif (missing := graph.missing.get(index)) is not None:
            held[index] = Held(missing, "Repair that first.", step=step)
        elif index in refusals and min(ranks, default=rank(step.ref)) < rank(step.ref):
            held[index] = Held(
                f"PostgreSQL rejects it in the current state: {refusals[index]}",
                "Repair the rest first.",
                again=True,
                step=step,
            )
        elif gated:
            words = ", ".join(f"{hazard.meaning} ({hazard})" for hazard in gated)
            held[index] = Held(f"it {words}", _permission(gated), allow=tuple(gated), step=step)
        else:
            step, (reason, help_) = _carrying(step, carried)
            again = not reason or step.around is None or may_change(changed(), step, carried(step.around.address))
            if not reason and (reason := _undoing(step, changing, carried)):
                help_ = "Repair the rest first."
            if reason:
                held[index] = Held(reason, help_, again=again, step=step)
            else:
                steps_.append(step)
                for name in names_changed(step):
                    changing.setdefault(name, []).append(step)
        if index in held:
            ranks.append(rank(step.ref))
    places = {index: place for place, index in enumerate(index for index in order if index not in held)}
    return Plan(
        steps=tuple(steps_),
        after=tuple(
            frozenset(
                places[other]
                for other in graph.hard[index] | graph.bearing[index]
                if other in graph.hard[index] or places.get(other, place) < place
            )
            for index, place in places.items()
        ),
        repaired=tuple(
            (finding, frozenset(places[index] for index in indexes))
            for finding, indexes in taken
            if not indexes & held.keys()
        ),
        path=path,
        held=tuple(held[index] for index in order if index in held),
        uncured=_told(uncured),
    )


def _taken(
    findings: Iterable[Finding],
    world: World,
    graph: Graph,
    refused: Collection[ObjectRef],
    asked: Callable[[Finding], bool],
) -> tuple[list[tuple[Finding, set[int]]], list[Uncured]]:
    """Take the steps that mend findings into a graph: which mend which, and what none mends."""
    uncured: list[Uncured] = []
    mended: list[tuple[Finding, set[int]]] = []
    alone: list[tuple[Finding, Uncured | None]] = []
    given = (*findings,)
    for finding in given:
        chains = cures(finding, world, refused)
        if chains and unasked(finding) and not asked(finding):
            alone.append((finding, _naming(finding, chains)))
        elif chains:
            mended.append((finding, graph.take(chains, last=finding.rule.name in FORBIDDEN)))
        else:
            alone.append((finding, None))
    found = [(finding, naming, _with_others(finding, graph, alone=naming is None)) for finding, naming in alone]
    mended += [(finding, {place}) for finding, _, place in found if place is not None]
    for finding, naming, place in found:
        if place is None and naming:
            uncured.append(naming)
        elif place is None:
            later = bool(_later(finding, world)) and not _is_wrong(finding, refused)
            uncured.append(Uncured(finding, _advice(finding, refused, world), again=later))
    order = {id(finding): place for place, finding in enumerate(given)}
    uncured.sort(key=lambda one: order[id(one.finding)])
    return mended, uncured


def _with_others(finding: Finding, graph: Graph, *, alone: bool) -> int | None:
    """The step for another finding that mends this one as well; `alone` says that it has no step of its own.

    What comes with an object is right with it, and what is in or on one that is dropped goes with it.
    """
    kind = _KINDS.get(finding.ref.kind)
    holders = around(kind, finding.ref.path) if kind and _is_unknown(finding) else ()
    dropping = (graph.provider(Condition(ref, State.ABSENT)) for ref in holders)
    if (place := next((one for one in dropping if one is not None), None)) is not None:
        return place
    if not alone or finding.rule in _ELSEWHERE:
        return None
    return graph.provider(Condition(finding.ref, State.PRESENT if _is_lost(finding) else State.CLEAN))


def _nowhere(uncured: Iterable[Uncured], refused: Collection[ObjectRef], actual: Schema) -> list[ObjectRef]:
    """Return the objects that no step can create, and those that cannot be as expected yet and hold others."""
    findings = [one.finding for one in uncured]
    lost = (finding.ref for finding in findings if _is_lost(finding))
    waiting = (one.ref for one in findings if one.ref.kind in _HOLDERS and _refusal(one))
    absent = [ref for ref in (*lost, *sorted(refused, key=str)) if not is_there(ref, actual)]
    return [*dict.fromkeys((*absent, *waiting))]


def _told(uncured: Sequence[Uncured]) -> tuple[Uncured, ...]:
    """Return the reasons to report: for an object missing because of a wrong contract, only that it is wrong."""
    refused = {one.finding.ref for one in uncured if one.finding.rule is REFUSED}
    return tuple(one for one in uncured if one.finding.ref not in refused or not _is_lost(one.finding))


def _asked_once(steps: Sequence[Step], dependents: Dependents) -> Callable[[str], tuple[Dependent, ...]]:
    """Return what reads the dependents of a step's object; the first call reads those of all steps."""
    found: dict[str, tuple[Dependent, ...]] = {}

    def of(address: str) -> tuple[Dependent, ...]:
        if not found:
            addresses = tuple(dict.fromkeys(step.around.address for step in steps if step.around))
            found.update(zip(addresses, dependents(addresses), strict=True))
        return found[address]

    return of


def _carrying(step: Step, dependents: Callable[[str], tuple[Dependent, ...]]) -> tuple[Step, tuple[str, str]]:
    """Return the step with its object's dependents dropped and recreated, or why that is impossible and a hint."""
    if step.around is None:
        return step, ("", "")
    found = dependents(step.around.address)
    composed = step.around.compose(found)
    if composed.stuck:
        return step, (composed.stuck, composed.help)
    return replace(composed.of(step), address=step.around.address, carried=digest(found)), ("", "")


def _undoing(
    step: Step, changing: Mapping[str, Sequence[Step]], dependents: Callable[[str], tuple[Dependent, ...]]
) -> str:
    """Return why a step cannot run after some others: it recreates what they change as it was; "" if it can.

    `changing` are the steps before it, by the names of what they change.
    """
    found = dependents(step.address) if step.address else ()
    names = {name for one in found if one.put and {*one.put} <= {*step.sql} for name in names_of(one)}
    others = (other for name in sorted(names) for other in changing.get(name, ()) if other.ref != step.ref)
    undone = next((other.action for other in others), "")
    return f"it recreates what depends on it as it is now, before the step: {undone}" if undone else ""


def digest(found: tuple[Dependent, ...]) -> str:
    """Return a value that changes if the dependents of an object change."""
    return hashlib.sha256(repr([(one.name, one.take, one.put) for one in found]).encode()).hexdigest()


def _is_unknown(finding: Finding) -> bool:
    """Whether the finding is about an object that the contract does not name."""
    return (
        finding.subject is not None
        and finding.subject.expected is None
        and not finding.facet
        and finding.rule.name not in FORBIDDEN
    )


def _naming(finding: Finding, chains: Iterable[Sequence[Step]]) -> Uncured:
    """Say how to repair a finding that is repaired only on request."""
    if _is_unknown(finding):
        why, name = "It is left unchanged. Declare it, or declare it absent.", finding.ref.dotted
        gated = dict.fromkeys(str(hazard) for chain in chains for step in chain for hazard in step.gated)
    else:
        why, name, gated = "It is harmless.", finding.rule.name, {}
    words = ["--only", name, *(word for hazard in gated for word in ("--allow", hazard))]
    command = CALLING.line("repair", *words, without=OF_PART)
    return Uncured(finding, f"{why} {ANYWAY}: {shell_line(words)}.", unasked=True, why=why, command=command)


def _is_lost(finding: Finding) -> bool:
    """Whether the finding is that an object is missing."""
    subject = finding.subject
    return subject is not None and subject.expected is not None and subject.actual is None


def _is_due(finding: Finding) -> bool:
    """Whether something expected is missing from the database until the finding is repaired."""
    subject = finding.subject
    if subject is None or subject.expected is None:
        return False
    return finding.severity is not Severity.NOTE or subject.actual is None


def _permission(refused: Iterable[Hazard]) -> str:
    """Say which options let a refused step run; first what to consider before a protection is removed."""
    hazards = [*refused]
    allow = " ".join(f"--allow {hazard}" for hazard in hazards)
    lead = "To keep it, state it in the contract. To remove it:" if Hazard.LOOSEN in hazards else LETTING
    return f"{lead} {allow}"


def _refusal(finding: Finding) -> str:
    """Return why the server rejects the expected definition until other objects change; "" if it does not."""
    return finding.subject.refused if finding.subject else ""


def _is_wrong(finding: Finding, refused: Collection[ObjectRef]) -> bool:
    """Whether the contract, and not the database, is to be corrected, or that is not known yet."""
    of_refused = any(finding.ref == one or finding.ref.path == one.path[:-1] for one in refused)
    return finding.rule in {UNCERTAIN, REFUSED} or of_refused


def _later(finding: Finding, world: World) -> str:
    """Say why a finding may have a cure only when the rest is repaired; "" if that is not so."""
    if _refusal(finding):
        return f"PostgreSQL rejects it in the current state: {_refusal(finding)}. Repair the rest first."
    subject = finding.subject
    if subject and not subject.doubt and subject.printed and is_outdated(subject.printed, finding.ref, world):
        return "What it names is to have another type, with which it is compared again. Repair that first."
    return ""


def _advice(finding: Finding, refused: Collection[ObjectRef], world: World) -> str:
    if finding.rule is UNCERTAIN:
        return "First find out whether it is drift."
    if _is_wrong(finding, refused):
        return "Correct the contract."
    if later := _later(finding, world):
        return later
    if finding.subject is None:
        return "This is not a problem of the schema."
    if finding.subject.doubt:
        return finding.subject.doubt
    if finding.subject.expected is None:
        if finding.rule.name in FORBIDDEN:
            return _of_the_rule(finding)
        return "Nothing is dropped unless the contract says so: declare it, or declare it absent."
    return by_hand(finding, world) or _of_the_rule(finding)


def _of_the_rule(finding: Finding) -> str:
    return _COMMAND.sub(_as_called, finding.rule.fix) or _UNKNOWN


def _as_called(match: re.Match[str]) -> str:
    return f"`{CALLING.line(match[1], *match[2].split())}`"
