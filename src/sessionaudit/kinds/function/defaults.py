"""The defaults of a function's arguments, which compare by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Trial
from sessionaudit.kinds.function.signature import arguments
from sessionaudit.sql.equality import same_meaning
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.function.signature import Argument

DEFAULT = Rule(
    "SA608",
    "function-default",
    Severity.WARNING,
    "The default of a function's argument differs from the contract.",
    "A call that leaves the argument out succeeds and gets another result. With a default that the contract does not "
    "have, a call may leave out what the contract requires, or be ambiguous (42725).",
    otherwise="A note where there is only a default that the contract does not have.",
)


def same(expected: Any, actual: Any) -> bool | None:
    """Whether calls that leave arguments out mean the same; None if the texts alone do not show it.

    A default that is missing is a difference of the arguments, and reported as such.
    """
    pairs = _pairs(expected, actual)
    if any(one.default and not other.default for one, other in pairs):
        return True
    if any(other.default and not one.default for one, other in pairs):
        return False
    return True if all(_proven(one, other) for one, other in pairs) else None


def more(expected: Any, actual: Any) -> tuple[str, ...]:
    """The defaults that the contract does not have, as `name default expression`."""
    return tuple(_shown(other) for one, other in _pairs(expected, actual) if other.default and not one.default)


def listed(function: Any) -> str:
    """The defaults as PostgreSQL prints those of a function, in their order."""
    return ", ".join(one.default for one in _given(function) if one.default)


def _pairs(expected: Any, actual: Any) -> list[tuple[Argument, Argument]]:
    return list(zip(_given(expected), _given(actual), strict=False))


def _given(function: Any) -> list[Argument]:
    return [one for one in arguments(function.arguments, "") if one.given]


def _proven(one: Argument, other: Argument) -> bool:
    if one.default == other.default:
        return True
    type_ = other.type.removeprefix("pg_catalog.")
    return same_meaning(one.default, other.default, wrap=_wrap, schema="", shadowed=lambda _names: True, type_=type_)


def _wrap(text: str) -> str:
    return f"select {text}"


def _shown(one: Argument) -> str:
    return f"{quoted(one.name) if one.name else one.spelled} default {one.default}"


def show(function: Any) -> str:
    """The arguments that have defaults."""
    return ", ".join(_shown(one) for one in _given(function) if one.default) or "no defaults"


def message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    """Say what calls get."""
    extra = more(expected, actual)
    if extra and not _certainly_other(expected, actual):
        return (
            f"The function {ref.dotted} has a default that the contract does not have: {', '.join(extra)}. Calls may "
            "leave the argument out."
        )
    return (
        f"The defaults of the function {ref.dotted} are {show(actual)}, expected {show(expected)}: calls that leave "
        "arguments out get another result."
    )


def _certainly_other(expected: Any, actual: Any) -> bool:
    return not all(_proven(one, other) for one, other in _pairs(expected, actual) if one.default and other.default)


def severity(expected: Any, actual: Any) -> Severity:
    """A default more harms no call that the contract allows."""
    only_more = more(expected, actual) and not _certainly_other(expected, actual)
    return Severity.NOTE if only_more else DEFAULT.severity


def _setup(function: Any, name: str, _types: str) -> tuple[str]:
    given = ", ".join(str(one) for one in _given(function))
    return (f"create function {name}({given}\n) returns void language sql as 'select'",)


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="defaults",
    keys=("definition",),
    rule=DEFAULT,
    fields=("arguments",),
    show=show,
    same=same,
    severity=severity,
    message=message,
    form=Form(
        text=lambda function: listed(function) or None,
        wrap=_wrap,
        trial=Trial(
            setup=_setup,
            read="""
    select pg_catalog.pg_get_expr(p.proargdefaults, 0)
      from pg_catalog.pg_proc p
     where p.pronamespace = pg_catalog.pg_my_temp_schema() and p.proname = %(name)s""",
        ),
    ),
)
