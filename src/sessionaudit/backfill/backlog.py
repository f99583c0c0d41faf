"""The queue of keys still to be repaired: a file that some threads fill while others take from it."""

from __future__ import annotations

import re
import tempfile
import threading
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LOOK = 0.2
# A key stands in a line.
_ESCAPES = {"\\": "\\\\", "\n": "\\n"}
_ESCAPED = {escape: character for character, escape in _ESCAPES.items()}
_ESCAPE = re.compile(r"\\.")
_SPECIAL = re.compile(r"[\\\n]")


class Backlog:
    """Keys in the order in which they were added, each taken once. Whoever takes them waits for those to come.

    `stop` ends all waiting. The file is gone when the block ends.
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
        """How many keys are there to be taken."""
        return self._left

    def add(self, keys: Sequence[str]) -> None:
        """Put some keys behind the others."""
        with self._changed:
            self._file.seek(0, 2)
            self._file.write(b"".join(map(_line, keys)))
            self._left += len(keys)
            self._changed.notify_all()

    def end(self) -> None:
        """Say that no more keys come."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def first(self, number: int) -> list[str]:
        """The next keys, which stay: so many, or all where no more come."""
        with self._changed:
            self._wait(number)
            return self._read(number)

    def take(self, number: int) -> list[str]:
        """The next keys: so many, or all where no more come; none when all were taken."""
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
