"""Seconds as PostgreSQL's milliseconds: whatever the number, the server takes it, and only 0 is none."""

from __future__ import annotations

import math

import pytest

from servers import connect
from sessionaudit.postgres.connection import limit
from sessionaudit.postgres.timeout import LONGEST, milliseconds

SPELLED = {
    0: "0ms",
    0.1: "100ms",
    30: "30000ms",
    1e-9: "1ms",
    -1: "1ms",
    -math.inf: "1ms",
    LONGEST: "2147483000ms",
    3_000_000: "2147483000ms",
    1e12: "2147483000ms",
    math.inf: "2147483000ms",
}


@pytest.mark.parametrize("seconds", SPELLED)
def test_a_number_of_seconds_is_spelled(seconds: float) -> None:
    assert milliseconds(seconds) == SPELLED[seconds]


def test_nan_is_the_longest() -> None:
    assert milliseconds(math.nan) == milliseconds(LONGEST)


def test_the_server_takes_each(database: str) -> None:
    with connect(database) as connection:
        for seconds in (*SPELLED, math.nan):
            with connection.transaction(force_rollback=True):
                limit(connection, 0, seconds)
                row = connection.execute("select setting from pg_settings where name = 'lock_timeout'").fetchone()
                assert row == (milliseconds(seconds).removesuffix("ms"),)
