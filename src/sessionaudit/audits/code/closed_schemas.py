"""Tell which schemas the role that judges may not look into: what the code names there cannot be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Skipped
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.postgres.connection import Connection

_QUERY = """
    select n.nspname::text, current_user::text
      from pg_catalog.pg_namespace n
     where n.nspname = any (%s) and not pg_catalog.has_schema_privilege(n.oid, 'usage')
     order by 1"""


def closed_schemas(connection: Connection, schemas: Sequence[str]) -> tuple[Skipped, ...]:
    """Return what of some schemas is not judged, in the open transaction. Raises psycopg.Error."""
    return tuple(
        Skipped(
            f"what the code names in the schema {schema}",
            f"the role {role} may not look into it",
            f"grant usage on schema {quoted(schema)} to {quoted(role)};",
        )
        for schema, role in connection.execute(_QUERY, (list(schemas),)).fetchall()
    )
