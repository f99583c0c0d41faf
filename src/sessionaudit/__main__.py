"""The entry point: `sessionaudit`, and `python -m sessionaudit`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; `--version` loads nothing for it."""
    if sys.argv[1:] == ["--version"]:
        from sessionaudit import __version__  # noqa: PLC0415

        sys.stdout.write(f"sessionaudit {__version__}\n")
        return
    from sessionaudit.cli.app import app  # noqa: PLC0415

    app()


if __name__ == "__main__":
    main()
