"""List the migration tools: each knows its files, and how the database records what was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers import (
    alembic,
    dbmate,
    diesel,
    django,
    drizzle,
    flyway,
    golang_migrate,
    goose,
    hasura,
    node_pg_migrate,
    plain,
    prisma,
    rails,
    sql_migrate,
    supabase,
)

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.interface import Ledger

# In the order in which they are asked whether a folder is theirs: what a file says comes before what its name says.
LEDGERS: tuple[Ledger, ...] = (
    drizzle.LEDGER,
    dbmate.LEDGER,
    goose.LEDGER,
    sql_migrate.LEDGER,
    supabase.LEDGER,
    node_pg_migrate.LEDGER,
    prisma.LEDGER,
    flyway.LEDGER,
    golang_migrate.LEDGER,
    diesel.LEDGER,
    hasura.LEDGER,
    rails.LEDGER,
    django.LEDGER,
    alembic.LEDGER,
    plain.LEDGER,
)
BY_NAME = {ledger.name: ledger for ledger in LEDGERS}
