"""Indexes: built and dropped concurrently; a new one is built before the old one is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, fitting, negated, present, spare, valid
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import QUICK, Debris, Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import of_index
from sessionaudit.kinds.common.catalog_conditions import OF_NO_CONSTRAINT, index_is, read_as
from sessionaudit.kinds.common.exchange import Exchange, clusterable, heirs, referring, unique_columns
from sessionaudit.kinds.common.holder import holder, on_table, partitioned, standing_on
from sessionaudit.kinds.common.obstacle_queries import (
    DEBRIS,
    REPEATED,
    Hindrance,
    RowsQuery,
    Value,
    column,
    fixed,
    freeing,
    named,
    obstacle,
    repeated,
)
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.kinds.common.weaker import loosening, weaker_index
from sessionaudit.kinds.foreign_key.cure import proven
from sessionaudit.kinds.index.cure_partitions import can_be_completed, completed
from sessionaudit.kinds.index.kind import READ
from sessionaudit.kinds.index.model import Index, show
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition


def create(difference: Difference[Index]) -> tuple[Step, ...]:
    """Build it concurrently, after dropping what a failed attempt left."""
    if any(difference.ref.path in difference.present[kind] for kind in ("key", "exclusion")):
        return ()  # the name belongs to a constraint's index
    if not on_table(difference) and standing_on(difference) != "materialized view":
        return ()
    if _stands_in(difference):
        return rename(difference, ObjectRef("index", (*difference.table, _stand_in(difference))))
    done = index_is(
        difference.ref.path, f"i.indisvalid and i.indisunique = {_bool(difference.new)} and {OF_NO_CONSTRAINT}"
    )
    return (_built(difference, difference.ref.path[2], f"Build the index {difference.ref.dotted}", done),)


def rebuild(difference: Difference[Index]) -> tuple[Step, ...]:
    """Make it as expected: an invalid one is rebuilt; a valid one stays in use until then."""
    if can_be_completed(difference):
        return completed(difference)
    if partitioned(difference):
        steps = _exchanged_at_once(difference)
    elif difference.old.valid or _stands_in(difference):
        steps = _exchanged(difference)
    else:
        around, name = _exchange(difference), difference.ref.path[2]
        steps = tuple(replace(one, around=around.building(one.sql, one.plain, name)) for one in create(difference))
    new = replace(difference.new, definition=difference.printed or difference.new.definition)
    return loosening(steps, looser=difference.old.valid and weaker_index(new, difference.old, difference.schema))


def _exchanged(difference: Difference[Index]) -> tuple[Step, ...]:
    """Build the expected one under another name, drop the old one, and give the new one its name.

    After a kill, what exists tells where to resume: both indexes, or only the new one under its other name.
    """
    ref, old, change = difference.ref, _as_seen(difference), _exchange(difference)
    path = (*difference.table, _stand_in(difference))
    built = index_is(path, "i.indisvalid")
    action = f"Build the replacement of {ref.dotted} under another name"
    build = _built(difference, path[2], action, f"({built} or {_new(difference)})")
    build = replace(build, around=change.building(build.sql, build.plain, path[2]))
    if change.moved:
        return (build, _swapped(difference, path, change), *proven(difference, change.moved))
    # Only if the new one exists, so that a script that continues after a failure drops nothing.
    drop_ = _dropped(difference, f"Drop the old index {ref.dotted}", f"not ({built} and {old})")
    return (
        build,
        drop_,
        _renamed(difference, ObjectRef("index", path), f"Rename the new index to {ref.dotted}", _new(difference)),
    )


def _exchanged_at_once(difference: Difference[Index]) -> tuple[Step, ...]:
    """On a partitioned table nothing is concurrent: build while others can read, then swap."""
    ref, change = difference.ref, _exchange(difference)
    path = (*difference.table, _stand_in(difference))
    action = f"Build the replacement of {ref.dotted} under another name"
    build = _built(difference, path[2], action, f"({index_is(path, 'i.indisvalid')} or {_new(difference)})")
    build = replace(build, around=change.building(build.sql, build.plain, path[2]))
    return (build, _swapped(difference, path, change), *proven(difference, change.moved))


def _swapped(difference: Difference[Index], path: ObjectPath, change: Exchange) -> Step:
    """Drop the old one, rename the new one and move foreign keys to it, in one transaction."""
    ref = difference.ref
    sql = (
        f"drop index {dotted((ref.path[0], ref.path[2]))}",
        f"alter index {dotted((path[0], path[2]))} rename to {ref.name}",
    )
    return Step(
        action=f"Replace the index {ref.dotted} with the new one",
        ref=ref,
        sql=sql,
        done=_new(difference),
        locks=(difference.table,),
        provides=(present(ref), valid(ref), fitting(ref)),
        requires=_left(difference)[1],
        needs=(owning(ref.path), creating_in(ref.path[0])),
        obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, fixed(ref.path)),
        around=change.exchanging(sql, marked=False),
    )


def _exchange(difference: Difference[Index]) -> Exchange:
    new, old = difference.new, difference.old
    columns = unique_columns(new.definition) if new.unique else frozenset[str]()
    same = Fragment(new.definition), Fragment(old.definition)
    return Exchange(
        difference=difference,
        address=of_index(difference.ref.path),
        moved=(referring(difference, columns) if columns else ()) + _left(difference)[0],
        clusters=clusterable(new.definition),
        alike=len({one.until(("(",)) + one.parenthesised() for one in same}) == 1,
    )


def _left(difference: Difference[Index]) -> tuple[tuple[ObjectPath, ...], tuple[Condition, ...]]:
    """The foreign keys for which the new index is not unique, if they can use another; and when they can."""
    new, old = difference.new, difference.old
    before = unique_columns(old.definition) if old.unique else frozenset[str]()
    if not before or (new.unique and unique_columns(new.definition) == before):
        return (), ()
    moved = referring(difference, before)
    needed = heirs(difference, before) if moved else None
    return ((), ()) if needed is None else (moved, needed)


def drop(difference: Difference[Index]) -> tuple[Step, ...]:
    """Drop it while others read and write; foreign keys rest on another index that the contract has, at once."""
    ref, old = difference.ref, difference.old
    step = _dropped(difference, f"Drop the index {ref.dotted}", negated(index_is(ref.path)))
    moved = referring(difference, unique_columns(old.definition)) if old.unique else ()
    needed = heirs(difference, unique_columns(old.definition)) if moved else None
    if needed is None:
        return (step,)
    sql = step.plain or step.sql
    step = replace(
        step,
        sql=sql,
        plain=(),
        lock=LockLevel.ACCESS_EXCLUSIVE,
        provides=(),
        requires=needed,
        concurrent=False,
        around=Exchange(difference=difference, address=of_index(difference.ref.path), moved=moved).exchanging(
            sql, marked=False
        ),
        timeout=QUICK,
    )
    return (step, *proven(difference, moved))


def rename(difference: Difference[Index], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract, which locks no table."""
    ref = difference.ref
    return (_renamed(difference, found, f"Rename the index {found.dotted} to {ref.name}", index_is(ref.path)),)


