"""One room for each language: each finds the requests and the statements of its files."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionaudit.audits.code.readers.interface import CodeReader

# Each is a package below this one, with READER in `reader.py`.
READERS = ("typescript", "sql")


@cache
def readers() -> tuple[CodeReader, ...]:
    """Return the readers; each loads the parser of its language when it reads the first file."""
    return tuple(import_module(f"{__name__}.{name}.reader").READER for name in READERS)


def reader_of(suffix: str) -> CodeReader | None:
    """Return the reader of files whose names end so."""
    return next((one for one in readers() if suffix in one.suffixes), None)
