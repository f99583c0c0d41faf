"""Results written as they are read: to stdout, or atomically to a file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.stdout import STDOUT, mute, opened
from sessionaudit.errors import UsageError
from sessionaudit.writing import drafted, require_writable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sessionaudit.writing import Write


class ReaderGoneError(Exception):
    """Whoever read the result has closed the pipe: it has seen enough."""


@contextlib.contextmanager
def writing(output: Path | None) -> Generator[Write]:
    """What takes a result piece by piece, already spelled for where it goes.

    A file is left as it was if the block fails. Raises UsageError where it cannot be written, ReaderGoneError where
    nobody reads it any more.
    """
    if output is None:
        yield _to_stdout()
        return
    require_writable(output)
    with drafted(output) as write:
        yield write


def _to_stdout() -> Write:
    stdout = opened()

    def write(text: str) -> None:
        STDOUT.used = True
        try:
            stdout.write(text)
            stdout.flush()
        except BrokenPipeError:
            mute()
            raise ReaderGoneError from None
        except OSError as error:
            mute()
            raise UsageError(f"cannot write to standard output: {error.strerror}") from None

    return write
