"""The files that a shell may complete where a contract is named."""

from __future__ import annotations

from pathlib import Path

_SUFFIXES = (".yaml", ".yml")


def contracts(incomplete: str) -> list[str]:
    """Return the YAML files there; none where only a directory matches, which shells complete better themselves."""
    start = incomplete.rpartition("/")[2]
    before = incomplete[: len(incomplete) - len(start)]
    try:
        found = sorted(Path(before or ".").iterdir())
    except OSError:
        return []
    return [f"{before}{one.name}" for one in found if one.suffix in _SUFFIXES and one.name.startswith(start)]
