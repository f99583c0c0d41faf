"""Foreign keys: their rules, and what the kind declares."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.foreign_key.model import ForeignKey, load, read, show, show_actions
from sessionaudit.kinds.key.kind import DEFERRAL

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing(
    "SA301",
    "foreign-key",
    "rows may point to nothing, and PostgREST cannot embed the related rows (PGRST200)",
)
UNEXPECTED = unexpected("SA302", "foreign-key", "it may refuse rows that the application takes for good")
FORBIDDEN = forbidden("SA303", "foreign-key", "it refuses rows that it should not")
TARGET = Rule(
    "SA304",
    "foreign-key-target",
    Severity.ERROR,
    "A foreign key points somewhere else than the contract states.",
    "Inserts with a key of the expected table are refused (23503); rows hold keys of another table.",
)
ACTION = Rule(
    "SA305",
    "foreign-key-action",
    Severity.WARNING,
    "A foreign key does something else on delete or update than the contract states.",
    "Deleting a row of the target is refused, or takes more rows with it, or leaves something else behind.",
    "The foreign key {name} of {parent} has {actual}, expected {expected}: deleting or changing the row that it "
    "points to has another effect.",
)
UNVALIDATED = Rule(
    "SA307",
    "unvalidated-constraint",
    Severity.WARNING,
    "A constraint has never been validated against the rows that were there before it.",
    "Old rows may break it. An update of such a row may fail; the planner does not trust the constraint.",
    "The constraint {name} of {parent} is not validated: rows that are there already may break it.",
)


def same_target(expected: ForeignKey, actual: ForeignKey) -> bool:
    """Whether both go from the same columns to the same columns of the same table; the pairs may stand in any order."""
    if any(getattr(expected, name) != getattr(actual, name) for name in ("target", "match", "period")):
        return False
    return _pairs(expected, expected.target_columns or actual.primary_key) == _pairs(actual, actual.target_columns)


def _pairs(key: ForeignKey, targets: tuple[str, ...]) -> list[tuple[str, str]]:
    return sorted(zip_longest(key.columns, targets, fillvalue=""))


def target_message(ref: ObjectRef, expected: ForeignKey, actual: ForeignKey) -> str:
    """Say where it points, where it should, and which inserts fail."""
    if same_target(replace(expected, match=actual.match), actual):
        return (
            f"The foreign key {ref.name} of {ref.parent} is match {actual.match or 'simple'}, expected match "
            f"{expected.match or 'simple'}: a key of which only a part is null is taken, or refused."
        )
    if expected.target == actual.target:
        return (
            f"The foreign key {ref.name} of {ref.parent} joins other columns than expected: "
            "inserts are refused that should be taken, or the other way round."
        )
    return (
        f"The foreign key {ref.name} of {ref.parent} points to {dotted(actual.target)}, and should point to "
        f"{dotted(expected.target)}: a row with a key of {dotted(expected.target)} is refused (23503)."
    )


KIND = Kind(
    name="foreign_key",
    section="constraints",
    within=("table",),
    leads=("foreign key",),
    identity=("relation", "name"),
    model=ForeignKey,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda key: key.inherited,
    misnamed=True,
    shapes_writes=True,
    attributes=(
        Attribute(
            facet="target",
            rule=TARGET,
            fields=("columns", "target", "target_columns", "match", "period"),
            show=show,
            same=same_target,
            message=target_message,
        ),
        Attribute(facet="action", rule=ACTION, fields=("on_update", "on_delete"), show=show_actions),
        Attribute(
            facet="deferral", rule=DEFERRAL, fields=("deferral",), show=lambda key: key.deferral or "not deferrable"
        ),
        Attribute(
            facet="validated",
            rule=UNVALIDATED,
            fields=("validated",),
            show=lambda key: "valid" if key.validated else "not valid",
            # Validated is never too much, and what is not enforced is found by that.
            same=lambda expected, actual: actual.validated or not (expected.validated and actual.enforced),
        ),
        enforcement.HELD,
    ),
    ignored=frozenset({"primary_key", "repairable", "inherited"}),
    shape={"type": "string"},
    mended_by_rows=True,
    by_triggers=True,
)
