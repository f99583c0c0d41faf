"""Event triggers: one that differs is dropped and created in one transaction, by a superuser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, array, block, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.catalog_conditions import trigger_function_oid
from sessionaudit.kinds.common.rights import owning_of, since
from sessionaudit.kinds.event_trigger.model import EventTrigger, show
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

# By the contract's word: what pg_event_trigger.evtenabled holds, and how ALTER EVENT TRIGGER says it.
_STATES = {
    "enabled": ("O", "enable"),
    "replica": ("R", "enable replica"),
    "always": ("A", "enable always"),
    "disabled": ("D", "disable"),
}


def create(difference: Difference[EventTrigger]) -> tuple[Step, ...]:
    """Create it, in the state in which it is expected; it fires for what is done after it."""
    ref = difference.ref
    sql = (_creation(difference), *_state(difference))
    return (_made(difference, f"Create the event trigger {ref.name}", sql),)


def exchange(difference: Difference[EventTrigger]) -> tuple[Step, ...]:
    """Drop it and create the expected one, with the comment of the old one."""
    ref = difference.ref
    commented = f"pg_catalog.format('comment on event trigger %s is %L', {literal(ref.name)}, said)"
    body = (
        "declare\n  said text := (select pg_catalog.obj_description(e.oid, 'pg_event_trigger')"
        f" from pg_catalog.pg_event_trigger e where e.evtname = {literal(ref.path[0])});\n"
        f"begin\n  drop event trigger {ref.name};\n  {_creation(difference)};\n"
        f"  if said is not null then\n    execute {commented};\n  end if;\nend"
    )
    return (_made(difference, f"Replace the event trigger {ref.name}", (block(body), *_state(difference))),)


def switch(difference: Difference[EventTrigger]) -> tuple[Step, ...]:
    """Enable or disable it."""
    ref, state = difference.ref, difference.new.enabled
    words = {"enabled": "Enable {}", "disabled": "Disable {}", "replica": "Enable {} for replicas only"}
    firing = {"enabled", "always"}
    silenced = state not in firing and difference.old.enabled in firing
    return (
        Step(
            action=words.get(state, "Enable {} for replicas too").format(f"the event trigger {ref.name}"),
            ref=ref,
            sql=_state(difference, always=True),
            done=_is(ref.path, f"e.evtenabled = '{_STATES[state][0]}'"),
            lock=LockLevel.NONE,
            requires=(present(ref),),
            needs=(_owning(ref.path),),
            hazards=(Hazard.LOOSEN,) if silenced else (),
        ),
    )


def drop(difference: Difference[EventTrigger]) -> tuple[Step, ...]:
    """Drop it; its function stays."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the event trigger {ref.name}",
            ref=ref,
            sql=(f"drop event trigger {ref.name}",),
            done=negated(_is(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
        ),
    )


def _made(difference: Difference[EventTrigger], action: str, sql: tuple[str, ...]) -> Step:
    ref, new = difference.ref, difference.new
    function = (*new.function, "()")
    declared = difference.wanted["function"].get(function) is not None
    return Step(
        action=action,
        ref=ref,
        sql=sql,
        done=_as_expected(difference),
        lock=LockLevel.NONE,
        provides=(present(ref),),
        requires=(present(ObjectRef("function", function)),) if declared else (),
        reads=(show(new),),
        needs=(
            _superuser(ref.path),
            *(() if difference.actual is None else (_owning(ref.path),)),
            *((since(17, "an event trigger on login"),) if new.event == "login" else ()),
        ),
        obstacle=None if declared else _nowhere(new.function),
    )


def _creation(difference: Difference[EventTrigger]) -> str:
    return f"create event trigger {difference.ref.name} {show(difference.new)}"


def _state(difference: Difference[EventTrigger], *, always: bool = False) -> tuple[str, ...]:
    """The statement that gives the trigger its state, if that is not the one of a new trigger."""
    state = difference.new.enabled
    if state == "enabled" and not always:
        return ()
    return (f"alter event trigger {difference.ref.name} {_STATES[state][1]}",)


# SQL expressions


def _is(path: ObjectPath, condition: str = "true") -> str:
    return f"exists (select from pg_catalog.pg_event_trigger e where e.evtname = {literal(path[0])} and {condition})"


def _as_expected(difference: Difference[EventTrigger]) -> str:
    new = difference.new
    tags = "array(select pg_catalog.upper(t.tag) from pg_catalog.unnest(e.evttags) t (tag) order by 1)"
    conditions = (
        f"e.evtevent = {literal(new.event)}",
        f"e.evtfoid = {trigger_function_oid(new.function)}",
        f"{tags} = array(select t.tag from pg_catalog.unnest({array(new.tags)}) t (tag) order by 1)",
        f"e.evtenabled = '{_STATES[new.enabled][0]}'",
    )
    return _is(difference.ref.path, " and ".join(conditions))


def _superuser(path: ObjectPath) -> Need:
    """That the role may create one; unknown if the platform lets roles do so by means of its own."""
    return Need(
        "(select case when u.rolsuper then true"
        " when pg_catalog.current_setting('supautils.privileged_extensions', true) <> ''"
        " or exists (select from pg_catalog.pg_roles r where pg_catalog.pg_has_role(r.oid, 'MEMBER')"
        " and r.rolname in ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin')) then null"
        " else false end from pg_catalog.pg_roles u where u.rolname = current_user)",
        f"be a superuser to create the event trigger {quoted(path[0])}",
        "Connect as a superuser.",
    )


def _owning(path: ObjectPath) -> Need:
    return owning_of(
        "e.evtowner",
        f"from pg_catalog.pg_event_trigger e where e.evtname = {literal(path[0])}",
        f"the event trigger {quoted(path[0])}",
    )


def _nowhere(function: tuple[str, str]) -> Obstacle:
    """That the function is not there, which must not prevent other steps from running."""
    name = f"{dotted(function)}()"
    return Obstacle(
        rows=f"select null as key, {literal(name)}::text as name where {trigger_function_oid(function)} is null",
        what="missing from pg_proc",
        hint=f"Create {name}, or declare it under functions:.",
    )


def _address(path: ObjectPath) -> str:
    return at("pg_event_trigger", "e.oid", f"pg_catalog.pg_event_trigger e where e.evtname = {literal(path[0])}")


CURE = Cure(
    create=create,
    drop=drop,
    alter={"definition": exchange, "enabled": switch},
    address=_address,
)
