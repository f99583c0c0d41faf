"""Bind the file of the state before a repair to its database: in another one, it would be a plan nobody asked for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError
from sessionaudit.postgres.identity import difference, identity

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.postgres.connection import Connection
    from sessionaudit.postgres.identity import Place

_START = "Database: "
_LINE = re.compile(rf"^# {_START}(\{{.*\}})$", re.MULTILINE)
_READ = 16_384  # bytes of a file, which has the line among its first comments


def place_line(place: Place) -> str:
    """Return the line of a comment that says which database a state is of."""
    return _START + json.dumps({word: place.get(word) for word in ("database", "oid", "system")})


def require_place(contract: Path, connection: Connection) -> None:
    """Raise UsageError if a contract is the state before a repair of another database."""
    try:
        if not contract.is_file():  # a pipe can be read only once
            return
        with contract.open("rb") as file:
            found = _LINE.search(file.read(_READ).decode(errors="replace"))
        there = json.loads(found[1]) if found else {}
    except (OSError, ValueError):
        return
    here = identity(connection) if there else {}
    if there and (word := difference(there, here)):
        where = "" if word == "database" else " on another server" if word == "system" else ", or one of its name"
        raise UsageError(
            f"{contract} is the state before a repair of another database: {there.get('database')}{where}",
            hint=f"Name that with --database-url. To use the file here, remove its line “# {_START}…”.",
        )
