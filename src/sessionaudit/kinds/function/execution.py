"""Which roles may call a function or an aggregate: the grants of EXECUTE, stated as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.entries import standing
from sessionaudit.core.finding import Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.core.node import flow
from sessionaudit.kinds.common import role_grants
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.finding import Rule
    from sessionaudit.core.node import Node
    from sessionaudit.core.ref import ObjectRef

EXECUTE = "execute"
PUBLIC = "public"


def executing(node: Node, what: str) -> frozenset[str]:
    """Read `grants:` of what is called: the roles that have EXECUTE. Raises NodeError."""
    return frozenset(name for name, words in role_grants.read(node, (EXECUTE,), what) if words)


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


def attributes(noun: str, missing: Rule, excess: Rule, passed_on: Rule) -> tuple[Attribute[Any], ...]:
    """What is compared of the EXECUTE on a function, or whatever people call it."""

    def missing_message(ref: ObjectRef, expected: Any, actual: Any) -> str:
        roles = in_words(lacking(expected, actual))
        if PUBLIC in _of(actual):
            return (
                f"EXECUTE on the {noun} {ref.dotted} is not granted to {roles}: it may be called only through PUBLIC."
            )
        return f"EXECUTE on the {noun} {ref.dotted} is not granted to {roles}: calls as that role fail (42501)."

    def excess_message(ref: ObjectRef, expected: Any, actual: Any) -> str:
        roles = beyond(expected, actual)
        definer = getattr(actual, "security", "") == "definer"
        rights = ", which runs with its owner's privileges" if definer else ""
        if PUBLIC in roles:
            return f"Every role may call the {noun} {ref.dotted}{rights}: PUBLIC has EXECUTE, which the contract omits."
        return f"EXECUTE on the {noun} {ref.dotted}{rights} is granted to {in_words(roles)}, which the contract omits."

    return (
        Attribute(
            facet="grants",
            rule=missing,
            fields=("grants",),
            show=_show,
            same=lambda expected, actual: not lacking(expected, actual),
            severity=lambda _expected, actual: Severity.WARNING if PUBLIC in _of(actual) else missing.severity,
            message=missing_message,
            adopt=lambda expected, actual: replace(expected, grants=_of(expected) - lacking(expected, actual)),
        ),
        Attribute(
            facet="excess",
            keys=("grants",),
            rule=excess,
            fields=("grants",),
            show=_show,
            same=lambda expected, actual: not beyond(expected, actual),
            message=excess_message,
            adopt=lambda expected, actual: replace(expected, grants=_of(expected) | _of(actual)),
        ),
        Attribute(
            facet="option",
            keys=("grants",),
            rule=passed_on,
            fields=("passing",),
            show=lambda one: f"{in_words(one.passing)} with grant option" if one.passing else "no grant option",
            same=lambda expected, actual: not passing_on(expected, actual),
            message=lambda ref, expected, actual: (
                f"{in_words(passing_on(expected, actual))} may grant EXECUTE on the {noun} {ref.dotted} to other roles."
            ),
            unstated=lambda one: bool(one.passing),
        ),
    )


SHAPE = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [
            {"enum": ["all", "absent"]},
            {"type": "array", "items": {"const": "execute"}},
        ]
    },
}
