"""Write results as they are read: to stdout, or atomically to a file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.aside import aside
from sessionaudit.cli.terminal.stdout import STDOUT, mute, opened
from sessionaudit.errors import UsageError
from sessionaudit.writing import drafted, require_replaceable, require_unread, require_writable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sessionaudit.writing import Write


class ReaderGoneError(Exception):
    """The reader of the result has closed the pipe."""


@contextlib.contextmanager
def writing(output: Path | None) -> Generator[Write]:
    """Yield a function that writes the pieces of a result, which are escaped already.

    A file stays unchanged if the block fails. Raises UsageError if it cannot be written, ReaderGoneError if the reader
    has closed the pipe.
    """
    if output is None:
        yield _to_stdout()
        return
    require_writable(output)
    require_replaceable(output)
    with drafted(output) as write:
        yield write
        require_unread(output)


def _to_stdout() -> Write:
    stdout = opened()

    def write(text: str) -> None:
        STDOUT.used = True
        try:
            with aside():
                stdout.write(text)
                stdout.flush()
        except BrokenPipeError:
            mute()
            raise ReaderGoneError from None
        except OSError as error:
            mute()
            raise UsageError(f"cannot write to standard output: {error.strerror}") from None

    return write
