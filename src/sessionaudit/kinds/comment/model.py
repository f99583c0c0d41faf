"""Comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import ABSENT, Mapping, Node, NodeError, known_keys, mapping, name, text
from sessionaudit.kinds.comment.target import path_of
from sessionaudit.sql.fragment import FragmentError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Comment(Struct, frozen=True, kw_only=True):
    """A comment, character for character."""

    text: str


_WHAT = "the text of a comment, or absent"


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """`table orders: text`: what follows COMMENT ON, and what follows IS without its quotes."""
    for key, value in mapping(node, "a mapping of objects to their comments").items():
        try:
            path = path_of(name(key), scope.schema)
        except FragmentError as error:
            raise NodeError(str(error), key, error.hint, error.offset) from None
        yield Entry(path, key, value)


def read(node: Node, _schema: str) -> Comment:
    """Read an entry of `comments:`; a mapping has a text that would be read as something else."""
    if isinstance(node, Mapping):
        known_keys(node, ("text",), "a comment")
        fields = {str(key): value for key, value in node.items()}
        if "text" not in fields:
            raise NodeError("a comment that is a mapping needs a text", node)
        return Comment(text=_text(fields["text"]))
    return Comment(text=_text(node))


def _text(node: Node) -> str:
    found = text(node, _WHAT)
    if not found:
        raise NodeError(f"expected {_WHAT}, found an empty text", node, "PostgreSQL keeps no empty comment.")
    return str(found)


def load(row: tuple[Any, ...], _schema: str) -> Comment:
    """Make a Comment of a row of the catalog query."""
    return Comment(text=row[0])


def spell(comment: Comment) -> str | dict[str, str]:
    """The comment as the contract writes it."""
    return {"text": comment.text} if comment.text == ABSENT else comment.text
