"""A file that tree-sitter has parsed: its tree, the parents of nodes, and their places for people."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Span

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from pathlib import Path

    from tree_sitter import Node, Parser


class ParsedFile:
    """A file and its tree. `path` is where it is, `shown` how people are told of it, `bytes` its content."""

    def __init__(self, path: Path, shown: str, text: bytes, parser: Parser) -> None:
        self.path, self.shown, self.bytes = path, shown, text
        self.root = parser.parse(text).root_node
        self._parents: dict[int, Node | None] = {self.root.id: None}
        self._lines: list[bytes] | None = None
        self._plain = text.isascii()

    @cached_property
    def real_path(self) -> str:
        """Where the file is, whichever way leads to it."""
        return str(self.path.resolve())

    def parent(self, node: Node) -> Node | None:
        """Return the parent of a node."""
        try:
            return self._parents[node.id]
        except KeyError:
            found = self._parents[node.id] = node.parent
            return found

    def ancestors(self, node: Node) -> Iterator[Node]:
        """Return the parent of a node, its parent and so on."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return self.bytes[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def span(self, node: Node, inset: int = 0) -> Span:
        """Return the place of a node, without as many characters at each of its ends."""
        return self.between(node.start_point, node.end_point, inset)

    def between(self, start: tuple[int, int], end: tuple[int, int], inset: int = 0) -> Span:
        """Return the place between two points of the tree, without as many characters at each of its ends."""
        (line, column), (end_line, end_column) = start, end
        if not self._plain:
            column, end_column = self._characters(line, column), self._characters(end_line, end_column)
        return Span(self.shown, line + 1, column + 1 + inset, end_line + 1, end_column + 1 - inset)

    def words(self, pattern: re.Pattern[bytes], within: Node | None = None) -> Iterator[Node]:
        """Return the smallest node at each match of a pattern, or at its group `at` if it has one."""
        group = "at" if "at" in pattern.groupindex else 0
        start, end = (within.start_byte, within.end_byte) if within else (0, len(self.bytes))
        for match in pattern.finditer(self.bytes, start, end):
            node = self.root.descendant_for_byte_range(*match.span(group))
            if node is not None:
                yield node

    def _characters(self, line: int, column: int) -> int:
        if self._lines is None:
            self._lines = self.bytes.split(b"\n")
        return len(self._lines[line][:column].decode("utf-8", "replace"))
