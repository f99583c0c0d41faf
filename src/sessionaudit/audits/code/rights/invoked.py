"""Tell what reading a view needs that does so with the rights of whoever reads it: those on the relations below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.audits.code.rights.needs import NeededRight
from sessionaudit.audits.code.schema_cache.model import CachedRelation
from sessionaudit.core.query import constant
from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessionaudit.postgres.connection import Connection

_QUERY = constant(Path(__file__).with_name("invoked.sql").read_text(encoding="utf-8"))


def below(connection: Connection, every: Iterable[NeededRight]) -> Callable[[Sequence[NeededRight]], list[NeededRight]]:
    """Return what adds to the needs of a request those of the views with security_invoker that it reads.

    Raises psycopg.Error.
    """
    views = sorted({one.relation.oid for one in every if one.relation.is_view})
    found: dict[int, list[tuple[CachedRelation, tuple[str, ...]]]] = {}
    if views:
        for view, oid, schema, name, relkind, columns in connection.execute(_QUERY, {"relations": views}):
            found.setdefault(view, []).append((_relation(oid, (schema, name), relkind), tuple(columns)))

    def added(needs: Sequence[NeededRight]) -> list[NeededRight]:
        of_views = (
            NeededRight(relation, "select", columns, need.at, dotted(need.relation.path))
            for need in needs
            if need.privilege == "select"
            for relation, columns in found.get(need.relation.oid, ())
        )
        return [*needs, *of_views]

    return added


def _relation(oid: int, path: tuple[str, str], relkind: str) -> CachedRelation:
    """A relation of which only the name counts: it may be in a schema that the API does not expose."""
    return CachedRelation(
        oid=oid,
        path=path,
        relkind=relkind,
        row_security=False,
        owner="",
        fills_inserted=False,
        fills_updated=False,
        has_rules=False,
        columns={},
    )
