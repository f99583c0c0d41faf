"""The entry point: `sessionaudit`, and `python -m sessionaudit`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; `--version` loads nothing for it."""
    if sys.argv[1:] == ["--version"]:
        from sessionaudit import __version__  # noqa: PLC0415

        sys.stdout.write(f"sessionaudit {__version__}\n")
        return
    gc.disable()  # the process is short, and what it loads stays alive anyway
    from sessionaudit.cli.app import app  # noqa: PLC0415

    try:
        app()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))  # saves 30 ms of taking apart


if __name__ == "__main__":
    main()
