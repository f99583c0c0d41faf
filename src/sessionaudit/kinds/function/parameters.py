"""The arguments of a function: names, modes, defaults and what it returns."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Trial
from sessionaudit.kinds.function.signature import arguments
from sessionaudit.sql.equality import same_meaning

if TYPE_CHECKING:
    from sessionaudit.kinds.function.signature import Argument

ARGUMENTS = Rule(
    "SA606",
    "function-arguments",
    Severity.ERROR,
    "The names or defaults of a function's arguments, or the names of its result columns, differ from the contract.",
    "A call that names its arguments fails (42883; PostgREST: PGRST202) or, where two names are swapped, gives "
    "another result without an error: 5 - 3 becomes 3 - 5. So does one that leaves out an argument whose default is "
    "another. Result columns may have another name or type.",
    "The arguments of the function {object} are ({actual}), expected ({expected}): calls that name them, or leave some "
    "out, fail or give another result.",
)
_QUALIFIER = re.compile(r'(?:\w+|"(?:[^"]|"")+")\.')


def same(expected: Any, actual: Any) -> bool | None:
    """Whether a call that the contract allows means the same; None where defaults are spelled differently.

    Where the contract gives types alone, only that none is VARIADIC unasked; of what it spells out, each name, each
    mode, each default that must be there, and all that comes out. A default more does no harm to such a call.
    """
    wanted, there = _read(expected.arguments), _read(actual.arguments)
    if not wanted:
        return not any(one.mode == "variadic" for one in there)
    pairs = list(zip(*([one for one in side if one.given] for side in (wanted, there)), strict=False))
    if not (all(_same_given(one, other) for one, other in pairs) and _same_outs(wanted, there)):
        return False
    return True if all(_same_default(one, other) for one, other in pairs) else None


def replaceable(expected: Any, actual: Any) -> bool:
    """Whether PostgreSQL can replace one with the other, as far as their arguments tell."""
    wanted, there = _read(expected.arguments), _read(actual.arguments)
    if not wanted:
        return same(expected, actual) is True
    pairs = list(zip(*([one for one in side if one.given] for side in (wanted, there)), strict=False))
    named = all(not (one.name and other.name and one.name != other.name) for one, other in pairs)
    modes = all((one.mode or "in") == (other.mode or "in") for one, other in pairs)
    return named and modes and _same_outs(wanted, there)


def show(function: Any) -> str:
    """The arguments as the contract writes them; PostgreSQL 14 and later print IN before those of a procedure."""
    found = [one._replace(mode="") if one.mode == "in" else one for one in _read(function.arguments)]
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


def _same_default(one: Argument, other: Argument) -> bool:
    return not one.default or same_meaning(
        one.default, other.default, wrap="select ({})".format, schema="", shadowed=bool, type_=other.type
    )


def _same_outs(wanted: tuple[Argument, ...], there: tuple[Argument, ...]) -> bool:
    outs = [[one for one in side if not one.given] for side in (wanted, there)]
    return len(outs[0]) == len(outs[1]) and all(_same_out(one, other) for one, other in zip(*outs, strict=True))


def _same_out(one: Argument, other: Argument) -> bool:
    return one.name in {"", other.name} and _bare(one.type) == _bare(other.type)


def _bare(type_: str) -> str:
    return _QUALIFIER.sub("", type_)


def defaults(function: Any) -> str:
    """The defaults of its arguments, in their order, as PostgreSQL prints them."""
    return ", ".join(one.default for one in _read(function.arguments) if one.default)


def _setup(function: Any, name: str, _types: str) -> tuple[str]:
    """The statement that creates a function of the same arguments."""
    given = [one for one in _read(function.arguments) if one.given]
    listed = ", ".join(str(one._replace(mode="" if one.mode != "variadic" else one.mode)) for one in given)
    return (f"create function {name}({listed}\n) returns integer language sql as 'select 1'",)


def _complete(expected: Any, actual: Any) -> Any:
    """The expected one with the defaults that only the actual one has, and which do no harm."""
    sides = ([one for one in _read(side.arguments) if one.given] for side in (expected, actual))
    pairs = zip(*sides, strict=True)
    listed = ", ".join(str(one._replace(default=one.default or other.default)) for one, other in pairs)
    return replace(expected, arguments=listed)


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="arguments",
    rule=ARGUMENTS,
    fields=("arguments",),
    show=show,
    same=same,
    form=Form(
        text=defaults,
        wrap=None,
        sort=None,
        trial=Trial(
            setup=_setup,
            read="""
    select pg_catalog.pg_get_expr(p.proargdefaults, 0)
      from pg_catalog.pg_proc p
     where p.pronamespace = pg_catalog.pg_my_temp_schema() and p.proname = %(name)s""",
            complete=_complete,
        ),
    ),
)
