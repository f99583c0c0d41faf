"""What an entry says of an object of which a contract states only that it exists."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.node import PRESENT, Mapping, Node, NodeError, described

SHAPE: dict[str, Any] = {
    "anyOf": [{"type": "object", "additionalProperties": False}, {"const": PRESENT}],
    "description": "Nothing more is stated of it.",
}


def require_bare(node: Node) -> None:
    """Refuse an entry that says more than `{}` or `present`. Raises NodeError."""
    if node != PRESENT and not (isinstance(node, Mapping) and not node):
        raise NodeError(
            f"expected {{}}, found {described(node)}",
            node,
            "A contract states only that it exists: write {} after the name.",
        )