# Steps


def _built(difference: Difference[Index], name: str, action: str, done: str) -> Step:
    """Build the expected index under a name; not concurrently where PostgreSQL cannot."""
    ref, index = difference.ref, difference.new
    path = (*difference.table, name)
    create_ = f"create {'unique ' if index.unique else ''}index"
    body = f"{quoted(name)} on {difference.on} using {index.definition}"
    filled = difference.holder.kind == "materialized_view"  # with rows from its creation on, unlike a table
    concurrent = filled or standing_on(difference) not in {"", "partitioned table"}
    hazards = (Hazard.REWRITE,) if partitioned(difference) else ()
    freed = freeing(difference, name)
    refused = _repeated(difference)
    unread = (Hindrance("select null::text where false", REPEATED),) if index.unique and refused is None else ()
    leftover = Debris(
        index_is(path, DEBRIS),
        f"drop index concurrently {dotted((path[0], name))}",
    )
    return Step(
        action=f"{action} concurrently" if concurrent else action,
        ref=ref,
        sql=(f"{create_} concurrently {body}" if concurrent else f"{create_} {body}",),
        plain=(f"{create_} {body}",) if concurrent else (),
        done=done,
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE if concurrent else LockLevel.SHARE,
        locks=(difference.table,),
        provides=(present(ref), valid(ref), *((fitting(ref),) if name == ref.path[2] else ())),
        requires=(present(holder(difference)), *freed),
        reads=(index.definition,),
        needs=(owning(ref.path), creating_in(ref.path[0])),
        hazards=(Hazard.SCAN,) if concurrent else hazards,
        concurrent=concurrent,
        debris=leftover if concurrent else None,
        obstacle=obstacle(
            difference,
            f"prevent {ref.name} from being {'unique' if index.unique else 'built'}",
            refused,
            *unread,
            *(() if freed else (named(path, OF_NO_CONSTRAINT),)),
            *(() if difference.actual is None else (fixed(ref.path),)),
        ),
        timeout=None,
    )


