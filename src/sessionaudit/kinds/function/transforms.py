"""The types whose values a function gets and returns by way of a transform (CREATE FUNCTION: TRANSFORM)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import array
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.kinds.function.signature import kept_type
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.ref import ObjectRef

TRANSFORM = Rule(
    "SA614",
    "function-transform",
    Severity.ERROR,
    "The transforms that a function applies differ from the contract.",
    "The body of the function gets values of these types in another form than it was written for, and may fail.",
)
_WORD = "transform "


def take(fragment: Fragment, schema: str) -> str:
    """Take what follows TRANSFORM, as a clause in one spelling. Raises FragmentError."""
    types = sorted(set(_types(fragment, schema)))
    return f"{_WORD}{', '.join(f'for type {type_}' for type_ in types)}"


def _types(fragment: Fragment, schema: str) -> list[str]:
    found: list[str] = []
    while not found or fragment.accept(","):
        fragment.expect("for")
        fragment.expect("type")
        found.append(kept_type(fragment, schema))
    return found


def stated(function: Any) -> str | None:
    """The clause of a function, or None."""
    return next((clause for clause in function.others if clause.startswith(_WORD)), None)


def applied(clauses: Iterable[str], schema: str) -> str | None:
    """That pg_proc `p` applies the transforms of a definition's clauses; None where these tell of none."""
    clause = next((one for one in clauses if one.startswith(_WORD)), None)
    if clause is None:
        return None
    types = _types(Fragment(clause.removeprefix(_WORD)), schema)
    wanted = f"select pg_catalog.to_regtype(t.name)::oid from pg_catalog.unnest({array(types)}) t (name) order by 1"
    return f"array(select t.oid from pg_catalog.unnest(p.protrftypes) t (oid) order by 1) = array({wanted})"


def _message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    return (
        f"The function {ref.dotted} has {stated(actual) or 'no transform'}, expected {stated(expected)}: its body gets "
        "values of these types in another form."
    )


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="transform",
    keys=("definition",),
    rule=TRANSFORM,
    fields=("others",),
    show=lambda function: stated(function) or "none",
    same=lambda expected, actual: stated(expected) in {None, stated(actual)},
    message=_message,
)
