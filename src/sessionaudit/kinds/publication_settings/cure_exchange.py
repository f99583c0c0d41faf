"""A publication dropped and created again: PostgreSQL cannot alter whether it is for all tables.

In one transaction, so that a subscriber finds the one or the other, and is never told that there is none.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import fitting, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.rights import since
from sessionaudit.kinds.publication.coverage import sends_schema
from sessionaudit.kinds.publication.model import spell
from sessionaudit.kinds.publication_settings.creating import (
    beyond_tables,
    created,
    giving,
    is_publication,
    owning_publication,
    publication_address,
)
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent
    from sessionaudit.kinds.publication.model import Publication
    from sessionaudit.kinds.publication_settings.model import PublicationSettings

_REFRESH = (
    "Each subscriber must then run ALTER SUBSCRIPTION … REFRESH PUBLICATION, which copies the rows of tables that are "
    "new to it."
)


def exchanged(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Drop it and create it for what is expected, with the tables that the contract lists, its owner and its comment.

    No step where nothing would be sent afterwards, as the contract does not say what.
    """
    ref, new, old = difference.ref, difference.new, difference.old
    tables = listed(difference)
    if not (new.all_tables or new.schemas or tables):
        return ()
    settings = replace(old, all_tables=new.all_tables, schemas=new.schemas)
    owner = new.owner or old.owner or ""
    sql = (
        f"drop publication {quoted(ref.path[0])}",
        created(ref.path, settings, () if new.all_tables else tuple(map(_said, tables, tables.values()))),
        f"alter publication {quoted(ref.path[0])} owner to {quoted(owner)}",
    )
    what = "all tables" if new.all_tables else "what the contract lists"
    columns = any(one.columns or one.where for one in tables.values()) and not new.all_tables
    return (
        Step(
            action=f"Recreate the publication {ref.dotted} for {what}",
            ref=ref,
            sql=sql,
            done=is_publication(ref.path, f" and {_done(new)}"),
            lock=LockLevel.NONE if new.all_tables or not tables else LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=() if new.all_tables else tuple(path[1:] for path in tables),
            provides=(
                fitting(ref),
                *(fitting(ObjectRef("publication", path)) for path in tables),
            ),
            requires=(present(ref),),
            reads=tuple(one.where for one in tables.values() if one.where),
            needs=(
                owning_publication(ref.path),
                *beyond_tables(new.schemas, every=new.all_tables),
                *giving(ref.path, owner),
                *([_superuser(owner)] if new.all_tables else []),
                *([since(15, "column lists and row filters of publications")] if columns else []),
            ),
            hazards=(Hazard.DROP,),
            around=Around(f"select o.*, true, false from ({publication_address(ref.path)}) o", partial(_composed, sql)),
        ),
    )


def unlisted(difference: Difference[PublicationSettings]) -> str:
    """What a person does where a publication of all tables is to be for a list, and the contract has none."""
    name = difference.ref.dotted
    return (
        f"It would send nothing: list its tables, as publications: {{{name}: [orders]}}, or its schemas, as "
        f"publication_settings: {{{name}: {{schemas: [app]}}}}, and repair again. To keep all: {{all_tables: true}}."
    )


def listed(difference: Difference[PublicationSettings]) -> Mapping[ObjectPath, Publication]:
    """The tables that the contract lists for it and that are there; others are added when they are created."""
    there = difference.present["publication"]
    return {
        path: one
        for path, one in difference.wanted["publication"].items()
        if path[0] == difference.ref.path[0] and one is not None and path in there
    }


def _said(path: ObjectPath, publication: Publication) -> str:
    return " ".join(filter(None, ("only", dotted(path[1:]), spell(publication))))


def _done(new: PublicationSettings) -> str:
    conditions = [f"p.puballtables = {str(new.all_tables).lower()}", *map(sends_schema, new.schemas)]
    return " and ".join(conditions)


def _superuser(owner: str) -> Need:
    return Need(
        f"exists (select from pg_catalog.pg_roles r where r.rolname = {literal(owner)} and r.rolsuper)",
        f"the owner {quoted(owner)} must be a superuser, as the publication is for all tables",
        "State another owner, or list the tables.",
        whole=True,
    )


def _composed(sql: tuple[str, ...], found: tuple[Dependent, ...]) -> Composed:
    kept = (statement for one in found if one.sort == "whole publication" for statement in one.put)
    return Composed((*sql, *kept), told=_REFRESH)
