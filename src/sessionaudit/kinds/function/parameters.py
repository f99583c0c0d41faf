"""The arguments of a function: names, modes, defaults and what it returns."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.kinds.function.signature import arguments

if TYPE_CHECKING:
    from sessionaudit.kinds.function.signature import Argument

ARGUMENTS = Rule(
    "SA606",
    "function-arguments",
    Severity.ERROR,
    "The names of a function's arguments, or of its result columns, differ from the contract.",
    "A call that names its arguments fails (42883; PostgREST: PGRST202) or, where two names are swapped, gives "
    "another result without an error: 5 - 3 becomes 3 - 5. Result columns may have another name or type.",
    "The arguments of the function {object} are ({actual}), expected ({expected}): calls that name them fail or give "
    "another result.",
)
_QUALIFIER = re.compile(r'(?:\w+|"(?:[^"]|"")+")\.')


def same(expected: Any, actual: Any) -> bool:
    """Whether a call that the contract allows means the same.

    Where the contract gives types alone, only that none is VARIADIC unasked; of what it spells out, each name, each
    mode, each default that must be there, and all that comes out. A default more does no harm to such a call.
    """
    wanted, there = _read(expected.arguments), _read(actual.arguments)
    if not wanted:
        return not any(one.mode == "variadic" for one in there)
    pairs = list(zip(*([one for one in side if one.given] for side in (wanted, there)), strict=False))
    if not all(_same_given(one, other) for one, other in pairs):
        return False
    return _same_outs(wanted, there)


def replaceable(expected: Any, actual: Any) -> bool:
    """Whether PostgreSQL can replace one with the other, as far as their arguments tell."""
    wanted, there = _read(expected.arguments), _read(actual.arguments)
    if not wanted:
        return same(expected, actual)
    pairs = list(zip(*([one for one in side if one.given] for side in (wanted, there)), strict=False))
    named = all(not (one.name and other.name and one.name != other.name) for one, other in pairs)
    modes = all((one.mode or "in") == (other.mode or "in") for one, other in pairs)
    return named and modes and _same_outs(wanted, there)


def show(function: Any) -> str:
    """The arguments as the contract writes them; PostgreSQL 14 and later print IN before those of a procedure."""
    found = [replace(one, mode="") if one.mode == "in" else one for one in _read(function.arguments)]
    return ", ".join(map(str, found)) or "types alone, none variadic"


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[Argument, ...]:
    return arguments(text, "")


def _same_given(one: Argument, other: Argument) -> bool:
    return (
        one.name in {"", other.name}
        and (one.mode or "in") == (other.mode or "in")
        and not (one.default and not other.default)
    )


def _same_outs(wanted: tuple[Argument, ...], there: tuple[Argument, ...]) -> bool:
    outs = [[one for one in side if not one.given] for side in (wanted, there)]
    return len(outs[0]) == len(outs[1]) and all(_same_out(one, other) for one, other in zip(*outs, strict=True))


def _same_out(one: Argument, other: Argument) -> bool:
    return one.name in {"", other.name} and _bare(one.type) == _bare(other.type)


def _bare(type_: str) -> str:
    return _QUALIFIER.sub("", type_)


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="arguments",
    keys=("definition",),
    rule=ARGUMENTS,
    fields=("arguments",),
    show=show,
    same=same,
)
