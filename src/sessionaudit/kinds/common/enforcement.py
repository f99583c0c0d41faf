"""Whether PostgreSQL holds a constraint for every row, now: what is there may still refuse nothing."""

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
    "A constraint is there, and PostgreSQL does not hold it for every row.",
    "Rows that break it are stored without an error, while everybody relies on its name. Its triggers may be disabled "
    "(`alter table … disable trigger all`), its index not valid, or a partition or child table be without it; "
    "PostgreSQL 18 also has NOT ENFORCED.",
)


class Held(Protocol):
    """A constraint; `slack` says why it is not held, each in words that follow “The constraint … is not held:”."""

    @property
    def enforced(self) -> bool:
        """Whether it is, or is to be, other than NOT ENFORCED."""
        ...

    @property
    def slack(self) -> tuple[str, ...]:
        """Why it is not held all the same."""
        ...


def reasons(constraint: Held) -> tuple[str, ...]:
    """Why PostgreSQL does not hold it for every row; empty where it does."""
    return constraint.slack if constraint.enforced else ("it is NOT ENFORCED", *constraint.slack)


def same(expected: Held, actual: Held) -> bool:
    """Whether it is held as far as it must be: what is expected not to be enforced may be."""
    return not expected.enforced or not reasons(actual)


def show(constraint: Held) -> str:
    """In what manner it is held."""
    return "; ".join(reasons(constraint)) or "enforced for every row"


def message(ref: ObjectRef, _expected: Held, actual: Held) -> str:
    """Say why it is not held, and what comes of it."""
    return (
        f"The constraint {ref.name} of {ref.parent} is not held for every row: {'; '.join(reasons(actual))}. Rows that "
        "break it are stored."
    )


def off(relations: list[str]) -> tuple[str, ...]:
    """The reason that the triggers by which it is held do not fire on some relations."""
    return (f"its triggers are disabled on {', '.join(relations)}",) if relations else ()


def bare(relations: list[str]) -> tuple[str, ...]:
    """The reason that child tables, whose rows are rows of the table too, have no such constraint."""
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
