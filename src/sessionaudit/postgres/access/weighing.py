"""Weigh policies against each other: what they let pass together depends on their shape, which few of them have."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.access_verdict import AccessVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

USING, CHECK = "using", "check"
_ALWAYS, _NEVER = "true", "false"
EVERY = "*"
# By the command, the word of pg_policy.polcmd.
_WORDS = {"select": "r", "insert": "a", "update": "w", "delete": "d"}


class PolicyShape(NamedTuple):
    """A policy as far as it decides what passes: of its conditions whether they are constant, or not there."""

    command: str
    permissive: bool
    using: str | None
    check: str | None

    def is_about(self, command: str) -> bool:
        """Whether it is about a command."""
        return self.command in {EVERY, _WORDS.get(command, "")}


def condition_shape(text: str | None) -> str | None:
    """Return a constant condition as it is, and every other one as an empty text."""
    return text if text in {_ALWAYS, _NEVER, None} else ""


class Weighed(NamedTuple):
    """What policies let pass. The numbers are places of policies.

    `about` are those for the command, `seen` those for reading, of a command that reads. `evaluated` are the conditions
    that are evaluated: a constant true or false saves others. `hidden` says that it is those for reading that shut.
    """

    verdict: AccessVerdict
    about: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    evaluated: tuple[tuple[int, str], ...] = ()
    hidden: bool = False


@lru_cache(maxsize=1 << 14)
def weighed(shapes: tuple[PolicyShape, ...], command: str, reads: bool) -> Weighed:
    """Return what the policies that bind a role let pass; one that `reads` names columns in WHERE or RETURNING."""
    about = tuple(place for place, one in enumerate(shapes) if one.is_about(command))
    seen = tuple(place for place, one in enumerate(shapes) if one.is_about("select")) if reads else ()
    found, kept, shown = _EVERY, _EVERY, _EVERY
    if command != "insert":
        found = _together(shapes, [(place, USING) for place in about])
    if command in {"insert", "update"}:
        checks = [(place, USING if shapes[place].check is None else CHECK) for place in about]
        kept = _together(shapes, checks)
    if reads:
        shown = _together(shapes, [(place, USING) for place in seen])
    evaluated = tuple(dict.fromkeys((*found.evaluated, *kept.evaluated, *shown.evaluated)))
    no_row = AccessVerdict.NO_ROW
    if no_row in {found.verdict, shown.verdict} and command != "insert":
        verdict = no_row
    elif no_row in {kept.verdict, shown.verdict}:
        verdict = AccessVerdict.REFUSED
    else:
        verdict = min((found.verdict, kept.verdict, shown.verdict), key=lambda one: one.rank)
    hidden = shown.verdict is no_row and no_row not in {found.verdict, kept.verdict}
    return Weighed(verdict, about, seen, evaluated, hidden)


class _Together(NamedTuple):
    verdict: AccessVerdict
    evaluated: tuple[tuple[int, str], ...] = ()


_EVERY = _Together(AccessVerdict.ALL)


def _together(shapes: Sequence[PolicyShape], conditions: Iterable[tuple[int, str]]) -> _Together:
    """Return what these conditions let pass: one permissive one must, and each restrictive one."""
    known = [(place, use, said) for place, use in conditions if (said := getattr(shapes[place], use)) is not None]
    permissive = [one for one in known if shapes[one[0]].permissive]
    if not permissive:
        return _Together(AccessVerdict.NO_ROW)
    restrictive = [one for one in known if not shapes[one[0]].permissive and one[2] != _ALWAYS]
    narrow = [one for one in restrictive if one[2] != _NEVER]
    open_ = any(said == _ALWAYS for _, _, said in permissive)
    some = [] if open_ else [one for one in permissive if one[2] != _NEVER]
    evaluated = tuple((place, use) for place, use, _ in (*some, *narrow))
    if len(narrow) < len(restrictive) or not (open_ or some):
        return _Together(AccessVerdict.NO_ROW, evaluated)
    verdict = AccessVerdict.ALL if open_ and not narrow else AccessVerdict.BY_POLICY
    return _Together(verdict, evaluated)
