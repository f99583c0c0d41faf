"""What is computed of random grants, policies and views is what happens when the commands are executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from access_worlds import WORLDS, World, contradictions

if TYPE_CHECKING:
    import psycopg

# Each example takes the server what it takes, on a loaded machine too. All share the fixture, as each world
# is taken back. An example that failed is not kept: the next run has a database of its own.
_USUAL = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    database=None,
)


# The same few each time, and without shrinking what fails: the long test below does both.
@settings(_USUAL, max_examples=8, phases=[Phase.generate], derandomize=True)
@given(world=WORLDS)
def test_a_few_worlds(looking: psycopg.Connection, world: World) -> None:
    assert contradictions(looking, world) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(_USUAL, max_examples=500)
@given(world=WORLDS)
def test_five_hundred_worlds(looking: psycopg.Connection, world: World) -> None:
    assert contradictions(looking, world) == []
