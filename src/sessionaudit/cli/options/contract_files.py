"""The files that a shell may complete where a contract or a report is named, and the tables of a contract."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.core.streams import STDIN

if TYPE_CHECKING:
    import typer

_MOST_BYTES = 4 * 1024 * 1024
_SUFFIXES = (".yaml", ".yml")


def of_stdin(given: Path) -> Path:
    """Return the file of a contract that was given; `-` is the standard input, as for other programs."""
    return STDIN if str(given) == "-" else given


def all_of_stdin(given: list[Path] | None) -> list[Path] | None:
    """Return the files of contracts that were given, of which one may be the standard input."""
    return given and [of_stdin(one) for one in given]


def contracts(incomplete: str) -> list[str]:
    """Return the YAML files there; none where only a directory matches, which shells complete better themselves."""
    return _files(incomplete, _SUFFIXES)


def reports(incomplete: str) -> list[str]:
    """Return the word that compares two reports, and the JSON files there."""
    return ["diff", *_files(incomplete, (".json",))]


def relations(context: typer.Context, incomplete: str) -> list[str]:
    """Return the relations that the contract of a line seems to name; without their schema, too, once a word begins."""
    from sessionaudit import files
    from sessionaudit.contract import first_look
    from sessionaudit.core.ref import dotted

    paths = set[tuple[str, ...]]()
    with contextlib.suppress(OSError, ValueError):
        file = Path(context.params.get("contract") or "expected_schema.yaml")
        source = files.read(file, _MOST_BYTES).decode()  # no pipe, which would keep the shell waiting
        paths = {path for found in first_look.relations(source).values() for path in found}
    bare = [dotted(path[1:]) for path in paths] if incomplete and "." not in incomplete else []
    return sorted({*map(dotted, paths), *bare})


def _files(incomplete: str, suffixes: tuple[str, ...]) -> list[str]:
    start = incomplete.rpartition("/")[2]
    before = incomplete[: len(incomplete) - len(start)]
    try:
        found = sorted(Path(before or ".").iterdir())
    except OSError:
        return []
    return [f"{before}{one.name}" for one in found if one.suffix in suffixes and one.name.startswith(start)]
