"""What a function tells the planner: its cost, the rows that it returns, and its support function."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

PLANNING = Rule(
    "SA610",
    "function-planning",
    Severity.WARNING,
    "The estimated cost or number of rows, or the support function, of a function differs from the contract.",
    "The planner may choose another plan for queries that call it; results do not change.",
    otherwise="A note where the contract states none of what differs.",
)


def stated(function: Any) -> dict[str, str]:
    """The clauses of a definition by their first words."""
    return {word: rest for word, _, rest in (clause.partition(" ") for clause in function.others)}


def effective(function: Any, word: str) -> float:
    """The cost or the number of rows that PostgreSQL uses (CREATE FUNCTION: COST, ROWS)."""
    found = stated(function).get(word)
    if found is not None:
        return _kept(float(found))
    if word == "cost":
        return 1 if function.language in {"c", "internal"} else 100
    return 1000 if function.returns.startswith(("setof ", "table(")) else 0


def _kept(number: float) -> float:
    """The number as pg_proc keeps it, in four bytes."""
    with suppress(OverflowError):  # PostgreSQL refuses it
        return float(struct.unpack("f", struct.pack("f", number))[0])
    return number


def digits(number: float) -> str:
    """A number that pg_proc keeps with its digits: of a real, nine tell it from all others."""
    shortest = (f"{number:.{length}g}" for length in range(6, 10))
    text = next((one for one in shortest if _kept(float(one)) == number), f"{number:.9g}")
    return f"{float(text):.15g}"


def differing(expected: Any, actual: Any) -> tuple[str, ...]:
    """The clauses that differ: of those that the contract states, or else of the rest.

    No statement removes a support function, so one that the contract does not state is not judged.
    """
    found = [word for word in ("cost", "rows") if effective(expected, word) != effective(actual, word)]
    if "support" in stated(expected) and stated(expected)["support"] != stated(actual).get("support"):
        found.append("support")
    return tuple([word for word in found if word in stated(expected)] or found)


def show(function: Any) -> str:
    """The clauses as CREATE FUNCTION has them."""
    words = [f"cost {digits(effective(function, 'cost'))}"]
    words += [f"rows {digits(rows)}"] if (rows := effective(function, "rows")) else []
    support = stated(function).get("support")
    return " ".join([*words, *([f"support {support}"] if support else [])])


def message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    """Say what the planner does with it."""
    return (
        f"The function {ref.dotted} has {show(actual)}, expected {show(expected)}: the planner may choose other plans "
        "for queries that call it."
    )


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="planning",
    keys=("definition",),
    rule=PLANNING,
    fields=("others",),
    show=show,
    same=lambda expected, actual: not differing(expected, actual),
    severity=lambda expected, actual: (
        PLANNING.severity if set(differing(expected, actual)) & stated(expected).keys() else Severity.NOTE
    ),
    message=message,
)
