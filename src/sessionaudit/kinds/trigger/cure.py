"""Triggers: one that differs is dropped and recreated in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.cure import Cure, Difference, absent, array, block, negated, present
from sessionaudit.core.kind import ObjectPath
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.address import of_trigger
from sessionaudit.kinds.common.carried_over import exchanged
from sessionaudit.kinds.common.catalog_conditions import relation, trigger_function_oid
from sessionaudit.kinds.common.enforcement_queries import alike, bool_
from sessionaudit.kinds.common.holder import holder, standing_on
from sessionaudit.kinds.common.obstacle_queries import Hindrance, copied, obstacle
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.common.weaker import weaker_trigger
from sessionaudit.kinds.trigger.kind import same_definition
from sessionaudit.kinds.trigger.model import Trigger, create_on, show
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import literal, quoted, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

# By the contract's word: what pg_trigger.tgenabled holds, and how ALTER TABLE says it.
_STATES = {
    "enabled": ("O", "enable"),
    "replica": ("R", "enable replica"),
    "always": ("A", "enable always"),
    "disabled": ("D", "disable"),
}
# The bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h).
_BITS = {
    "row": 1,
    "before": 2,
    "insert": 4,
    "delete": 8,
    "update": 16,
    "truncate": 32,
    "instead of": 64,
}


def create(difference: Difference[Trigger]) -> tuple[Step, ...]:
    """Create it, in the state in which it is expected; on a partitioned table partitions get copies of it.

    A partition's own trigger that is expected to be the same is dropped for the copy.
    """
    trigger, ref = difference.new, difference.ref
    if not _possible(difference):
        return ()
    copied_ = trigger.level == "row" and standing_on(difference) == "partitioned table"
    own = _of_partitions(difference) if copied_ else []
    others = (_taken(ref.path, own),) if copied_ else ()
    return (
        Step(
            action=f"Create the trigger {ref.dotted}",
            ref=ref,
            sql=(*_making_room(ref.path, own), create_on(trigger, difference.on, ref.name), *_state(difference)),
            done=_as_expected(difference),
            lock=LockLevel.ACCESS_EXCLUSIVE if own else LockLevel.SHARE_ROW_EXCLUSIVE,
            locks=(difference.table, *(path[:2] for path in own)),
            provides=(present(ref),),
            requires=(present(holder(difference)),),
            follows=tuple(present(ObjectRef("trigger", path)) for path in _of_parents(difference)),
            reads=(show(trigger),),
            needs=(_triggering(ref.path), _executing(trigger), *((owning(ref.path),) if _state(difference) else ())),
            obstacle=obstacle(difference, f"prevent {ref.name} from being created", None, *others),
        ),
    )


def _of_parents(difference: Difference[Trigger]) -> list[ObjectPath]:
    """The triggers that the contract has on partitioned tables to do the same, of which this may become a copy."""
    return [
        path
        for path, other in difference.wanted["trigger"].items()
        if other is not None and path[2] == difference.ref.path[2] and path != difference.ref.path
        if show(other) == show(difference.new)
        and getattr(difference.present["table"].get(path[:2]), "kind", "") == "partitioned table"
    ]


def _of_partitions(difference: Difference[Trigger]) -> list[ObjectPath]:
    """The triggers of that name that the contract has on other tables, which may be partitions, to do the same."""
    return [
        path
        for path, other in difference.wanted["trigger"].items()
        if other is not None and path[2] == difference.ref.path[2] and path != difference.ref.path
        if show(other) == show(difference.new) and path in difference.present["trigger"]
    ]


def _own(path: ObjectPath) -> str:
    """The triggers of that name that partitions have of their own, as pg_trigger `t`."""
    return (
        f"pg_catalog.pg_partition_tree({relation(path)}) b join pg_catalog.pg_trigger t on t.tgrelid = b.relid"
        f" where b.level > 0 and t.tgname = {literal(path[2])} and t.tgparentid = 0"
    )


def _making_room(path: ObjectPath, own: Iterable[ObjectPath]) -> tuple[str, ...]:
    """What drops those of partitions that are to be copies."""
    lines = [
        f"if exists (select from {_own(path)} and t.tgrelid = {relation(other)}) then\n"
        f"    drop trigger {quoted(other[2])} on {dotted(other[:2])};\n  end if;"
        for other in own
    ]
    body = "\n  ".join(lines)
    return (block(f"begin\n  {body}\nend"),) if lines else ()


def _taken(path: ObjectPath, own: Iterable[ObjectPath]) -> Hindrance:
    """A partition's own trigger of the name, of which the contract does not say that it is to be the same."""
    known = "".join(f" and t.tgrelid is distinct from {relation(other)}" for other in own)
    return Hindrance(
        f"select pg_catalog.format('the partition %s has a trigger of that name', t.tgrelid::pg_catalog.regclass)"
        f" from {_own(path)}{known}",
        "Declare the same trigger on the partition, or drop that one.",
    )


