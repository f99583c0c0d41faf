"""Results that are written as they come: to stdout, or into a file that is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from sessionaudit.cli.outcome import STDOUT, mute
from sessionaudit.cli.writing import require_writable, stream_of
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    Write = Callable[[str], None]


class ReaderGoneError(Exception):
    """Whoever read the result has closed the pipe: it has seen enough."""


@contextlib.contextmanager
def writing(output: Path | None) -> Generator[Write]:
    """What takes a result piece by piece, already spelled for where it goes.

    Raises UsageError where it cannot be written, ReaderGoneError where nobody reads it any more.
    """
    if output is None:
        yield _to_stdout()
        return
    require_writable(output)
    number = stream_of(output)
    if number is not None:
        with os.fdopen(os.dup(number), "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            yield _into(stream, output)
        return
    place = output.resolve()
    draft = place.with_name(f".{place.name}.{os.getpid()}.part")
    special = output.exists() and not output.is_file()  # a device or a pipe, which must stay what it is
    try:
        with (output if special else draft).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield _into(file, output)
        if not special:
            if place.exists():
                shutil.copymode(place, draft)
            draft.replace(place)
    except OSError as error:
        raise _unwritable(output, error) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _into(file: TextIO, output: Path) -> Write:
    def write(text: str) -> None:
        try:
            file.write(text)
        except OSError as error:
            raise _unwritable(output, error) from None

    return write


def _unwritable(output: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write {output}: {error.strerror}", hint="Choose another file with --output.")


def _to_stdout() -> Write:
    if not sys.stdout:
        raise UsageError("cannot write to the standard output: it is closed", hint="Write to a file with --output.")
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # for a terminal that does not know our quotes

    def write(text: str) -> None:
        STDOUT.used = True
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            mute()
            raise ReaderGoneError from None
        except OSError as error:
            mute()
            raise UsageError(f"cannot write to the standard output: {error.strerror}") from None

    return write
