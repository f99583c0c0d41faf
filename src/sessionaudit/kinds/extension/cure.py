"""Extensions: installed in the schema that the database uses for them; dropped only with their own objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, block, negated, present
from sessionaudit.core.step import Hazard, LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.address import of_extension
from sessionaudit.kinds.common.rights import owning_of
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.kinds.extension.model import Extension

_OURS = "plpgsql"  # without which no step could look whether it is done


def create(difference: Difference[Extension]) -> tuple[Step, ...]:
    """Install it with what it needs itself; into `extensions`, unless there is no such schema or it has its own."""
    ref = difference.ref
    if ref.path[0] == _OURS:
        return ()
    name = literal(ref.path[0])
    kept_apart = (
        "exists (select from pg_catalog.pg_namespace n where n.nspname = 'extensions')\n"
        "      and not exists (select from pg_catalog.pg_available_extensions a\n"
        "                        join pg_catalog.pg_available_extension_versions v\n"
        "                          on v.name = a.name and v.version = a.default_version\n"
        f"                       where a.name = {name} and v.schema is not null)"
    )
    sql = block(
        f"begin\n  if {kept_apart} then\n"
        f"    create extension {ref.name} schema extensions cascade;\n"
        f"  else\n    create extension {ref.name} cascade;\n  end if;\nend"
    )
    return (
        Step(
            action=f"Install the extension {ref.name}",
            ref=ref,
            sql=(sql,),
            done=_installed(ref.path[0]),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(_available(ref.path[0]), _installing(ref.path[0])),
            obstacle=Obstacle(
                rows=(
                    "select null as key, pg_catalog.format_type(t.oid, null) as name from pg_catalog.pg_type t"
                    " join pg_catalog.pg_namespace n on n.oid = t.typnamespace"
                    f" where n.nspname in (pg_catalog.current_schema(), 'extensions') and t.typname = {name}"
                ),
                what="of pg_type have its name, which the extension may need",
                hint=f"Rename the type {ref.name}, or move it to another schema.",
            ),
            timeout=None,  # some fill tables of their own
        ),
    )


def drop(difference: Difference[Extension]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while a column, a default or a function depends on it."""
    ref = difference.ref
    if ref.path[0] == _OURS:
        return ()
    return (
        Step(
            action=f"Drop the extension {ref.name}",
            ref=ref,
            sql=(f"drop extension {ref.name}",),
            done=negated(_installed(ref.path[0])),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(
                owning_of(
                    "e.extowner",
                    f"from pg_catalog.pg_extension e where e.extname = {literal(ref.path[0])}",
                    f"the extension {ref.name}",
                ),
            ),
            hazards=(Hazard.DATA_LOSS,),
        ),
    )


def _installed(name: str) -> str:
    return f"exists (select from pg_catalog.pg_extension e where e.extname = {literal(name)})"


def _available(name: str) -> Need:
    return Need(
        f"exists (select from pg_catalog.pg_available_extensions a where a.name = {literal(name)})",
        f"the extension {name} is not available on this server",
        f"Install the package of {name} on the server.",
        whole=True,
    )


def _installing(name: str) -> Need:
    """That the role may install it; unknown where the platform lets roles do so by means of its own."""
    return Need(
        "(select case when pg_catalog.current_setting('supautils.privileged_extensions', true) <> ''"
        " or exists (select from pg_catalog.pg_roles r where pg_catalog.pg_has_role(r.oid, 'MEMBER')"
        " and r.rolname in ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin')) then null"
        " else not v.superuser or u.rolsuper"
        " or v.trusted and pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') end"
        " from pg_catalog.pg_available_extensions a"
        " join pg_catalog.pg_available_extension_versions v on v.name = a.name and v.version = a.default_version"
        " join pg_catalog.pg_roles u on u.rolname = current_user"
        f" where a.name = {literal(name)})",
        f"be a superuser to install the extension {name}, or have CREATE on the database where it is trusted",
        f"As a superuser: create extension {quoted(name)};",
    )


CURE = Cure(create=create, drop=drop, alter={}, address=of_extension)
