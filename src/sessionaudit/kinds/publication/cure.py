"""Publications: tables are added one by one, and removed where they are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, array, block, fitting, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.rights import owning, since
from sessionaudit.kinds.publication.coverage import sends_schema
from sessionaudit.kinds.publication.model import spell
from sessionaudit.kinds.publication_settings.creating import owning_publication
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
from sessionaudit.kinds.publication.model import Publication

_PUBLISHED = ("table", "partitioned table")


def create(difference: Difference[Publication]) -> tuple[Step, ...]:
    """Add the table to the publication, which is created if needed, without tables that inherit from it."""
    ref = difference.ref
    publication, table = quoted(ref.path[0]), ref.path[1:]
    settings = ObjectRef("publication_settings", ref.path[:1])
    said = _said(ref.path, difference.new)
    there = difference.present["table"].get(table)
    if there is not None and there.kind not in _PUBLISHED:
        return ()
    declared = table in difference.wanted["table"]
    sql = block(
        f"begin\n  if {_exists(ref.path)} then\n"
        f"    alter publication {publication} add table {said};\n"
        f"  else\n    create publication {publication} for table {said};\n  end if;\nend"
    )
    return (
        Step(
            action=f"Add {dotted(table)} to the publication {publication}",
            ref=ref,
            sql=(sql,),
            done=f"({_listed(ref.path)} or {_sent(ref.path)} or {_covered(ref.path)})",
            follows=(present(settings), fitting(settings)),  # it may be sent then, with all of its schema
            reads=() if difference.new.where is None else (difference.new.where,),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(table,),
            provides=(present(ref),),
            requires=(present(ObjectRef("table", table)),) if declared else (),
            needs=(owning(table), owning_publication(ref.path), _making(ref.path), *_recent(difference.new)),
            obstacle=None if declared else _nowhere(table),
        ),
    )


def drop(difference: Difference[Publication]) -> tuple[Step, ...]:
    """Remove the table from the publication's list; one for all tables has none, and is exchanged for that."""
    ref = difference.ref
    publication, table = quoted(ref.path[0]), ref.path[1:]
    settings = ObjectRef("publication_settings", ref.path[:1])
    exchanged = _becomes_a_list(difference)
    return (
        Step(
            action=f"Remove {dotted(table)} from the publication {publication}",
            ref=ref,
            sql=(f"alter publication {publication} drop table only {dotted(table)}",),
            done=negated(f"({_listed(ref.path)} or {_sent(ref.path)} or {_exists(ref.path, ' and p.puballtables')})"),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(table,),
            provides=(absent(ref),),
            requires=(fitting(settings),) if exchanged else (),
            needs=(owning_publication(ref.path),),
            hazards=(Hazard.DROP,),
            obstacle=None
            if exchanged
            else Obstacle(
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


def _becomes_a_list(difference: Difference[Publication]) -> bool:
    """Whether the publication is for all tables, and the contract wants it for a list."""
    path = difference.ref.path[:1]
    there, wanted = (of["publication_settings"].get(path) for of in (difference.present, difference.wanted))
    return there is not None and there.all_tables and wanted is not None and not wanted.all_tables


def restate(difference: Difference[Publication]) -> tuple[Step, ...]:
    """List the table anew with the expected columns and condition; not where another object brings it along."""
    ref, new, old = difference.ref, difference.new, difference.old
    publication, table = quoted(ref.path[0]), ref.path[1:]
    there = difference.present["table"].get(table)
    # The condition of a partitioned table has an effect only where its changes are published as its own.
    if not old.listed or (new.where is not None and (there is None or there.kind != "table")):
        return ()
    columns = set(new.columns) and (not old.columns or not set(old.columns) <= set(new.columns))
    return (
        Step(
            action=f"Send {_content(new)} of {dotted(table)} by the publication {publication}",
            ref=ref,
            sql=(
                f"alter publication {publication} drop table only {dotted(table)}",
                f"alter publication {publication} add table {_said(ref.path, new)}",
            ),
            done=_as_said(difference),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(table,),
            requires=(present(ref),),
            reads=() if new.where is None else (new.where,),
            needs=(owning(table), owning_publication(ref.path), *_recent(new)),
            hazards=(Hazard.DROP,) if columns or new.where is not None else (),
        ),
    )


def _said(path: ObjectPath, publication: Publication) -> str:
    return " ".join(filter(None, ("only", dotted(path[1:]), spell(publication))))


def _content(publication: Publication) -> str:
    columns = f"the columns {', '.join(map(quoted, publication.columns))}" if publication.columns else "all columns"
    return f"{columns} and {'all rows' if publication.where is None else 'the rows of its condition'}"


def _as_said(difference: Difference[Publication]) -> str:
    """Whether the table is listed as expected; the condition is then not the one that was seen."""
    path, new, old = difference.ref.path, difference.new, difference.old
    numbers = (
        f"(select pg_catalog.jsonb_agg(a.attnum order by a.attnum) from pg_catalog.pg_attribute a"
        f" where a.attrelid = r.prrelid and a.attname = any ({array(new.columns)}))"
    )
    listed = "pg_catalog.to_jsonb(r) -> 'prattrs'"
    parts = [
        f"{listed} @> {numbers} and {listed} <@ {numbers}"
        if new.columns
        else f"coalesce({listed}, 'null') = 'null'::jsonb"
    ]
    publication, schema, name = map(literal, path)
    condition = (
        "(select pg_catalog.to_jsonb(t) ->> 'rowfilter' from pg_catalog.pg_publication_tables t"
        f" where t.pubname = {publication} and t.schemaname = {schema} and t.tablename = {name})"
    )
    if new.where is None:
        parts.append(f"{condition} is null")
    elif difference.printed is not None:
        parts.append(f"{condition} is not distinct from {literal(difference.printed)}")
    elif new.columns == old.columns:
        parts.append(f"{condition} is distinct from {literal(old.where) if old.where else 'null'}")
    else:
        parts.append(f"{condition} is not null")
    return _listed(path, "".join(f" and {part}" for part in parts))


def _recent(publication: Publication) -> tuple[Need, ...]:
    if not (publication.columns or publication.where):
        return ()
    return (since(15, "column lists and row filters of publications"),)


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


def _listed(path: ObjectPath, condition: str = "") -> str:
    return (
        "exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication o on o.oid = r.prpubid"
        f" where o.pubname = {literal(path[0])} and r.prrelid = {relation(path[1:])}{condition})"
    )


def _covered(path: ObjectPath) -> str:
    """Whether it is for all tables, or all of the schema; pg_publication_tables may have only the partitions of one."""
    return _exists(path, f" and (p.puballtables or {sends_schema(path[1])})")


def _sent(path: ObjectPath) -> str:
    publication, schema, name = map(literal, path)
    return (
        "exists (select from pg_catalog.pg_publication_tables t"
        f" where t.pubname = {publication} and t.schemaname = {schema} and t.tablename = {name})"
    )


def _making(path: ObjectPath) -> Need:
    return Need(
        f"({_exists(path)} or pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'))",
        f"have CREATE on the database to create the publication {quoted(path[0])}",
        "Grant {role} CREATE on the database.",
    )


CURE = Cure(create=create, drop=drop, alter={"identity": identify, "columns": restate, "where": restate})
