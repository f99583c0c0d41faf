"""Say which schemas the role must be able to use for a step: owning an object of one is not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.step import Need
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.step import Step

_QUALIFIED = 2  # the least length of a path that begins with a schema
_MAY = "(select pg_catalog.has_schema_privilege({}n.oid, 'USAGE') from pg_catalog.pg_namespace n where n.nspname = {})"


def using(step: Step) -> Iterator[Need]:
    """Yield the need of USAGE on the schema of each object that a step changes or locks."""
    paths = (path for path in (step.ref.path, *step.locks, *step.beside) if len(path) >= _QUALIFIED)
    for schema in dict.fromkeys(path[0] for path in paths):
        yield Need(
            _MAY.format("", literal(schema)),
            f"have USAGE on the schema {quoted(schema)}",
            f"grant usage on schema {quoted(schema)} to {{role}};",
            of_another=_MAY.format("{role}, ", literal(schema)),
        )
