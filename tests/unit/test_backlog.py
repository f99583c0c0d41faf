"""Keys wait in a file for whoever mends their rows: each is taken once, in order, whatever it is made of."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from sessionaudit.backfill.backlog import Backlog

_LETTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\n\r\u2028n")
KEYS = st.lists(st.text(_LETTERS, max_size=8), max_size=12)


@given(st.lists(KEYS, max_size=5), st.integers(1, 7))
def test_what_is_added_is_taken_in_order(parts: list[list[str]], number: int) -> None:
    with Backlog(threading.Event()) as backlog:
        for part in parts:
            backlog.add(part)
        backlog.end()
        everything = [key for part in parts for key in part]
        assert (len(backlog), backlog.first(number)) == (len(everything), everything[:number])
        taken: list[str] = []
        while keys := backlog.take(number):
            assert len(keys) == min(number, len(everything) - len(taken))
            taken += keys
            assert len(backlog) == len(everything) - len(taken)
        assert taken == everything


def test_each_is_taken_once_while_others_are_added() -> None:
    keys = [str(number) for number in range(5000)]
    with Backlog(threading.Event()) as backlog, ThreadPoolExecutor(4) as pool:

        def take() -> list[str]:
            taken: list[str] = []
            while some := backlog.take(7):
                taken += some
            return taken

        takers = [pool.submit(take) for _ in range(3)]
        for start in range(0, len(keys), 100):
            backlog.add(keys[start : start + 100])
        backlog.end()
        assert sorted(key for one in takers for key in one.result()) == sorted(keys)


def test_who_waits_goes_on_when_the_run_is_stopped() -> None:
    stop = threading.Event()
    with Backlog(stop) as backlog, ThreadPoolExecutor(1) as pool:
        backlog.add(["1"])
        waiting = pool.submit(backlog.take, 2)
        stop.set()
        assert waiting.result(timeout=30) == ["1"]
