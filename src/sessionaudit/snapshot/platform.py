"""What a hosting platform puts into every database, and no contract of its user is about."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sessionaudit.core.kind import beside
from sessionaudit.core.query import constant

if TYPE_CHECKING:
    from sessionaudit.postgres.connection import Connection


class Platform(StrEnum):
    """A hosting platform, or none."""

    none = "none"
    supabase = "supabase"


_SCHEMAS = {
    Platform.none: (),
    Platform.supabase: (
        "_analytics",
        "_realtime",
        "_supavisor",
        "auth",
        "cron",
        "extensions",
        "graphql",
        "graphql_public",
        "net",
        "pgbouncer",
        "pgmq",
        "pgsodium",
        "pgsodium_masks",
        "pgtle",
        "realtime",
        "storage",
        "supabase_functions",
        "supabase_migrations",
        "vault",
    ),
}
_OF_ITS_USER = {"postgres"}  # the role that the user works as
_ROLES = {
    Platform.none: (),
    Platform.supabase: (
        "anon",
        "authenticated",
        "authenticator",
        "dashboard_user",
        "pgbouncer",
        "service_role",
        "supabase_admin",
        "supabase_auth_admin",
        "supabase_etl_admin",
        "supabase_functions_admin",
        "supabase_read_only_user",
        "supabase_realtime_admin",
        "supabase_replication_admin",
        "supabase_storage_admin",
    ),
}
_IS_SUPABASE = """
select exists (select from pg_catalog.pg_namespace n where n.nspname = 'auth')
   and 3 = (select count(*) from pg_catalog.pg_roles r where r.rolname in ('anon', 'authenticated', 'service_role'))"""


def recognised(connection: Connection) -> Platform:
    """The platform whose roles and schemas the database has."""
    return Platform.supabase if connection.execute(_IS_SUPABASE).fetchone() == (True,) else Platform.none


def schemas(platform: Platform) -> tuple[str, ...]:
    """The schemas that a platform has for itself."""
    return _SCHEMAS[platform]


def owns(platform: Platform, roles: set[str]) -> bool:
    """Whether what belongs to some roles is the platform's: to its own, perhaps with the one that its user works as."""
    others = roles - _OF_ITS_USER
    return bool(others) and others <= {*_ROLES[platform]}


def schemas_of_user(connection: Connection, platform: Platform | None, also: tuple[str, ...] = ()) -> list[str]:
    """The schemas of a database that are its user's, and not PostgreSQL's, an extension's or the platform's.

    The platform is recognised where none is given; those in `also` are left out as well.
    """
    left_out = (*schemas(platform or recognised(connection)), *also)
    query = constant(beside(__file__, "schemas.sql"))
    return [row[0] for row in connection.execute(query, {"platform": list(left_out)})]
