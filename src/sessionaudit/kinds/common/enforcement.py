"""Whether PostgreSQL enforces a constraint for every row: one that exists may still reject nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

UNENFORCED = Rule(
    "SA306",
    "unenforced-constraint",
    Severity.ERROR,
    "A constraint exists, but PostgreSQL does not enforce it for every row.",
    "Rows that violate it are stored without an error, although the constraint appears to be in force. Its triggers "
    "may be disabled "
    "(`alter table … disable trigger all`), its index not valid, or a partition or child table be without it; "
    "PostgreSQL 18 also has NOT ENFORCED.",
)


class Enforced(Protocol):
    """A constraint; `slack` says why it is not enforced, in words that follow “is not enforced for every row:”."""

    @property
    def enforced(self) -> bool:
        """Whether it is, or is to be, other than NOT ENFORCED."""
        ...

    @property
    def slack(self) -> tuple[str, ...]:
        """Why it is nevertheless not enforced."""
        ...


def reasons(constraint: Enforced) -> tuple[str, ...]:
    """Why PostgreSQL does not enforce it for every row; empty where it does."""
    return constraint.slack if constraint.enforced else ("it is NOT ENFORCED", *constraint.slack)


def same(expected: Enforced, actual: Enforced) -> bool:
    """Whether it is enforced as far as the contract requires: one that is expected NOT ENFORCED may be enforced."""
    return not expected.enforced or not reasons(actual)


def show(constraint: Enforced) -> str:
    """How it is enforced."""
    return "; ".join(reasons(constraint)) or "enforced for every row"


def message(ref: ObjectRef, _expected: Enforced, actual: Enforced) -> str:
    """Say why it is not enforced, and the consequence."""
    return (
        f"The constraint {ref.name} of {ref.parent} is not enforced for every row: {'; '.join(reasons(actual))}. Rows "
        "that violate it are stored."
    )


def off(relations: list[str]) -> tuple[str, ...]:
    """The reason that its triggers do not fire on some relations."""
    return (f"its triggers are disabled on {', '.join(relations)}",) if relations else ()


def bare(relations: list[str]) -> tuple[str, ...]:
    """The reason that child tables lack the constraint."""
    return (f"the child {_tables(relations)} no such constraint",) if relations else ()


def _tables(relations: list[str]) -> str:
    many = len(relations) > 1
    return f"{'tables' if many else 'table'} {', '.join(relations)} {'have' if many else 'has'}"


HELD: Attribute[Any] = Attribute(
    facet="enforced",
    rule=UNENFORCED,
    fields=("enforced", "slack"),
    show=show,
    same=same,
    message=message,
    unstated=lambda constraint: bool(constraint.slack),
)
