"""Which roles may call a function: the grants of EXECUTE, which a contract states as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import standing
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.core.node import flow
from sessionaudit.kinds.common import role_grants
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.node import Node
    from sessionaudit.core.ref import ObjectRef

EXECUTE = "execute"
PUBLIC = "public"
MISSING = Rule(
    "SA611",
    "missing-execute",
    Severity.ERROR,
    "A role that the contract lets call a function has no EXECUTE on it.",
    "Its calls fail with “permission denied” (42501), and so does whatever calls the function on its behalf.",
)
EXCESS = Rule(
    "SA612",
    "excess-execute",
    Severity.WARNING,
    "A role has EXECUTE on a function whose grants the contract lists without it.",
    "It may call the function. PUBLIC, which is every role, has EXECUTE on every new function unless that is revoked.",
)
PASSED_ON = Rule(
    "SA613",
    "execute-grant-option",
    Severity.WARNING,
    "A role may grant EXECUTE on a function to others (WITH GRANT OPTION).",
    "Through it, roles may call the function that the contract does not name.",
)


def executing(node: Node) -> frozenset[str]:
    """Read `grants:` of a function: the roles that have EXECUTE. Raises NodeError."""
    return frozenset(name for name, words in role_grants.read(node, (EXECUTE,), "a function") if words)


def spell(grants: Iterable[str]) -> dict[str, list[str]]:
    """The grants as the contract has them, PUBLIC first."""
    return {standing(role): [EXECUTE] for role in in_order(grants)}


def in_order(grants: Iterable[str]) -> list[str]:
    """Roles in a fixed order, PUBLIC first."""
    return sorted(grants, key=lambda role: (role != PUBLIC, role))


def in_words(grants: Iterable[str]) -> str:
    """Roles as SQL spells them."""
    return ", ".join(PUBLIC if role == PUBLIC else quoted(role) for role in in_order(grants))


def _of(function: Any) -> frozenset[str]:
    found: frozenset[str] | None = function.grants
    return found or frozenset()


def lacking(expected: Any, actual: Any) -> frozenset[str]:
    """The roles that must have EXECUTE and do not, neither themselves nor as members of others."""
    held: frozenset[str] = actual.held
    return _of(expected) - _of(actual) - held


def beyond(expected: Any, actual: Any) -> frozenset[str]:
    """The roles to which EXECUTE is granted, and must not be."""
    return frozenset() if expected.grants is None else _of(actual) - _of(expected)


def passing_on(expected: Any, actual: Any) -> frozenset[str]:
    """The roles that may grant EXECUTE, of those that the contract names."""
    found: frozenset[str] = actual.passing
    return frozenset() if expected.grants is None else found & _of(expected)


def _show(function: Any) -> str | None:
    return None if function.grants is None else flow(in_order(function.grants))


def _missing_message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    roles = in_words(lacking(expected, actual))
    if PUBLIC in _of(actual):
        return f"EXECUTE on the function {ref.dotted} is not granted to {roles}: it may be called only through PUBLIC."
    return f"EXECUTE on the function {ref.dotted} is not granted to {roles}: calls as that role fail (42501)."


def _missing_severity(_expected: Any, actual: Any) -> Severity:
    return Severity.WARNING if PUBLIC in _of(actual) else MISSING.severity


def _excess_message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    roles = beyond(expected, actual)
    rights = ", which runs with its owner's privileges" if actual.security == "definer" else ""
    if PUBLIC in roles:
        return f"Every role may call the function {ref.dotted}{rights}: PUBLIC has EXECUTE, which the contract omits."
    return f"EXECUTE on the function {ref.dotted}{rights} is granted to {in_words(roles)}, which the contract omits."


def _option_message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    return f"{in_words(passing_on(expected, actual))} may grant EXECUTE on the function {ref.dotted} to other roles."


GRANTED: Attribute[Any] = Attribute(
    facet="grants",
    rule=MISSING,
    fields=("grants",),
    show=_show,
    same=lambda expected, actual: not lacking(expected, actual),
    severity=_missing_severity,
    message=_missing_message,
)
IN_EXCESS: Attribute[Any] = Attribute(
    facet="excess",
    keys=("grants",),
    rule=EXCESS,
    fields=("grants",),
    show=_show,
    same=lambda expected, actual: not beyond(expected, actual),
    message=_excess_message,
)
OPTION: Attribute[Any] = Attribute(
    facet="option",
    keys=("grants",),
    rule=PASSED_ON,
    fields=("passing",),
    show=lambda function: f"{in_words(function.passing)} with grant option" if function.passing else "no grant option",
    same=lambda expected, actual: not passing_on(expected, actual),
    message=_option_message,
    unstated=lambda function: bool(function.passing),
)
