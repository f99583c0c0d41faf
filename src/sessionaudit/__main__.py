"""Run the program: `sessionaudit`, or `python -m sessionaudit`."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys

_UNWRITABLE = 2  # EXIT_USAGE, without loading what knows it


def main() -> None:
    """Run the command line; `--version` loads nothing for it."""
    _write_all()
    if sys.argv[1:] in (["--version"], ["-V"]):
        from sessionaudit import __version__  # noqa: PLC0415 - nothing else asks for it

        _end(_said(f"sessionaudit {__version__}\n"))
    gc.disable()  # the process is short-lived, and its modules stay alive anyway
    sys.setswitchinterval(0.0005)  # reading from the server must not wait for parsing the contract
    try:
        from sessionaudit.cli.run import run  # noqa: PLC0415 - loading it may be interrupted, too

        run()
    except SystemExit as end:
        _end(end.code if isinstance(end.code, int) else int(end.code is not None))
    except KeyboardInterrupt:
        _end(130)


def _write_all() -> None:
    """Have stdout written completely, or fail: with PYTHONUNBUFFERED, Python ignores what a full disk did not take."""
    stdout = sys.stdout
    if stdout and isinstance(getattr(stdout, "buffer", None), io.RawIOBase):
        sys.stdout = open(  # noqa: SIM115 - open as long as the process
            stdout.fileno(), "w", encoding=stdout.encoding, errors=stdout.errors, closefd=False
        )


def _said(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has what it wanted
        return 0
    except (AttributeError, OSError) as error:  # it is closed, or full
        reason = error.strerror if isinstance(error, OSError) else "it is closed"
        with contextlib.suppress(AttributeError, OSError):
            sys.stderr.write(f"error: cannot write to standard output: {reason}\n")
        return _UNWRITABLE
    return 0


def _end(code: int) -> None:
    """End the process at once; taking psycopg apart would cost 30 ms."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, or its reader has ended
            code = code or int(stream is sys.stdout)
    os._exit(code)


if __name__ == "__main__":
    main()
