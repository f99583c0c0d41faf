"""What is computed of random grants, policies and views is what happens when the commands are executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from access_worlds import WORLDS, World, contradictions

if TYPE_CHECKING:
    import psycopg

_USUAL = {"deadline": None, "suppress_health_check": [*HealthCheck], "database": None}


@settings(max_examples=8, phases=[Phase.generate], derandomize=True, **_USUAL)  # type: ignore[arg-type]
@given(world=WORLDS)
def test_a_few_worlds(looking: psycopg.Connection, world: World) -> None:
    assert contradictions(looking, world) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=500, **_USUAL)  # type: ignore[arg-type]
@given(world=WORLDS)
def test_five_hundred_worlds(looking: psycopg.Connection, world: World) -> None:
    assert contradictions(looking, world) == []