def exchange(difference: Difference[Trigger]) -> tuple[Step, ...]:
    """Drop it and create the expected one in one transaction: PostgreSQL 13 cannot replace a trigger."""
    trigger, ref = difference.new, difference.ref
    if not _possible(difference):
        return ()
    sql = (
        f"drop trigger {ref.name} on {difference.on}",
        create_on(trigger, difference.on, ref.name),
        *_state(difference),
    )
    return (
        Step(
            action=f"Replace the trigger {ref.dotted}",
            ref=ref,
            sql=sql,
            around=exchanged(ref, of_trigger(ref.path), sql, lambda statement: not _of_state(statement, ref.path)),
            done=_as_expected(difference),
            locks=(difference.table,),
            provides=(present(ref),),
            requires=(present(holder(difference)),),
            reads=(show(trigger),),
            needs=(owning(ref.path), _executing(trigger)),
            hazards=(Hazard.LOOSEN,) if _silenced(difference) or weaker_trigger(trigger, difference.old) else (),
            obstacle=obstacle(difference, f"prevent {ref.name} from being replaced", None, copied(ref.path)),
        ),
    )


def switch(difference: Difference[Trigger]) -> tuple[Step, ...]:
    """Enable or disable it."""
    ref, state, others = difference.ref, difference.new.enabled, difference.old.others
    if not _can_have_state(difference):
        return ()
    code, words = _STATES[state]
    there = _trigger_is(ref.path, f"t.tgenabled = '{code}'")
    return (
        Step(
            action=_WORDS[state].format(ref.dotted),
            ref=ref,
            # Each partition separately: some versions skip the copies of a trigger that already has the state.
            sql=(
                *_state(difference, always=True),
                *(f"alter table {table} {words} trigger {ref.name}" for table in others),
            ),
            done=f"({there} and {alike(ref.path, others, code)})" if others else there,
            lock=LockLevel.SHARE_ROW_EXCLUSIVE,
            locks=(difference.table, *(Fragment(one).qualified("") for one in others)),
            requires=(present(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.LOOSEN,) if _silenced(difference) else (),
        ),
    )


def _silenced(difference: Difference[Trigger]) -> bool:
    """Whether it fires now for whoever writes, and will no longer."""
    firing = {"enabled", "always"}
    return difference.new.enabled not in firing and difference.old.enabled in firing


def drop(difference: Difference[Trigger]) -> tuple[Step, ...]:
    """Drop it; its function stays."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the trigger {ref.dotted}",
            ref=ref,
            sql=(f"drop trigger {ref.name} on {difference.on}",),
            done=negated(_trigger_is(ref.path)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, copied(ref.path)),
        ),
    )


def rename(difference: Difference[Trigger], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract."""
    ref = difference.ref
    return (
        Step(
            action=f"Rename the trigger {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter trigger {found.name} on {difference.on} rename to {ref.name}",),
            done=_trigger_is(ref.path),
            locks=(difference.table,),
            provides=(present(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {found.name} from being renamed", None, copied(found.path)),
        ),
    )


# Statements

_WORDS = {
    "enabled": "Enable the trigger {}",
    "replica": "Enable the trigger {} for replicas only",
    "always": "Enable the trigger {} for replicas too",
    "disabled": "Disable the trigger {}",
}


def _state(difference: Difference[Trigger], *, always: bool = False) -> tuple[str, ...]:
    """The statement that gives the trigger its state, where that is not the one of a new trigger."""
    state = difference.new.enabled
    if state == "enabled" and not always:
        return ()
    return (f"alter table {difference.on} {_STATES[state][1]} trigger {difference.ref.name}",)


def _of_state(statement: str, path: ObjectPath) -> bool:
    """Whether a statement gives the trigger of this very table a state, and not that of a partition."""
    words = [unquote(token.text) for token in tokens(statement)]
    return words[:3] == ["alter", "table", "only"] and (words[3], words[5]) == path[:2]


def _possible(difference: Difference[Trigger]) -> bool:
    """Whether what it is on can have it: of those for each row, a view takes INSTEAD OF alone, and no other does."""
    trigger = difference.new
    if trigger.level == "row" and standing_on(difference):
        on_view = standing_on(difference) == "view"
        if on_view != (trigger.timing == "instead of"):
            return False
    return _can_have_state(difference)


def _can_have_state(difference: Difference[Trigger]) -> bool:
    """Whether the state can be had: a view's triggers are always enabled."""
    return difference.new.enabled == "enabled" or standing_on(difference) != "view"


# SQL expressions


def _trigger_is(path: ObjectPath, condition: str = "true") -> str:
    return (
        f"exists (select from pg_catalog.pg_trigger t where t.tgrelid = {relation(path)}"
        f" and t.tgname = {literal(path[2])} and {condition})"
    )


def _as_expected(difference: Difference[Trigger]) -> str:
    """That it fires when it should and calls what it should, in its state."""
    trigger = difference.new
    parts = _Parts.of(trigger)
    conditions = [
        f"t.tgtype = {parts.bits}",
        f"t.tgfoid = {trigger_function_oid(parts.function)}",
        f"t.tgargs = {_arguments(parts.arguments)}",
        f"array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = t.tgrelid"
        f" and a.attnum = any (t.tgattr::pg_catalog.int2[]) order by a.attname) = {array(sorted(parts.columns))}",
        f"(t.tgconstraint <> 0) = {bool_(trigger.constraint)}",
        f"t.tgdeferrable = {bool_(bool(trigger.deferral))}",
        f"t.tginitdeferred = {bool_('initially' in trigger.deferral)}",
        f"t.tgoldtable is not distinct from {_name(parts.old_table)}",
        f"t.tgnewtable is not distinct from {_name(parts.new_table)}",
        f"t.tgenabled = '{_STATES[trigger.enabled][0]}'",
        *_condition(difference),
    ]
    return _trigger_is(difference.ref.path, " and ".join(conditions))


def _condition(difference: Difference[Trigger]) -> tuple[str, ...]:
    """About WHEN, as far as it is known how the server prints the expected one.

    pg_get_expr cannot print what mentions both OLD and NEW, so the text is looked for in the whole.
    """
    trigger, seen = difference.new, difference.actual
    if trigger.when is None:
        return ("t.tgqual is null",)
    printed = difference.printed
    if printed is not None:
        return (f"pg_catalog.strpos(pg_catalog.pg_get_triggerdef(t.oid), {_when(printed)}) > 0",)
    if seen is None or seen.when is None or same_definition(trigger, seen) is False:
        return ("t.tgqual is not null",)
    return ("t.tgqual is not null", f"pg_catalog.strpos(pg_catalog.pg_get_triggerdef(t.oid), {_when(seen.when)}) = 0")


def _when(printed: str) -> str:
    return literal(f" WHEN ({printed}) EXECUTE FUNCTION ")


def _arguments(arguments: tuple[str, ...]) -> str:
    """The arguments as pg_trigger keeps them: each with a zero byte behind it."""
    encoding, end = "pg_catalog.getdatabaseencoding()", "pg_catalog.decode('00', 'hex')"
    ended = [f"pg_catalog.convert_to({literal(argument)}, {encoding}) || {end}" for argument in arguments]
    return " || ".join(ended) or "pg_catalog.decode('', 'hex')"


def _name(value: str | None) -> str:
    return "null" if value is None else literal(value)


class _Parts(NamedTuple):
    """A trigger's definition as pg_trigger divides it."""

    bits: int
    columns: tuple[str, ...]
    function: tuple[str, str]
    arguments: tuple[str, ...]
    old_table: str | None
    new_table: str | None

    @classmethod
    def of(cls, trigger: Trigger) -> _Parts:
        """Divide it. The texts are the kind's own, so that they can be read."""
        bits = _BITS.get(trigger.timing, 0) | _BITS.get(trigger.level, 0)
        columns: tuple[str, ...] = ()
        for event in trigger.events:
            word, _, listed = event.partition(" of ")
            bits |= _BITS[word]
            if listed:
                columns = Fragment(f"({listed})").names()
        call = Fragment(trigger.call)
        function = call.qualified("")
        inner = Fragment(call.parenthesised())
        arguments: list[str] = []
        while not inner.done:
            arguments.append(inner.word("a literal"))
            inner.accept(",")
        tables: dict[str, str] = {}
        transition = Fragment(trigger.transition)
        while not transition.done:
            which = transition.one_of("old", "new")
            transition.expect("table")
            transition.accept("as")
            tables[which] = transition.name()
        return cls(bits, columns, function, tuple(arguments), tables.get("old"), tables.get("new"))


# Rights


def _triggering(path: ObjectPath) -> Need:
    return Need(
        f"pg_catalog.has_table_privilege({relation(path)}, 'TRIGGER')",
        f"have TRIGGER on {dotted(path[:2])}",
        f"grant trigger on {dotted(path[:2])} to {{role}};",
    )


def _executing(trigger: Trigger) -> Need:
    parts = _Parts.of(trigger)
    name = f"{dotted(parts.function)}()"
    return Need(
        f"pg_catalog.has_function_privilege({trigger_function_oid(parts.function)}, 'EXECUTE')",
        f"have EXECUTE on {name}",
        f"grant execute on function {name} to {{role}};",
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={"definition": exchange, "enabled": switch},
    rename=rename,
    address=of_trigger,
)
