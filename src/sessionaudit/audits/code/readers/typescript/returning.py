"""Find what a function returns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.typescript.syntax import field, function_around, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

_RETURN = re.compile(rb"(?<![\w$.])return(?![\w$])")


def returned(source: Script, function: Node) -> Iterator[Node]:
    """Return the expressions that a function returns."""
    body = field(function, "body")
    if body is None:
        return
    if body.type != "statement_block":
        yield body
        return
    for node in source.words(_RETURN, body):
        statement = source.parent(node)
        if statement is None or statement.type != "return_statement" or not statement.named_children:
            continue
        if same(function_around(source, statement), function):
            value = next((child for child in statement.named_children if child.type != "comment"), None)
            if value is not None:
                yield value
