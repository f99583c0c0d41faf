"""Record what this process has committed, for the last message of a command.

Every engine that commits records it here: `with CHANGES.committing(len(rows)): connection.execute("commit")`. A commit
without an answer is in doubt until its outcome is known.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sessionaudit.core import sqlstate

if TYPE_CHECKING:
    from collections.abc import Generator

_NOTHING = "Nothing was changed."


class Changes(Struct):
    """Counts what was committed, by noun; several threads may use it.

    `advice` says what to type next if anything was committed or is in doubt; the command sets it.
    """

    advice: str = ""
    _done: dict[str, int] = field(default_factory=dict[str, int])
    _doubt: dict[str, int] = field(default_factory=dict[str, int])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def committing(self, number: int = 1, what: str = "row") -> Generator[None]:
        """Wrap a commit of `number` times `what` (in the singular): in doubt until it ends or the server refuses."""
        self._count(self._doubt, what, number)
        try:
            yield
        except BaseException as error:
            state: str | None = getattr(error, "sqlstate", None)
            # If the server ended the connection, it may have committed before.
            if state is not None and not sqlstate.ends_connection(state):
                self._count(self._doubt, what, -number)
            raise
        self._count(self._doubt, what, -number)
        self._count(self._done, what, number)

    def doubtful(self, number: int = 1, what: str = "row") -> None:
        """Note what may or may not have been committed."""
        self._count(self._doubt, what, number)

    def committed(self, number: int = 1, what: str = "row") -> None:
        """Note what was certainly committed."""
        self._count(self._done, what, number)

    def forget(self) -> None:
        """Reset, for the next command of this process."""
        with self._lock:
            self._done.clear()
            self._doubt.clear()
        self.advice = ""

    @property
    def any(self) -> bool:
        """Whether anything was committed, or may have been."""
        return bool(self._done or self._doubt)

    def sentence(self) -> str:
        """Say what is committed, what is in doubt, and what to type next; "Nothing was changed." if nothing is."""
        with self._lock:
            done, doubt = _spelled(self._done), _spelled(self._doubt)
        parts = [f"Committed changes stay: {done}."] if done else []
        if doubt:
            parts.append(f"Whether {doubt} more {_verb(doubt)} committed is not known." if done else _doubtful(doubt))
        return " ".join([*parts, self.advice]).rstrip() if parts else _NOTHING

    def _count(self, counts: dict[str, int], what: str, number: int) -> None:
        with self._lock:
            counts[what] = counts.get(what, 0) + number
            if counts[what] <= 0:
                del counts[what]


def _doubtful(doubt: str) -> str:
    return f"Whether {doubt} {_verb(doubt)} committed is not known."


def _verb(spelled: str) -> str:
    return "was" if spelled.startswith("1 ") and " and " not in spelled else "were"


def _spelled(counts: dict[str, int]) -> str:
    parts = [f"{number:,} {what if number == 1 else _many(what)}" for what, number in counts.items()]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _many(what: str) -> str:
    return what.replace("batch ", "batches ") if what.startswith("batch ") else f"{what}s"


CHANGES = Changes()
