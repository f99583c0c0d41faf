"""Collect all errors of a contract, so that one run reports them together."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.contract.unsupported_keys import require_known
from sessionaudit.core.finding import Location
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar
from sessionaudit.core.place import place, where
from sessionaudit.errors import ContractError, together
from sessionaudit.sql.fragment import FragmentError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_LONGEST_MESSAGE = 500
_MOST = 200  # more than a person reads at once


class Problems:
    """The problems of one contract, in all of its files."""

    def __init__(self) -> None:
        self._found: list[ContractError] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, error: FragmentError | NodeError, node: Node) -> None:
        """Add an error in a node, unless the error names another node."""
        self.take(refusal(error, node))

    def take(self, error: ContractError) -> None:
        """Add an error that has its place."""
        self._found.append(error)
        if len(self._found) == _MOST:
            self.end()

    @contextmanager
    def of(self, node: Node) -> Generator[None]:
        """Add an error that the block raises for a node, and continue after the block."""
        try:
            yield
        except (FragmentError, NodeError) as error:
            self.add(error, node)

    def keys(self, node: Mapping, known: Iterable[str], where: str) -> None:
        """Add an error for each key that is not among the `known`."""
        words = frozenset(known)
        for key in node if node.keys() - words else ():
            with self.of(key):
                require_known(key, words, where)

    def end(self) -> None:
        """Raise all errors as one ContractError, in the order of the files."""
        if self._found:
            raise together(sorted(self._found, key=lambda error: error.location or Location("", 0)))


def refusal(error: FragmentError | NodeError, node: Node) -> ContractError:
    """Return the error with the location in its file of a wrong node, or of the wrong part of its SQL."""
    if isinstance(error, NodeError):
        node = error.node
    located = where(node)
    if error.offset is not None and isinstance(node, Scalar):
        located = place(node, error.offset)
    message = str(error)
    if len(message) > _LONGEST_MESSAGE:  # it quotes a name or a value of the contract, of any length
        message = f"{message[:_LONGEST_MESSAGE]}…"
    return ContractError(message, location=located, hint=error.hint[:_LONGEST_MESSAGE])
