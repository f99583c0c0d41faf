"""The options of an identity's sequence, which are compared where the contract states some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.kinds.column.model import show_counting
from sessionaudit.kinds.sequence.options import OPTIONS, SequenceOptions, differing, gives_less, usual

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.column.model import Column


def counted(column: Column) -> SequenceOptions:
    """The options in force: those that are stated, or else the usual ones of the type."""
    return column.counting or usual(column.type)


def same(expected: Column, actual: Column) -> bool:
    """Whether both count alike; where one is no identity, or their types differ, that is another facet."""
    if expected.counting is None or not actual.identity or actual.uncounted or expected.type != actual.type:
        return True
    return expected.counting == counted(actual)


def severity(expected: Column, actual: Column) -> Severity:
    """An error where it reaches its limit earlier, or repeats values."""
    return Severity.ERROR if gives_less(counted(expected), counted(actual)) else Severity.WARNING


def message(ref: ObjectRef, expected: Column, actual: Column) -> str:
    """Say which options differ."""
    told = differing(counted(expected), counted(actual))
    return f"The identity of the column {ref.dotted} has other options than expected: {told}."


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="identity_options",
    rule=OPTIONS,
    fields=("counting",),
    show=lambda column: show_counting(column) or "the usual options",
    same=same,
    severity=severity,
    message=message,
)
