"""Run a function in a background thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def in_background(call: Callable[[], T]) -> Future[T]:
    """Run a function in a background thread, which does not keep the process alive."""
    outcome: Future[T] = Future()

    def run_it() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run_it, daemon=True).start()
    return outcome