def _dropped(difference: Difference[Index], action: str, done: str) -> Step:
    ref = difference.ref
    name = dotted((ref.path[0], ref.path[2]))
    plain = f"drop index {name}"
    concurrent = not partitioned(difference)
    return Step(
        action=action,
        ref=ref,
        sql=(f"drop index concurrently {name}" if concurrent else plain,),
        plain=(plain,) if concurrent else (),
        done=done,
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE if concurrent else LockLevel.ACCESS_EXCLUSIVE,
        locks=(difference.table,),
        provides=(absent(ref),) if difference.expected is None else (),
        needs=(owning(ref.path),),
        concurrent=concurrent,
        obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, fixed(ref.path)),
        timeout=None if concurrent else QUICK,
    )


def _renamed(difference: Difference[Index], found: ObjectRef, action: str, done: str) -> Step:
    ref = difference.ref
    index = (found.path[0], found.path[2])
    return Step(
        action=action,
        ref=ref,
        sql=(f"alter index {dotted(index)} rename to {ref.name}",),
        done=done,
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
        locks=(index,),
        provides=(present(ref), fitting(ref)),
        needs=(owning(ref.path), creating_in(ref.path[0])),
        obstacle=obstacle(difference, f"prevent renaming to {ref.name}", None, named(ref.path, "true")),
    )


# What is there


def _stand_in(difference: Difference[Index]) -> str:
    return spare(difference.ref.path[2], show(difference.new))


def _stands_in(difference: Difference[Index]) -> bool:
    """Whether an interrupted run has already built the expected index."""
    found = difference.present["index"].get((*difference.table, _stand_in(difference)))
    return found is not None and bool(found.valid)


def _as_seen(difference: Difference[Index]) -> str:
    """That the index is as it was seen; an interrupted drop has left it invalid."""
    old, path = difference.old, difference.ref.path
    whole = "" if old.valid else " and not i.indisvalid"
    seen = index_is(path, f"i.indisunique = {_bool(old)}{whole} and {OF_NO_CONSTRAINT}")
    return f"({seen} and {read_as(READ, path, old.definition)})"


def _new(difference: Difference[Index]) -> str:
    """That another index is there than was seen."""
    return f"({index_is(difference.ref.path, 'i.indisvalid')} and not {_as_seen(difference)})"


def _bool(index: Index) -> str:
    return "true" if index.unique else "false"


# Rows in the way


def _repeated(difference: Difference[Index]) -> RowsQuery | None:
    """The rows that a unique index refuses; None where that cannot be told from its text, or it is not unique."""
    if not difference.new.unique or not standing_on(difference):
        return None
    try:
        found = _parts(difference, Fragment(difference.new.definition))
    except FragmentError:
        return None
    if found is None:
        return None
    values, nulls_alike, where = found
    return repeated(difference, values, nulls_alike=nulls_alike, where=where)


def _parts(difference: Difference[Index], fragment: Fragment) -> tuple[list[Value], bool, str] | None:
    """What a definition makes unique, whether nulls count as alike, and of which rows; None for an operator class."""
    if not fragment.accept("btree"):
        return None
    elements = Fragment(fragment.parenthesised())
    values: list[Value] = []
    while not elements.done:
        value = element(difference, elements)
        if value is None or not (elements.done or elements.accept(",")):
            return None
        values.append(value)
    if fragment.accept("include"):
        fragment.parenthesised()
    alike = fragment.accept("nulls", "not", "distinct")
    fragment.accept("nulls", "distinct")
    if fragment.accept("with"):
        fragment.parenthesised()
    if fragment.accept("tablespace"):
        fragment.name()
    where = fragment.rest() if fragment.accept("where") else ""
    fragment.end()
    return values, alike, where


def element(difference: Difference[Any], fragment: Fragment) -> Value | None:
    """A column, a call or an expression in parentheses, with its collation."""
    if fragment.peek("("):
        sql = f"({fragment.parenthesised()})"
        value = Value(sql, sql)
    else:
        name = fragment.name("a column")
        sql = quoted(name)
        while fragment.accept("."):
            sql += f".{quoted(fragment.name())}"
        value = column(difference, name)
        if fragment.peek("("):
            sql += f"({fragment.parenthesised()})"
            value = Value(sql, sql)
    if fragment.accept("collate"):
        schema, name = fragment.qualified("")
        value = Value(f"{value.sql} collate {dotted((schema, name)) if schema else quoted(name)}", value.name)
    if not fragment.accept("asc"):
        fragment.accept("desc")
    if fragment.accept("nulls"):
        fragment.one_of("first", "last")
    return value


CURE = Cure(
    create=create,
    drop=drop,
    alter={"definition": rebuild, "unique": rebuild, "valid": rebuild},
    rename=rename,
    address=of_index,
)
