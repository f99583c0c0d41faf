"""What is run only where there is time; pyproject.toml says what each mark means."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet


def thorough(*values: object) -> ParameterSet:
    """A test's parameters that only a thorough run takes."""
    return pytest.param(*values, marks=pytest.mark.thorough)


def one_in(step: int, values: Iterable[Any]) -> list[Any]:
    """Of each so many parameters the first; the others only in a thorough run."""
    return [value if place % step == 0 else thorough(value) for place, value in enumerate(values)]


def sampled(step: int, values: Iterable[Any]) -> list[Any]:
    """Of each so many parameters the first in a thorough run; the others only where there is all the time."""
    return [
        pytest.param(value, marks=pytest.mark.thorough if place % step == 0 else pytest.mark.slow)
        for place, value in enumerate(values)
    ]


def crossed(step: int, *dimensions: Iterable[Any]) -> list[Any]:
    """The combinations of some values; of each so many only one, so that each value comes in some of them.

    For what has one way through the program for each value, and none of its own for two of them together.
    """
    numbered = [list(enumerate(values)) for values in dimensions]
    return [
        pytest.param(*(value for _, value in one), marks=[pytest.mark.thorough] * (sum(n for n, _ in one) % step > 0))
        for one in product(*numbered)
    ]


def hard(*values: object) -> ParameterSet:
    """A test's parameters that take all that a private server has, and seconds: only a thorough run takes them."""
    return pytest.param(*values, marks=[pytest.mark.own_server, pytest.mark.thorough])


def taking_all(*values: object) -> ParameterSet:
    """A test's parameters that would disturb who uses the same private server."""
    return pytest.param(*values, marks=pytest.mark.own_server)
