"""The files that a shell may complete where a contract or a report is named, and the tables of a contract."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

_MOST_BYTES = 4 * 1024 * 1024
_SUFFIXES = (".yaml", ".yml")


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
