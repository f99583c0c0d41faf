"""Whose a function is, who may call it with its owner's rights, and what else has its name."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute

OWNER = Rule(
    "SA607",
    "function-owner",
    Severity.ERROR,
    "A function belongs to another role than the contract states.",
    "A SECURITY DEFINER function may do what its owner may: as a superuser's it may do everything. Any other can be "
    "replaced by its owner.",
    "The function {object} belongs to {actual}, expected {expected}: where it is SECURITY DEFINER, it may do what "
    "{actual} may, and {actual} can replace it.",
)
OVERLOAD = Rule(
    "SA602",
    "overloaded-function",
    Severity.WARNING,
    "There is another function of the name of one in the contract, which takes as many arguments.",
    "A call whose arguments have no exact type may mean it from now on, or fail because it is ambiguous (42725; "
    "PostgREST: PGRST203).",
    "The function {object} is not in the contract, and takes as many arguments as one of its name there: calls may "
    "mean it instead, or be refused as ambiguous (42725).",
)

EXECUTION = Rule(
    "SA609",
    "public-execute",
    Severity.NOTE,
    "Every role may call a SECURITY DEFINER function of the contract.",
    "PUBLIC has EXECUTE on every new function: whoever connects does with it what its owner may. Revoke it from PUBLIC "
    "and grant it to those who are meant, if that is not everybody.",
    "Every role may call the function {object}, which runs with its owner's rights: PUBLIC has EXECUTE on it.",
)

EXECUTABLE: Attribute[Any] = Attribute(
    facet="execution",
    rule=EXECUTION,
    fields=("everybody",),
    show=lambda function: "every role" if function.everybody else "not every role",
    same=lambda expected, actual: expected.security != "definer" or not actual.everybody,
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
