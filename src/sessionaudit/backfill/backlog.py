"""A queue of the keys still to be repaired: a file that some threads write and others read."""

from __future__ import annotations

import re
import tempfile
import threading
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LOOK = 0.2
# One key per line.
_ESCAPES = {"\\": "\\\\", "\n": "\\n"}
_ESCAPED = {escape: character for character, escape in _ESCAPES.items()}
_ESCAPE = re.compile(r"\\.")
_SPECIAL = re.compile(r"[\\\n]")


class Backlog:
    """A queue of keys in the order in which they were added; each is taken once.

    A thread that takes keys waits until some are added. Setting `stop` ends all waiting. The file is deleted when the
    block ends.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed when the block ends
        self._changed = threading.Condition()
        self._place = 0
        self._left = 0
        self._ended = False

    def __enter__(self) -> Backlog:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        with self._changed:
            self._file.close()

    def __len__(self) -> int:
        """The number of keys that can be taken."""
        return self._left

    def add(self, keys: Sequence[str]) -> None:
        """Append some keys."""
        with self._changed:
            self._file.seek(0, 2)
            self._file.write(b"".join(map(_line, keys)))
            self._left += len(keys)
            self._changed.notify_all()

    def end(self) -> None:
        """Mark the queue as complete: no more keys will be added."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def first(self, number: int) -> list[str]:
        """Return the next `number` keys, or fewer if the queue is complete, without taking them."""
        with self._changed:
            self._wait(number)
            return self._read(number)

    def take(self, number: int) -> list[str]:
        """Take the next `number` keys, or fewer if the queue is complete; an empty list if all were taken."""
        with self._changed:
            self._wait(number)
            keys = self._read(number)
            self._place = self._file.tell()
            self._left -= len(keys)
            return keys

    def _wait(self, number: int) -> None:
        while self._left < number and not self._ended and not self._stop.is_set():
            self._changed.wait(_LOOK)

    def _read(self, number: int) -> list[str]:
        self._file.seek(self._place)
        return _keys(islice(self._file, min(number, self._left)))


def _line(key: str) -> bytes:
    return (_SPECIAL.sub(lambda match: _ESCAPES[match[0]], key) + "\n").encode(errors="surrogateescape")


def _keys(lines: Iterable[bytes]) -> list[str]:
    text = b"".join(lines).decode(errors="surrogateescape")
    keys = text.split("\n")[:-1]
    return [_ESCAPE.sub(lambda match: _ESCAPED[match[0]], key) for key in keys] if "\\" in text else keys
