"""Make the findings about a contract: each has its place in the file, and is told with what it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.schema.refusals import facet_and_place
from sessionaudit.core.finding import Finding
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.lint.stating import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.contract.model import Declared
    from sessionaudit.core.finding import Location, Rule, Severity

FILE = "file"  # the kind in references to files
NAME = "contract"  # of what is told in a suite of its own


def of_object(
    rule: Rule,
    ref: ObjectRef,
    entry: Declared,
    message: str,
    *,
    facet: str = "",
    words: Iterable[str] = (),
    severity: Severity | None = None,
    expected: str | None = None,
    actual: str | None = None,
) -> Finding:
    """Make a finding about an object of the contract, at the first of `words` that its entry has."""
    key, place = facet_and_place(entry, words)
    return Finding(
        audit=NAME,
        rule=rule,
        severity=rule.severity if severity is None else severity,
        ref=ref,
        facet=facet or key,
        expected=expected,
        actual=actual,
        message=message,
        locations=(place,),
        holder=dotted(ref.path[:-1]) if BY_NAME[ref.kind].within else str(ref),
    )


def of_file(rule: Rule, name: str, message: str, place: Location | None, facet: str = "") -> Finding:
    """Make a finding about a file that a contract is or names."""
    ref = ObjectRef(FILE, (name,))
    return Finding(
        audit=NAME,
        rule=rule,
        severity=rule.severity,
        ref=ref,
        facet=facet,
        expected=None,
        actual=None,
        message=message,
        locations=(place,) if place else (),
        holder=place.file if place else name,
    )
