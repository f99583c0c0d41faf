"""Save plans in files, to review them and apply them later, if the objects that they touch have not changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from msgspec.structs import astuple

from sessionaudit import files
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Condition, Debris, Guard, Hazard, LockLevel, Need, Obstacle, Risk, State, Step
from sessionaudit.core.visible import spelled_json
from sessionaudit.errors import ChangedError, UsageError
from sessionaudit.kinds import path_of
from sessionaudit.postgres.identity import elsewhere
from sessionaudit.repair.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.identity import Place

VERSION = 4
_MAKE = "To make one: `sessionaudit repair --save-plan FILE`."
_AGAIN = "Make it again, and review it: `sessionaudit repair --save-plan FILE`."
# What else sessionaudit prints as JSON, with versions of its own, by a key that it has.
_OTHERS = {"findings": "a report", "uncured": "the output of --format json"}
_MOST = 64 * 1024 * 1024  # bytes
Json = dict[str, Any]


def dump(
    plan: Plan, fingerprints: Mapping[str, Any], stands_on: Mapping[str, str], place: Place, known: Sequence[str]
) -> str:
    """Serialize a plan as JSON, with the state of the objects that it touches.

    `place` is the database that the plan was made for. `stands_on` names its other inputs (the contract, the data
    repairs), each with a value that must be the same when the plan is applied. `known` are the fingerprints of the
    findings about the objects that it touches or relies on.
    """
    data = {
        "version": VERSION,
        "place": place,
        "stands_on": dict(stands_on),
        "path": list(plan.path),
        "touched": dict(fingerprints),
        "known": list(known),
        "mends": [{"fingerprint": finding.fingerprint, "steps": sorted(places)} for finding, places in plan.repaired],
        "steps": [_step(step, after) for step, after in zip(plan.steps, plan.after, strict=True)],
    }
    return spelled_json(data) + "\n"


class Saved(NamedTuple):
    """A saved plan, with the state of the objects that it touches and the findings about them."""

    steps: tuple[Step, ...]
    after: tuple[frozenset[int], ...]
    path: tuple[str, ...]
    touched: dict[str, Any]
    known: frozenset[str]
    repaired: tuple[tuple[str, frozenset[int]], ...]
    stands_on: dict[str, str]
    place: Place

    def held_against(
        self,
        state: Mapping[str, Any],
        stands_on: Mapping[str, str],
        findings: Iterable[Finding],
        *,
        place: Place,
        begun: Iterable[ObjectRef] = (),
        astray: Iterable[ObjectRef] = (),
    ) -> Plan:
        """Return the plan if the objects that it touches, and its inputs, are unchanged; else raise ChangedError.

        `begun` are objects for which an earlier run has done a step: they may have changed. The `astray` objects have
        changed in a way that no step of the plan does.
        """
        own = {word for ref in begun for word in (str(ref), f"what depends on {ref}")}
        other = [*elsewhere(self.place, place)]
        other += [name for name, was in self.stands_on.items() if stands_on.get(name) != was]
        changed = [name for name, was in self.touched.items() if state.get(name) != was and name not in own]
        changed = [*dict.fromkeys((*changed, *map(str, astray)))]
        # If an object was replaced by another, its dependents have changed too.
        changed = [name for name in changed if name.removeprefix("what depends on ") not in {*changed} - {name}]
        if other or changed:
            raise ChangedError(
                f"changed since the plan was made: {', '.join((*other, *changed))}",
                hint="Make a new plan with --save-plan, and review it.",
            )
        known = {finding.fingerprint: finding for finding in findings}
        repaired = tuple((known[name], places) for name, places in self.repaired if name in known)
        return Plan(steps=self.steps, after=self.after, repaired=repaired, path=self.path)


def load(file: Path) -> Saved:
    """Read a saved plan. Raises UsageError if the file is not a saved plan."""
    try:
        data = json.loads(files.read(file, _MOST))
        if other := next((said for key, said in _OTHERS.items() if key in data and "touched" not in data), ""):
            raise UsageError(f"{file} is {other} and no saved plan", hint=_MAKE)
        if data["version"] != VERSION:
            raise UsageError(
                f"{file} is a saved plan of version {data['version']}; this program reads version {VERSION}",
                hint=_AGAIN,
            )
        return Saved(
            steps=tuple(_read(one) for one in data["steps"]),
            after=tuple(frozenset(one["after"]) for one in data["steps"]),
            path=tuple(data["path"]),
            touched=dict(data["touched"]),
            known=frozenset(data["known"]),
            repaired=tuple((one["fingerprint"], frozenset(one["steps"])) for one in data["mends"]),
            stands_on=dict(data["stands_on"]),
            place=dict(data["place"]),
        )
    except OSError as error:
        raise UsageError(f"cannot read the plan {file}: {error.strerror}", hint=_MAKE) from None
    except (ValueError, KeyError, TypeError, StopIteration, AttributeError, RecursionError):
        raise UsageError(f"{file} is not a saved plan of sessionaudit", hint=_MAKE) from None


def _step(step: Step, after: frozenset[int]) -> Json:
    return {
        "action": step.action,
        "kind": step.ref.kind,
        "object": list(step.ref.path),
        "why": step.why,
        "sql": list(step.sql),
        "plain": list(step.plain),
        "done": step.done,
        "lock": str(step.lock),
        "locks": [list(path) for path in step.locks],
        "hazards": [str(hazard) for hazard in step.hazards],
        "concurrent": step.concurrent,
        "timeout": step.timeout,
        "needs": [_listed(need) for need in step.needs],
        "wishes": [_listed(need) for need in step.wishes],
        "obstacle": _listed(step.obstacle) if step.obstacle else None,
        "debris": _listed(step.debris) if step.debris else None,
        "risk": _listed(step.risk) if step.risk else None,
        "settings": [list(setting) for setting in step.settings],
        "repair": step.repair,
        "address": step.address,
        "carried": step.carried,
        "guards": [[one.ref.kind, list(one.ref.path), one.lacking, one.stands] for one in step.guards],
        "provides": [[one.ref.kind, list(one.ref.path), one.state.value] for one in step.provides],
        "after": sorted(after),
    }


def _listed(value: Struct) -> list[Any]:
    """The fields of a value, in their order; so are those of a value in it."""
    return [_listed(one) if isinstance(one, Struct) else one for one in astuple(value)]


def _read(data: Json) -> Step:
    return Step(
        action=data["action"],
        ref=_ref(data["kind"], data["object"]),
        why=data["why"],
        sql=tuple(data["sql"]),
        plain=tuple(data["plain"]),
        done=data["done"],
        lock=LockLevel.of(data["lock"]),
        locks=tuple(tuple(path) for path in data["locks"]),
        hazards=tuple(Hazard(hazard) for hazard in data["hazards"]),
        concurrent=data["concurrent"],
        timeout=data["timeout"],
        needs=tuple(Need(*need) for need in data["needs"]),
        wishes=tuple(Need(*need) for need in data["wishes"]),
        obstacle=Obstacle(*data["obstacle"]) if data["obstacle"] else None,
        risk=_risk(data["risk"]) if data["risk"] else None,
        settings=tuple((name, value) for name, value in data["settings"]),
        debris=Debris(*data["debris"]) if data["debris"] else None,
        repair=data["repair"],
        address=data["address"],
        carried=data["carried"],
        guards=tuple(Guard(_ref(kind, path), *rest) for kind, path, *rest in data["guards"]),
        provides=tuple(Condition(_ref(kind, path), State(state)) for kind, path, state in data["provides"]),
    )


def _ref(kind: str, path: list[str]) -> ObjectRef:
    return ObjectRef(kind, path_of(kind, path))


def _risk(data: list[Any]) -> Risk:
    hazard, found, *rest = data
    return Risk(Hazard(hazard), Obstacle(*found), *rest)
