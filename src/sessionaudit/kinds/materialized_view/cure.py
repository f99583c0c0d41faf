"""Materialized views: created and refreshed; one with another query is recreated with all that depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, guarding, negated, present
from sessionaudit.core.step import Hazard, Step
from sessionaudit.kinds.common import view_columns
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.ownership import adopted, adopting, becoming_owner, vacant
from sessionaudit.kinds.common.query_text import columns_of, gone
from sessionaudit.kinds.common.recreated import UNPROVEN, recreated
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.kinds.common.shown_less import shows_no_more
from sessionaudit.kinds.common.weaker import loosening
from sessionaudit.kinds.grant.cure import withheld
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.kinds.materialized_view.model import MaterializedView


def create(difference: Difference[MaterializedView]) -> tuple[Step, ...]:
    """Create it with its rows, and keep from it whom the contract gives nothing on it."""
    ref, new = difference.ref, difference.new
    sql = [_created(difference, populated=new.populated is not False)]
    sql += withheld(difference)
    if new.owner is not None:
        sql.append(f"alter table {difference.on} owner to {quoted(new.owner)}")
    else:
        sql.append(adopted(f"table {difference.on}", ref.path))
    return (
        Step(
            action=f"Create the materialized view {difference.on}",
            ref=ref,
            sql=tuple(sql),
            done=_is(difference),
            locks=(difference.table,),
            provides=(present(ref), *view_columns.expected(difference)),
            reads=(new.query,),
            needs=(creating_in(ref.path[0]), vacant(ref.path), *becoming_owner(ref.path, new.owner)),
            wishes=() if new.owner else adopting(ref.path),
            timeout=None,
        ),
    )


def drop(difference: Difference[MaterializedView]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while anything else depends on it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the materialized view {difference.on}",
            ref=ref,
            sql=(f"drop materialized view {difference.on}",),
            done=negated(_is(difference)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def mend(difference: Difference[MaterializedView]) -> tuple[Step, ...]:
    """Drop it and create it as expected, in one transaction, with its indexes and all that depends on it.

    None while the server refuses the expected query, for then its columns are not known.
    """
    ref, old = difference.ref, difference.old
    columns = columns_of(difference.whole)
    if columns is None or difference.printed is None:
        return ()
    dropped = f"drop materialized view {difference.on}"
    created = _created(difference, populated=old.populated is not False)
    printed = literal(difference.printed)
    step = Step(
        action=f"Recreate the materialized view {difference.on}",
        ref=ref,
        sql=(dropped, created),
        done=_is(difference, f"pg_catalog.btrim(pg_catalog.pg_get_viewdef(c.oid), E' ;\\n') = {printed}"),
        locks=(difference.table,),
        provides=(present(ref), guarding(ref), *view_columns.given(difference, columns)),
        reads=(difference.new.query,),
        needs=(owning(ref.path), creating_in(ref.path[0])),
        hazards=(Hazard.DROP, Hazard.REWRITE),
        around=recreated(difference, dropped, created, gone(old.columns, columns), tried=False),
        timeout=None,
    )
    looser = False if shows_no_more(difference.printed, old.query) else None
    return loosening((step,), looser=looser, unproven=UNPROVEN)


def fill(difference: Difference[MaterializedView]) -> tuple[Step, ...]:
    """Refresh it, so that it can be read; or empty it, where the contract says so."""
    ref, filled = difference.ref, difference.new.populated is not False
    return (
        Step(
            action=f"{'Refresh' if filled else 'Empty'} the materialized view {difference.on}",
            ref=ref,
            sql=(f"refresh materialized view {difference.on}{'' if filled else ' with no data'}",),
            done=_is(difference, "c.relispopulated" if filled else "not c.relispopulated"),
            locks=(difference.table,),
            follows=(present(ref),),
            needs=(owning(ref.path),),
            hazards=() if filled else (Hazard.DATA_LOSS,),
            timeout=None,
        ),
    )


def give(difference: Difference[MaterializedView]) -> tuple[Step, ...]:
    """Change its owner, with whose privileges it is filled."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None:
        return ()
    return (
        Step(
            action=f"Change the owner of the materialized view {difference.on} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter table {difference.on} owner to {quoted(owner)}",),
            done=_is(difference, f"pg_catalog.pg_get_userbyid(c.relowner) = {literal(owner)}"),
            locks=(difference.table,),
            provides=(guarding(ref),),
            needs=(owning(ref.path), *becoming_owner(ref.path, owner)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def _created(difference: Difference[MaterializedView], *, populated: bool) -> str:
    rows = "" if populated else "\nwith no data"
    return f"create materialized view {difference.on} as {difference.new.query}{rows}"


def _is(difference: Difference[MaterializedView], *conditions: str) -> str:
    there = (f"c.oid = {relation(difference.ref.path)}", "c.relkind = 'm'", *conditions)
    return f"exists (select from pg_catalog.pg_class c where {' and '.join(there)})"


# What is in place of it, a person must decide.
CURE = Cure(
    create=create,
    drop=drop,
    alter={"kind": None, "query": mend, "populated": fill, "owner": give},
    address=of_relation,
)
