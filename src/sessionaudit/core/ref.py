"""Define ObjectRef, a kind and a path, and its only string form."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sessionaudit.sql.text import quoted


class Spelled(str):
    """A part of a path that stands as it is, for it is no name, but SQL that names an object."""

    __slots__ = ()


class ObjectRef(NamedTuple):
    """One object of a database.

    `path` runs from the schema to the object: `("public", "sessions", "status")`. A part in
    parentheses is a function's argument types and stands directly behind its name.
    """

    kind: str
    path: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """The path as SQL spells it: `public.sessions.status`."""
        return dotted(self.path)

    @property
    def name(self) -> str:
        """The last part of the path, as SQL spells it."""
        *_, before, last = ("", *self.path)
        return f"{quoted(before)}{last}" if last.startswith("(") and last.endswith(")") else dotted((last,))

    @property
    def parent(self) -> str:
        """The path without its last part, as SQL spells it."""
        return dotted(self.path[:-1])

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.dotted}"


def dotted(path: tuple[str, ...]) -> str:
    """Spell a path as SQL does, quoted where it must be; a function's argument types come third."""
    text = ""
    for place, part in enumerate(path):
        if isinstance(part, Spelled) or (place == 2 and part.startswith("(") and part.endswith(")")):
            text += part
        else:
            text += f".{quoted(part)}" if text else quoted(part)
    return text


@lru_cache(maxsize=1024)
def spellings(ref: ObjectRef, schema: str) -> frozenset[str]:
    """Return the ways in which a person may spell the path of a reference, where `schema` need not be named."""
    parts = [part for part in ref.path if not part.startswith("(")]
    found = {str(ref), ref.dotted, ".".join(parts)}
    if parts[:1] == [schema]:
        found |= {".".join(parts[1:]), ref.dotted.partition(".")[2]}
    return frozenset(found)
