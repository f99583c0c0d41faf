"""Materialized views."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, described, text
from sessionaudit.kinds.common.query_text import ViewColumn, columns, printed, query


class MaterializedView(Compared, frozen=True, kw_only=True):
    """A materialized view, or of what is there something else that has its name, as `kind` tells in SQL's words.

    `populated` tells whether it holds the rows of its query; it and `owner` are None where the contract says nothing of
    them. Of a real one, `columns` are those that its query gives.
    """

    aside: ClassVar = frozenset({"columns"})

    query: str
    populated: bool | None = None
    owner: str | None = None
    kind: str = "materialized view"
    columns: tuple[ViewColumn, ...] = ()


KEYS = ("query", "populated", "owner")
_QUERY = "a query, such as: select status, count(*) from orders group by status"


def read(node: Node, _schema: str) -> MaterializedView:
    """Read an entry of `materialized_views:`: a query, or a mapping with one."""
    if not isinstance(node, Mapping):
        return MaterializedView(query=query(node, _QUERY))
    fields: dict[str, Node] = {str(key): value for key, value in node.items()}
    if "query" not in fields:
        raise NodeError("a materialized view needs a query", node)
    populated, owner = fields.get("populated"), fields.get("owner")
    return MaterializedView(
        query=query(fields["query"], _QUERY),
        populated=None if populated is None else _truth(populated),
        owner=None if owner is None else str(text(owner, "a role")),
    )


def _truth(node: Node) -> bool:
    if not isinstance(node, Scalar) or node not in {"true", "false"}:
        raise NodeError(f"expected true or false, found {described(node)}", node)
    return node == "true"


def load(row: tuple[Any, ...], _schema: str) -> MaterializedView:
    """Make a MaterializedView of a row of the catalog query."""
    kind, body, populated, owner, found = row
    return MaterializedView(kind=kind, query=printed(body), populated=populated, owner=owner, columns=columns(found))


def condensed(view: MaterializedView) -> dict[str, Any]:
    """What is worth saying of it: not its owner, nor that it holds rows."""
    return spell(replace(view, owner=None, populated=None if view.populated else False))


def spell(view: MaterializedView) -> dict[str, Any]:
    """The materialized view as the contract writes it."""
    said = {"query": view.query, "populated": view.populated, "owner": view.owner}
    return {key: value for key, value in said.items() if value is not None}


def show_populated(view: MaterializedView) -> str:
    """Whether it holds rows."""
    return "not populated" if view.populated is False else "populated"
