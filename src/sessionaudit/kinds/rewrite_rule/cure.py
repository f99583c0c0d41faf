"""Rewrite rules: created in place of what is there, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.step import Hazard, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.catalog_conditions import read_as, relation
from sessionaudit.kinds.common.enforcement_queries import bool_
from sessionaudit.kinds.common.holder import holder, standing_on
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.rewrite_rule.kind import READ
from sessionaudit.kinds.rewrite_rule.model import RewriteRule, create_on, divided, show
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef

# By the contract's word: what pg_rewrite.ev_enabled holds, and how ALTER TABLE says it.
_STATES = {
    "enabled": ("O", "enable"),
    "replica": ("R", "enable replica"),
    "always": ("A", "enable always"),
    "disabled": ("D", "disable"),
}
_EVENTS = {"update": "2", "insert": "3", "delete": "4"}
_TAKING = {"", "table", "partitioned table", "view"}


def create(difference: Difference[RewriteRule]) -> tuple[Step, ...]:
    """Create it, in the state in which it is expected; what is written to other relations has no rules."""
    if standing_on(difference) not in _TAKING or not _can_have_state(difference):
        return ()
    ref = difference.ref
    sql = (create_on(difference.new, difference.on, ref.name), *_state(difference))
    return (_written(difference, f"Create the rewrite rule {ref.dotted}", sql),)


def exchange(difference: Difference[RewriteRule]) -> tuple[Step, ...]:
    """Create it in place of the one that is there, whose state and comment stay."""
    if standing_on(difference) not in _TAKING:
        return ()
    ref = difference.ref
    sql = (create_on(difference.new, difference.on, ref.name, replacing=True),)
    return (_written(difference, f"Replace the rewrite rule {ref.dotted}", sql),)


def switch(difference: Difference[RewriteRule]) -> tuple[Step, ...]:
    """Enable or disable it."""
    ref, state = difference.ref, difference.new.enabled
    if not _can_have_state(difference):
        return ()
    words = {"enabled": "Enable {}", "disabled": "Disable {}", "replica": "Enable {} for replicas only"}
    return (
        Step(
            action=words.get(state, "Enable {} for replicas too").format(f"the rewrite rule {ref.dotted}"),
            ref=ref,
            sql=_state(difference, always=True),
            done=_is(ref.path, f"w.ev_enabled = '{_STATES[state][0]}'"),
            locks=(difference.table,),
            requires=(present(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.LOOSEN,) if _silenced(difference) else (),
        ),
    )


def drop(difference: Difference[RewriteRule]) -> tuple[Step, ...]:
    """Drop it: statements then do what they say."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the rewrite rule {ref.dotted}",
            ref=ref,
            sql=(f"drop rule {ref.name} on {difference.on}",),
            done=negated(_is(ref.path)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
        ),
    )


def rename(difference: Difference[RewriteRule], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract; by their names rules are applied in order."""
    ref = difference.ref
    return (
        Step(
            action=f"Rename the rewrite rule {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter rule {found.name} on {difference.on} rename to {ref.name}",),
            done=_is(ref.path),
            locks=(difference.table,),
            provides=(present(ref),),
            needs=(owning(ref.path),),
        ),
    )


def _written(difference: Difference[RewriteRule], action: str, sql: tuple[str, ...]) -> Step:
    ref = difference.ref
    return Step(
        action=action,
        ref=ref,
        sql=sql,
        done=_as_expected(difference),
        locks=(difference.table,),
        provides=(present(ref),),
        requires=(present(holder(difference)),),
        reads=(show(difference.new),),
        needs=(owning(ref.path),),
    )


def _state(difference: Difference[RewriteRule], *, always: bool = False) -> tuple[str, ...]:
    """The statement that gives the rule its state, where that is not the one of a new rule."""
    state = difference.new.enabled
    if state == "enabled" and not always:
        return ()
    return (f"alter table {difference.on} {_STATES[state][1]} rule {difference.ref.name}",)


def _can_have_state(difference: Difference[RewriteRule]) -> bool:
    """Whether the state can be had: a view's rules are always enabled."""
    return difference.new.enabled == "enabled" or standing_on(difference) != "view"


def _silenced(difference: Difference[RewriteRule]) -> bool:
    """Whether it is applied now for whoever writes, and will no longer be."""
    applied = {"enabled", "always"}
    return difference.new.enabled not in applied and difference.old.enabled in applied


# SQL expressions


def _is(path: ObjectPath, condition: str = "true") -> str:
    return (
        f"exists (select from pg_catalog.pg_rewrite w where w.ev_class = {relation(path)}"
        f" and w.rulename = {literal(path[2])} and {condition})"
    )


def _as_expected(difference: Difference[RewriteRule]) -> str:
    """That it is applied to the statements that it should, as far as it is known how the server prints it."""
    path, new, old = difference.ref.path, difference.new, difference.actual
    body = divided(new.body)
    conditions = [
        f"w.ev_type = '{_EVENTS[new.event]}'",
        f"w.is_instead = {bool_(body.instead)}",
        *(() if old is not None else (f"w.ev_enabled = '{_STATES[new.enabled][0]}'",)),
    ]
    there = _is(path, " and ".join(conditions))
    if difference.printed is not None:
        return f"{there} and {read_as(READ, path, difference.printed)}"
    if old is not None and (new.event, body.instead) == (old.event, divided(old.body).instead):
        return f"{there} and not {read_as(READ, path, old.body)}"
    return there


def _address(path: ObjectPath) -> str:
    where = f"w.ev_class = {relation(path)} and w.rulename = {literal(path[2])}"
    return at("pg_rewrite", "w.oid", f"pg_catalog.pg_rewrite w where {where}")


CURE = Cure(
    create=create,
    drop=drop,
    alter={"definition": exchange, "enabled": switch},
    rename=rename,
    address=_address,
)
