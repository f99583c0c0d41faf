"""Judge whether PostgREST permits the aggregate functions of a select, which it refuses unless it is told otherwise.

`table(count)` is not one of them: it is older, and always permitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.postgrest.select import ColumnItem
    from sessionaudit.audits.code.reading_tree import ReadTree
    from sessionaudit.audits.code.schema_cache.model import SchemaCache

_NOT_ALLOWED = "PGRST123"
_SETTING = "pgrst.db_aggregates_enabled"
_NOT_KNOWN = (
    "PostgREST refuses aggregate functions by default, and the database does not say whether it permits them here "
    f"(as with: alter role authenticator set {_SETTING} = 'true')"
)


def judge_aggregates(one: Compiled, cache: SchemaCache) -> None:
    """Add what is found to the verdicts of a request."""
    for tree, item in _aggregated(one.tree) if one.tree is not None and cache.aggregates is not True else ():
        at = tree.text.span(item.field.start, item.field.end) or one.request.at
        if cache.aggregates is None:
            one.leave(at, _NOT_KNOWN)
            return
        one.found(
            rules.REFUSED_AGGREGATE,
            at,
            f"PostgREST refuses {item.aggregate}(): {_SETTING} is false",
            _NOT_ALLOWED,
            actual=item.aggregate,
            hint="Compute it in a view or a function, or set that to true and NOTIFY pgrst, 'reload config'.",
        )


def _aggregated(tree: ReadTree) -> Iterator[tuple[ReadTree, ColumnItem]]:
    yield from ((tree, item) for item, _ in tree.columns if item.aggregate)
    for child in tree.children:
        yield from _aggregated(child.tree)
