"""Follow failures that a function passes on to whoever calls it: in the same file, and in others."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.audits.code.model import Fate, PassedFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessionaudit.audits.code.model import CodeRequest, FunctionPlace, PassingFunction, Span

# What becomes of a failure is up to whoever calls the function.
PASSED = frozenset((Fate.RESULT, Fate.RETURNED, Fate.THROWN))
_MOST_ROUNDS = 6  # functions that one after another pass on the same failure


class HeardFailure(NamedTuple):
    """What becomes of a failure where a function is called that passes it on, by the name that it is `called` there.

    `onto` is one that passes it on again.
    """

    function: PassingFunction
    called: str
    fate: Fate
    at: Span
    onto: PassingFunction | None = None


class WantedFunctions(Struct, frozen=True, dict=True):
    """Functions whose calls are looked for in many files."""

    functions: tuple[PassingFunction, ...]

    @cached_property
    def words(self) -> frozenset[bytes]:
        """Their names, and those of the objects that have them."""
        return frozenset(name.encode() for one in self.functions for name in (one.name, one.within) if name)

    @cached_property
    def files(self) -> frozenset[str]:
        """Their files."""
        return frozenset(one.place.file for one in self.functions)

    @cached_property
    def own(self) -> frozenset[str]:
        """Their files, if the calls in these were not followed before."""
        return frozenset(one.place.file for one in self.functions if not one.known)


class CallersFate(NamedTuple):
    """What becomes of the failure of a request at a call of a function that passes it on."""

    request: CodeRequest
    heard: HeardFailure


def followed(
    passed: Iterable[PassedFailure], hear: Callable[[tuple[PassingFunction, ...]], Sequence[HeardFailure]]
) -> tuple[list[CallersFate], list[PassedFailure]]:
    """Return what becomes of failures, and all functions that pass them on.

    `hear` finds the calls of some functions, and says what becomes of a failure at each.
    """
    waiting: list[PassedFailure] = list(passed)
    seen: set[tuple[int, FunctionPlace, Fate]] = set()
    fates: list[CallersFate] = []
    every: list[PassedFailure] = []
    for _ in range(_MOST_ROUNDS):
        of: dict[PassingFunction, list[PassedFailure]] = {}
        for one in waiting:
            key = (id(one.request), one.function.place, one.function.how)
            if key not in seen:
                seen.add(key)
                every.append(one)
                of.setdefault(one.function, []).append(one)
        if not of:
            break
        waiting.clear()
        for heard in hear(tuple(of)):
            for one in of[heard.function]:
                if heard.onto is not None:
                    waiting.append(PassedFailure(one.request, heard.onto))
                else:
                    fates.append(CallersFate(one.request, heard))
    return fates, every
