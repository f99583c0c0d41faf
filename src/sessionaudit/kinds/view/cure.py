"""Views: replaced in place where only columns are added; else recreated with all that depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, guarding, negated, present
from sessionaudit.core.step import Hazard, Need, Step
from sessionaudit.kinds.common import view_columns
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.ownership import adopted, adopting, becoming_owner, vacant
from sessionaudit.kinds.common.query_text import columns_of, gone
from sessionaudit.kinds.common.recreated import UNPROVEN, recreated
from sessionaudit.kinds.common.rights import creating_in, owning, since
from sessionaudit.kinds.common.shown_less import shows_no_more
from sessionaudit.kinds.common.weaker import loosening
from sessionaudit.kinds.grant.cure import withheld
from sessionaudit.kinds.table.cure_properties import option_of_view, set_options
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.kinds.view.model import View


def create(difference: Difference[View]) -> tuple[Step, ...]:
    """Create it with its options, and keep from it whom the contract gives nothing on it."""
    ref, new = difference.ref, difference.new
    sql = [f"create view {difference.on}{_with(new.options)} as {new.query}"]
    sql += withheld(difference)
    if new.owner is not None:
        sql.append(f"alter view {difference.on} owner to {quoted(new.owner)}")
    else:
        sql.append(adopted(f"view {difference.on}", ref.path))
    return (
        Step(
            action=f"Create the view {difference.on}",
            ref=ref,
            sql=tuple(sql),
            done=_is(difference),
            locks=(difference.table,),
            provides=(present(ref), *view_columns.expected(difference)),
            reads=(new.query,),
            needs=(creating_in(ref.path[0]), vacant(ref.path), *_since(new), *becoming_owner(ref.path, new.owner)),
            wishes=() if new.owner else adopting(ref.path),
        ),
    )


def drop(difference: Difference[View]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while anything else depends on it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the view {difference.on}",
            ref=ref,
            sql=(f"drop view {difference.on}",),
            done=negated(_is(difference)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def mend(difference: Difference[View]) -> tuple[Step, ...]:
    """Replace its query, which keeps all that it has; recreate it where PostgreSQL cannot replace it.

    None while the server refuses the expected one, for then its columns are not known.
    """
    ref, new, old = difference.ref, difference.new, difference.old
    columns = columns_of(difference.whole)
    if columns is None or difference.printed is None:
        return ()
    query = f"view {difference.on}{_with(old.options)} as {new.query}"
    kept = {*old.columns} <= {*columns}
    replaceable = columns[: len(old.columns)] == old.columns
    step = Step(
        action=f"{'Replace' if replaceable else 'Recreate'} the view {difference.on}",
        ref=ref,
        sql=(f"create or replace {query}",) if replaceable else (f"drop view {difference.on}", f"create {query}"),
        done=_is(difference, f"pg_catalog.btrim(pg_catalog.pg_get_viewdef(c.oid), E' ;\\n') = {_text(difference)}"),
        locks=(difference.table,),
        provides=(present(ref), guarding(ref), *view_columns.given(difference, columns)),
        reads=(new.query,),
        needs=(owning(ref.path), *(() if replaceable else (creating_in(ref.path[0]),))),
        hazards=() if kept else (Hazard.DROP,),
        around=None
        if replaceable
        else recreated(difference, f"drop view {difference.on}", f"create {query}", gone(old.columns, columns)),
    )
    looser = False if shows_no_more(difference.printed, old.query) else None
    return loosening((step,), looser=looser, unproven=UNPROVEN)


def reopen(difference: Difference[View]) -> tuple[Step, ...]:
    """Set its options, and reset those that it should not have."""
    return set_options(difference, difference.new.options, difference.old.options)


def give(difference: Difference[View]) -> tuple[Step, ...]:
    """Change its owner, with whose privileges it reads its tables."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None:
        return ()
    return (
        Step(
            action=f"Change the owner of the view {difference.on} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter view {difference.on} owner to {quoted(owner)}",),
            done=_is(difference, f"pg_catalog.pg_get_userbyid(c.relowner) = {literal(owner)}"),
            locks=(difference.table,),
            provides=(guarding(ref),),
            needs=(owning(ref.path), *becoming_owner(ref.path, owner)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def _with(options: tuple[str, ...] | None) -> str:
    said = ", ".join(f"{name} = {value}" for name, value in map(option_of_view, options or ()))
    return f" with ({said})" if said else ""


def _since(view: View) -> tuple[Need, ...]:
    return (since(15, "security_invoker"),) if "security_invoker" in (view.options or ()) else ()


def _text(difference: Difference[View]) -> str:
    return literal(difference.printed or "")


def _is(difference: Difference[View], *conditions: str) -> str:
    there = (f"c.oid = {relation(difference.ref.path)}", "c.relkind = 'v'", *conditions)
    return f"exists (select from pg_catalog.pg_class c where {' and '.join(there)})"


# What is in place of it, and as which role it reads, a person must decide.
CURE = Cure(
    create=create,
    drop=drop,
    alter={"kind": None, "query": mend, "options": reopen, "shown": None, "owner": give},
    address=of_relation,
)
