"""What a publication sends beside the tables that it lists."""

from __future__ import annotations

from sessionaudit.sql.text import literal


def sends_schema(schema: str) -> str:
    """Whether a schema is in the publication `p`; the catalog of that came with PostgreSQL 15."""
    return (
        "exists (select from pg_catalog.pg_depend d join pg_catalog.pg_depend e on e.classid = d.classid"
        " and e.objid = d.objid join pg_catalog.pg_namespace n on n.oid = d.refobjid"
        " where d.classid = coalesce(pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')::oid, 0)"
        " and d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
        " and e.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass and e.refobjid = p.oid"
        f" and n.nspname = {literal(schema)})"
    )
