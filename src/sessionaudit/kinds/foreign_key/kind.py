"""Foreign keys: their rules, and what the kind declares."""

from __future__ import annotations

from itertools import zip_longest

from msgspec.structs import replace

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.foreign_key.model import ForeignKey, load, read, show, show_actions
from sessionaudit.kinds.key.kind import DEFERRAL

MISSING = missing(
    "SA301",
    "foreign-key",
    "rows may point to nothing, and PostgREST cannot embed the related rows (PGRST200)",
)
UNEXPECTED = unexpected("SA302", "foreign-key", "it may reject rows that the application considers valid")
FORBIDDEN = forbidden("SA303", "foreign-key", "it rejects rows that should be accepted")
TARGET = Rule(
    "SA304",
    "foreign-key-target",
    Severity.ERROR,
    "The target of a foreign key differs from the contract.",
    "Inserts with a key of the expected table fail (23503); rows hold keys of another table.",
)
ACTION = Rule(
    "SA305",
    "foreign-key-action",
    Severity.WARNING,
    "The action of a foreign key on delete or update differs from the contract.",
    "Deleting a row of the target fails, or deletes or changes other rows than expected.",
    "The foreign key {name} of {parent} has {actual}, expected {expected}: deleting or updating the referenced row "
    "has another effect.",
)
UNVALIDATED = Rule(
    "SA307",
    "unvalidated-constraint",
    Severity.WARNING,
    "A constraint has not been validated for the rows that existed before it.",
    "Old rows may violate it, and an update of such a row fails. The planner does not rely on the constraint.",
    "The constraint {name} of {parent} is not validated: existing rows may violate it.",
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
            f"{expected.match or 'simple'}: a partly null key is accepted where it should fail, or the other way round."
        )
    if expected.target == actual.target:
        return (
            f"The foreign key {ref.name} of {ref.parent} joins other columns than expected: inserts fail that should "
            "succeed, or the other way round."
        )
    return (
        f"The foreign key {ref.name} of {ref.parent} points to {dotted(actual.target)}, and should point to "
        f"{dotted(expected.target)}: inserting a key of {dotted(expected.target)} fails (23503)."
    )


KIND = Kind(
    name="foreign_key",
    section="constraints",
    classes=("table constraint",),
    within=("table",),
    leads=("foreign key",),
    identity=("relation", "name"),
    model=ForeignKey,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    refers=lambda key: (
        ObjectRef("table", key.target),
        *(ObjectRef("column", (*key.target, column)) for column in key.target_columns),
    ),
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
            # Being validated is never wrong; NOT ENFORCED is found by its own facet.
            same=lambda expected, actual: actual.validated or not (expected.validated and actual.enforced),
        ),
        enforcement.HELD,
    ),
    ignored=frozenset({"primary_key", "repairable", "inherited", "rests_on"}),
    shape={"type": "string"},
    row_repair=True,
    by_triggers=True,
)
