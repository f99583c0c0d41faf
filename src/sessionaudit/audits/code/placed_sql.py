"""Compose a statement that knows where each of its parts comes from, and what it is without one of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation

_PARAMETER = "\0"
_REFUSED_TOO = "\udc00"  # stands for that character in a text of the code: no server takes either


class Mark(NamedTuple):
    """Where a part of a statement comes from, and what it is: a name, a value, an operator or a type.

    `name` is the word in the code; of a path into JSON, only the column. `at` is None where the code has no word. It is
    `optional` if only some runs send it. `of` is what an operator is used on, in words.
    """

    sort: str
    name: str
    at: Span | None
    relation: CachedRelation | None = None
    column: CachedColumn | None = None
    optional: bool = False
    of: str = ""


COLUMN, VALUE, OPERATOR, TYPE = "name of a column", "value", "operator", "name of a type"


@lru_cache(maxsize=4096)
def _spelled(path: tuple[str, ...]) -> str:
    return identifier(*path).replace("\0", "")


class _Piece(NamedTuple):
    text: str
    mark: Mark | None
    atoms: tuple[int, ...]


class PlacedSql:
    """A statement. Its atoms are the parts that may be wrong by themselves: each can be replaced, to see the rest."""

    def __init__(self) -> None:
        self._placed: list[_Piece] = []
        self._instead: list[str] = []
        self._open: list[int] = []

    def add(self, text: str, mark: Mark | None = None) -> PlacedSql:
        """Add text, which stands for `mark`."""
        self._placed.append(_Piece(text, mark, tuple(self._open)))
        return self

    def name(self, *path: str, mark: Mark | None = None) -> PlacedSql:
        """Add a quoted name."""
        return self.add(_spelled(path), mark)

    def literal(self, value: str, mark: Mark | None = None) -> PlacedSql:
        """Add a text as a literal, whose type PostgreSQL infers, as PostgREST's parameters have it."""
        return self.add(literal(value.replace("\0", _REFUSED_TOO)).lstrip(), mark)

    def parameter(self) -> PlacedSql:
        """Add a parameter, for a value that the code does not tell."""
        return self.add(_PARAMETER)

    def new_atom(self, instead: str) -> int:
        """Return a new atom, in whose place `instead` may stand."""
        self._instead.append(instead)
        return len(self._instead) - 1

    def begin(self, atom: int) -> None:
        """Begin an atom, or go on with it elsewhere; parts of it may be atoms, too."""
        self._open.append(atom)

    def end(self) -> None:
        """End the last atom that was begun."""
        self._open.pop()

    def text(self, muted: Collection[int] = ()) -> str:
        """Return the statement, in which some atoms are replaced."""
        return "".join(text for text, _ in self._shown(muted))

    def at(self, position: int, muted: Collection[int] = ()) -> tuple[Mark | None, int | None]:
        """Return what stands at a position, which counts from 1: its mark, and the innermost atom."""
        end = 0
        for text, piece in self._shown(muted):
            end += len(text)
            if position <= end:
                return piece.mark, piece.atoms[-1] if piece.atoms else None
        return None, None

    def called(self, name: str, muted: Collection[int] = ()) -> tuple[Mark | None, int | None]:
        """Return the only part that a name stands for, where the server tells no position."""
        found = [
            (piece.mark, piece.atoms[-1])
            for piece in self._placed
            if piece.mark and piece.mark.name == name and piece.atoms and muted_in(piece.atoms, muted) is None
        ]
        return found[0] if len({atom for _, atom in found}) == 1 else (None, None)

    def marks(self) -> Iterator[Mark]:
        """Return what parts of the statement stand for."""
        return (piece.mark for piece in self._placed if piece.mark)

    def _shown(self, muted: Collection[int]) -> list[tuple[str, _Piece]]:
        shown: list[tuple[str, _Piece]] = []
        last: int | None = None
        number = 0
        for piece in self._placed:
            outermost = muted_in(piece.atoms, muted) if muted else None
            if outermost is not None:
                text = self._instead[outermost] if outermost != last else ""
            elif piece.text == _PARAMETER:
                number += 1
                text = f"${number}"
            else:
                text = piece.text
            last = outermost
            shown.append((text, piece))
        return shown


def muted_in(atoms: Collection[int], muted: Collection[int]) -> int | None:
    """Return the first of some atoms that is replaced, None if none is."""
    return next((atom for atom in atoms if atom in muted), None)
