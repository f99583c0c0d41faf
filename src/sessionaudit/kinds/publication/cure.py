"""Publications: tables are added one by one, and removed where they are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, block, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.rights import owning
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.publication.model import Publication

_PUBLISHED = ("table", "partitioned table")


def create(difference: Difference[Publication]) -> tuple[Step, ...]:
    """Add the table to the publication, which is created if needed, without tables that inherit from it."""
    ref = difference.ref
    publication, table = quoted(ref.path[0]), ref.path[1:]
    there = difference.present["table"].get(table)
    if there is not None and there.kind not in _PUBLISHED:
        return ()
    declared = table in difference.wanted["table"]
    sql = block(
        f"begin\n  if {_exists(ref.path)} then\n"
        f"    alter publication {publication} add table only {dotted(table)};\n"
        f"  else\n    create publication {publication} for table only {dotted(table)};\n  end if;\nend"
    )
    return (
        Step(
            action=f"Add {dotted(table)} to the publication {publication}",
            ref=ref,
            sql=(sql,),
            done=f"({_listed(ref.path)} or {_sent(ref.path)})",
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(table,),
            provides=(present(ref),),
            requires=(present(ObjectRef("table", table)),) if declared else (),
            needs=(owning(table), _owning(ref.path), _making(ref.path)),
            obstacle=None if declared else _nowhere(table),
        ),
    )


def drop(difference: Difference[Publication]) -> tuple[Step, ...]:
    """Remove the table from the publication's list; a publication for all tables has none."""
    ref = difference.ref
    publication, table = quoted(ref.path[0]), ref.path[1:]
    return (
        Step(
            action=f"Remove {dotted(table)} from the publication {publication}",
            ref=ref,
            sql=(f"alter publication {publication} drop table only {dotted(table)}",),
            done=negated(f"({_listed(ref.path)} or {_sent(ref.path)} or {_exists(ref.path, ' and p.puballtables')})"),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(table,),
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
            obstacle=Obstacle(
                rows=(
                    "select null as key, p.pubname from pg_catalog.pg_publication p"
                    f" where p.pubname = {literal(ref.path[0])} and not {_listed(ref.path)}"
                    f" and (p.puballtables or {_sent(ref.path)})"
                ),
                what="of pg_publication publish it along with all tables, its schema or its parent",
                hint=f"Recreate {publication} with a list of tables, or keep {dotted(table)} in it.",
            ),
        ),
    )


def identify(difference: Difference[Publication]) -> tuple[Step, ...]:
    """Make its primary key its replica identity again; not where it has none, or the contract wants another."""
    table = difference.ref.path[1:]
    found, wanted = difference.present["table"].get(table), difference.wanted["table"].get(table)
    if found is None or found.kind != "table" or (wanted and wanted.shape.replica_identity not in {None, "default"}):
        return ()
    if not any(key.type == "primary key" and not key.deferral for key in difference.of_table("key", table).values()):
        return ()
    return (
        Step(
            action=f"Make the primary key the replica identity of {dotted(table)}",
            ref=difference.ref,
            sql=(f"alter table {dotted(table)} replica identity default",),
            done=(
                f"exists (select from pg_catalog.pg_class c where c.oid = {relation(table)} and c.relreplident = 'd')"
            ),
            locks=(table,),
            needs=(owning(table),),
        ),
    )


def _nowhere(table: ObjectPath) -> Obstacle:
    """A table that the contract does not declare must not prevent other steps from running if it is missing."""
    return Obstacle(
        rows=f"select null as key, {literal(dotted(table))} as name where {relation(table)} is null",
        what="missing from pg_class",
        hint=f"Create {dotted(table)}, declare it under tables:, or omit it from the publication.",
    )


def _exists(path: ObjectPath, condition: str = "") -> str:
    return f"exists (select from pg_catalog.pg_publication p where p.pubname = {literal(path[0])}{condition})"


def _listed(path: ObjectPath) -> str:
    return (
        "exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication o on o.oid = r.prpubid"
        f" where o.pubname = {literal(path[0])} and r.prrelid = {relation(path[1:])})"
    )


def _sent(path: ObjectPath) -> str:
    publication, schema, name = map(literal, path)
    return (
        "exists (select from pg_catalog.pg_publication_tables t"
        f" where t.pubname = {publication} and t.schemaname = {schema} and t.tablename = {name})"
    )


def _owning(path: ObjectPath) -> Need:
    return Need(
        "(select pg_catalog.pg_has_role(p.pubowner, 'USAGE') from pg_catalog.pg_publication p"
        f" where p.pubname = {literal(path[0])})",
        f"own the publication {quoted(path[0])}",
        f"alter publication {quoted(path[0])} owner to {{role}};",
    )


def _making(path: ObjectPath) -> Need:
    return Need(
        f"({_exists(path)} or pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'))",
        f"have CREATE on the database to create the publication {quoted(path[0])}",
        "Grant {role} CREATE on the database.",
    )


CURE = Cure(create=create, drop=drop, alter={"identity": identify})
