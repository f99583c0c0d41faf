"""Views."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Mapping, Node, NodeError, text
from sessionaudit.kinds.common.query_text import ViewColumn, columns, printed, query
from sessionaudit.kinds.table.properties import options_of_view


class View(Compared, frozen=True, kw_only=True):
    """A view, or of what is there something else that has its name, as `kind` tells in SQL's words.

    `options` are sorted; they and `owner` are None where the contract says nothing of them. Of a real view, `columns`
    are those that its query gives, and `shown` the tables whose row security its readers pass by.
    """

    aside: ClassVar = frozenset({"columns"})

    query: str
    options: tuple[str, ...] | None = None
    owner: str | None = None
    kind: str = "view"
    shown: tuple[str, ...] = ()
    columns: tuple[ViewColumn, ...] = ()


KEYS = ("query", "options", "owner")
_QUERY = "a query, such as: select id from orders"


def read(node: Node, _schema: str) -> View:
    """Read an entry of `views:`: a query, or a mapping with one."""
    if not isinstance(node, Mapping):
        return View(query=query(node, _QUERY))
    fields: dict[str, Node] = {str(key): value for key, value in node.items()}
    if "query" not in fields:
        raise NodeError("a view needs a query", node)
    options, owner = fields.get("options"), fields.get("owner")
    return View(
        query=query(fields["query"], _QUERY),
        options=None if options is None else options_of_view(options),
        owner=None if owner is None else str(text(owner, "a role")),
    )


def load(row: tuple[Any, ...], _schema: str) -> View:
    """Make a View of a row of the catalog query."""
    kind, body, options, owner, shown, found = row
    return View(
        kind=kind,
        query=printed(body),
        options=tuple(sorted(options)),
        owner=owner,
        shown=tuple(shown),
        columns=columns(found),
    )


def condensed(view: View) -> dict[str, Any]:
    """What is worth saying of a view: not its owner; that it has no options too, for else any would do."""
    return spell(replace(view, owner=None))


def spell(view: View) -> dict[str, Any]:
    """The view as the contract writes it."""
    said = {"query": view.query, "options": None if view.options is None else [*view.options], "owner": view.owner}
    return {key: value for key, value in said.items() if value is not None}
