"""Check for settings that disable triggers and foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.schema.rules import REPLICATION_ROLE
from sessionaudit.core.finding import Finding, Severity, Skipped
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.connection import broken, user
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

SETTING = "session_replication_role"
REF = ObjectRef("setting", (SETTING,))
# The settings of a role that cannot log in do not matter: SET ROLE does not apply them. The session's value is the
# server's own, unless it comes from a role or a database.
_REPLICAS = """
with here as (
  select 0::pg_catalog.oid as oid
   union
  select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()
)
select 'role' as sort, pg_catalog.pg_get_userbyid(s.setrole)::text as name
  from pg_catalog.pg_db_role_setting s
  join pg_catalog.pg_roles r on r.oid = s.setrole
 cross join pg_catalog.unnest(s.setconfig) as c (text)
 where pg_catalog.lower(c.text) = 'session_replication_role=replica'
   and s.setdatabase in (select h.oid from here h)
   and r.rolcanlogin
 union
select 'database', pg_catalog.current_database()::text
  from pg_catalog.pg_db_role_setting s
 cross join pg_catalog.unnest(s.setconfig) as c (text)
 where pg_catalog.lower(c.text) = 'session_replication_role=replica'
   and s.setdatabase in (select h.oid from here h)
   and s.setrole = 0
 union
select 'server', ''
  from pg_catalog.pg_settings s
 where s.name = 'session_replication_role'
   and s.setting = 'replica'
   and s.source in ('configuration file', 'command line', 'environment variable')
 order by 1, 2"""
_WHO = {
    "role": "sessions of the role {name} act as a replica",
    "database": "sessions in the database {name} act as a replica",
    "server": "all sessions on the server act as a replica",
}


def audit(connection: Connection, contract: Contract) -> tuple[tuple[Finding, ...], tuple[Skipped, ...]]:
    """Find sessions for which foreign keys are not checked and triggers do not fire, if the contract has any.

    Returns findings, and what could not be checked. Raises DatabaseError.
    """
    if not any(kind.by_triggers and _expected(contract, kind.name) for kind in KINDS):
        return (), ()
    try:
        rows = connection.execute(_REPLICAS).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        catalog = "pg_catalog.pg_db_role_setting"
        hint = f"grant select on {catalog} to {quoted(user(connection))};"
        return (), (Skipped("settings", f"the role {user(connection)} may not read {catalog}", hint, about=(REF,)),)
    except psycopg.Error as error:
        raise broken(error, "reading settings") from None
    return tuple(_finding(*row) for row in rows), ()


def _expected(contract: Contract, kind: str) -> bool:
    return any(entry.value is not None for entry in contract.objects[kind].values())


def _finding(sort: str, name: str) -> Finding:
    ref = ObjectRef("role", (name,)) if sort == "role" else REF
    who = _WHO[sort].format(name=quoted(name))
    return Finding(
        rule=REPLICATION_ROLE,
        severity=Severity.WARNING if sort == "role" else Severity.ERROR,
        ref=ref,
        facet=sort,
        expected="origin",
        actual="replica",
        message=f"{SETTING} is set to replica, so {who}: foreign keys are not checked, and triggers do not fire.",
        holder=str(ref),
    )
