"""The owner of a function, who may call it with its owner's privileges, and overloads of its name."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute

OWNER = Rule(
    "SA607",
    "function-owner",
    Severity.ERROR,
    "The owner of a function differs from the contract.",
    "A SECURITY DEFINER function has the privileges of its owner; if that is a superuser, it may do everything. The "
    "owner can also replace the function.",
    "The function {object} belongs to {actual}, expected {expected}: where it is SECURITY DEFINER, it has the "
    "privileges of {actual}, and {actual} can replace it.",
)
OVERLOAD = Rule(
    "SA602",
    "overloaded-function",
    Severity.WARNING,
    "A function that the contract does not name overloads one that it names, and accepts as many arguments.",
    "A call whose arguments do not match exactly may resolve to it, or fail as ambiguous (42725; PostgREST: PGRST203).",
    "The function {object} is not in the contract, and accepts as many arguments as one of its name there: calls may "
    "resolve to it instead, or fail as ambiguous (42725).",
    fix=(
        "If the application needs it, add it to the contract. If not, declare it `absent` there, and `sessionaudit "
        "repair` drops it."
    ),
)

EXECUTION = Rule(
    "SA609",
    "public-execute",
    Severity.NOTE,
    "Every role may call a SECURITY DEFINER function of the contract.",
    "PUBLIC has EXECUTE on every new function. Every role that connects can call this one, and do through it what "
    "only its owner may do.",
    "Every role may call the function {object}, which runs with its owner's privileges: PUBLIC has EXECUTE on it.",
    fix=(
        "State who may call it under `grants` of the function, with `public: absent`: `sessionaudit repair` then "
        "revokes EXECUTE from PUBLIC, and grants it to these roles."
    ),
)

EXECUTABLE: Attribute[Any] = Attribute(
    facet="execution",
    rule=EXECUTION,
    fields=("everybody",),
    show=lambda function: "every role" if function.everybody else "not every role",
    same=lambda expected, actual: expected.security != "definer" or not actual.everybody or expected.grants is not None,
    unstated=lambda function: function.everybody,
)
ATTRIBUTE: Attribute[Any] = Attribute(
    facet="owner",
    rule=OWNER,
    fields=("owner",),
    show=lambda function: function.owner,
    verbatim=True,
    same=lambda expected, actual: expected.owner in {None, actual.owner},
)
