"""How often, for how long and with which pauses something is tried again."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from sessionaudit.core import sqlstate
from sessionaudit.postgres import retry
from sessionaudit.postgres.retry import Retry, retried


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, without chance, in a world in which only they take time."""
    made: list[float] = []
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: (low + high) / 2)
    monkeypatch.setattr(retry.time, "sleep", made.append)
    monkeypatch.setattr(retry.time, "monotonic", lambda: sum(made))
    return made


def test_attempts_are_counted_with_the_first(pauses: list[float]) -> None:
    some = Retry(pause=0.1, growth=2, attempts=4)
    assert [some.again() for _ in range(5)] == [True, True, True, False, False]
    assert pauses == pytest.approx([0.1, 0.2, 0.4])


def test_the_last_pause_ends_with_the_time(pauses: list[float]) -> None:
    some = Retry(pause=0.5, growth=3, longest=1, seconds=4)
    while some.again():
        pass
    assert pauses == pytest.approx([0.5, 1, 1, 1, 0.5])
    assert some.left == 0


def test_without_time_there_is_one_attempt(pauses: list[float]) -> None:
    assert not Retry(pause=1, seconds=0).again()
    assert pauses == []


def test_a_pause_that_grows_for_weeks_stays_a_number(pauses: list[float]) -> None:
    some = Retry(pause=1, growth=1.5, longest=2)
    assert all(some.again() for _ in range(5000))
    assert max(pauses) == 2


def test_two_who_met_do_not_wait_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", made.append)
    for _ in range(50):
        Retry(pause=1).again()
    assert len(set(made)) > 40
    assert 0.5 <= min(made) < 0.7
    assert 1.3 < max(made) <= 1.5


def test_a_pause_can_be_ended() -> None:
    stop = threading.Event()
    some = Retry(pause=60, stop=stop)
    threading.Timer(0.05, stop.set).start()
    begun = time.monotonic()
    assert some.again()
    assert time.monotonic() - begun < 10


def test_what_is_tried_again() -> None:
    for name in ("LockNotAvailable", "DeadlockDetected", "SerializationFailure"):
        assert retried(getattr(psycopg.errors, name)())
    for error in (psycopg.errors.InternalError_(), psycopg.errors.QueryCanceled(), psycopg.OperationalError()):
        assert not retried(error)
    assert retried(psycopg.errors.InternalError_(), sqlstate.INTERNAL_ERROR)
