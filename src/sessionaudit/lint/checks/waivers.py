"""Waivers that accept nothing, as far as the contract tells; those that have ended are found by every command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.selection import names, waiver_ref
from sessionaudit.core.finding import Finding, Severity
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.lint_rules import DUPLICATE_WAIVER, IDLE_SEVERITY
from sessionaudit.lint.finding_of import NAME
from sessionaudit.rulebook import IDLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.finding import Rule, Waiver
    from sessionaudit.lint.stating import StatedContract


def found(stated: StatedContract) -> Iterator[Finding]:
    """Yield the waivers of which one is of no use."""
    contract = stated.contract
    known: dict[tuple[str, str], Waiver] = {}
    for waiver in contract.waivers:
        first = known.setdefault((waiver.rule.name, waiver.object), waiver)
        about = f"The waiver of {waiver.rule.name} for {waiver.object}"
        if first is not waiver:
            yield _of_waiver(DUPLICATE_WAIVER, waiver, f"{about} stands there already, in line {first.location.line}.")
        elif waiver.rule.name in contract.rules and contract.rules[waiver.rule.name] is None:
            yield _of_waiver(IDLE_SEVERITY, waiver, f"{about} accepts nothing: the contract switches that rule off.")
        elif not _may_match(stated, waiver):
            message = f"{about} matches nothing: the contract declares no such object."
            yield _of_waiver(IDLE, waiver, message, Severity.WARNING)


def _of_waiver(rule: Rule, waiver: Waiver, message: str, severity: Severity | None = None) -> Finding:
    return Finding(
        audit=NAME,
        rule=rule,
        severity=rule.severity if severity is None else severity,
        ref=waiver_ref(waiver),
        facet="object",
        expected=None,
        actual=None,
        message=message,
        locations=(waiver.location,),
        holder="waivers",
    )


def _may_match(stated: StatedContract, waiver: Waiver) -> bool:
    """Whether there may be a finding of the rule on such an object; also true where only a database tells."""
    known = _subjects(stated, waiver)
    return known is None or any(names(waiver.object, ref, stated.contract.schema) for ref in known)


def _subjects(stated: StatedContract, waiver: Waiver) -> Iterable[ObjectRef] | None:
    """Return the objects on which the rule can be found; None if that is not known without a database."""
    of_rows = [one.ref for one in stated.contract.invariants if waiver.rule.object == "INVARIANT"]
    if waiver.rule.object == "INVARIANT":
        return of_rows
    kinds = [kind for kind in KINDS if waiver.rule in kind.rules]
    if not kinds:
        return None
    found: list[ObjectRef] = []
    for kind in kinds:
        found += [ObjectRef(kind.name, path) for path in stated.contract.objects[kind.name]]
        if waiver.rule is kind.unexpected or (kind.harmful and waiver.rule is kind.harmful[0]):
            if not kind.within:
                return None
            # What nobody declares may be on any relation that is declared, under any name.
            found += [
                ObjectRef(kind.name, (*path, _own_name(waiver.object, dotted(path), stated.contract.schema)))
                for name in kind.within
                for path in stated.contract.objects[name]
            ]
    return found


def _own_name(spelled: str, relation: str, schema: str) -> str:
    """Return what a waiver's object says of the name of something on a relation: all names, if it says nothing."""
    for start in (relation, relation.removeprefix(f"{schema}.")):
        if spelled.startswith(f"{start}."):
            return spelled.removeprefix(f"{start}.").strip('"')
    return spelled.rpartition(".")[2].strip('"')
