"""Primary keys and unique constraints: the index is built concurrently, then made a constraint."""

from __future__ import annotations

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, fitting, negated, present, spare, valid
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Condition, Debris, Hazard, LockLevel, Step
from sessionaudit.kinds.column.cure_not_null import not_null_steps
from sessionaudit.kinds.common.address import of_constraint
from sessionaudit.kinds.common.catalog_conditions import OF_NO_CONSTRAINT, constraint_is, index_is
from sessionaudit.kinds.common.enforcement_queries import FIRING, INDEXED
from sessionaudit.kinds.common.exchange import Exchange, heirs, leaving_first, referring
from sessionaudit.kinds.common.holder import holder, on_table, partitioned, standing_on
from sessionaudit.kinds.common.obstacle_queries import (
    DEBRIS,
    RowsQuery,
    column,
    failing,
    fixed,
    freeing,
    named,
    obstacle,
    overlapping,
    repeated,
)
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.kinds.common.weaker import loosening, weaker_key
from sessionaudit.kinds.foreign_key.cure import proven
from sessionaudit.kinds.foreign_key.kind import same_target
from sessionaudit.kinds.key.model import Key, show, show_columns, show_key
from sessionaudit.sql.text import literal, quoted


def create(difference: Difference[Key]) -> tuple[Step, ...]:
    """Build the index while others write, then make it the constraint, which takes milliseconds."""
    if not on_table(difference) or _name_is_taken(difference) or _rivals(difference) is None:
        return ()
    return _made(difference, f"Add the {_sort(difference.new)} {difference.ref.dotted}", difference.ref.path[2])


def exchange(difference: Difference[Key]) -> tuple[Step, ...]:
    """Build the expected index beside the old key, then swap them in one transaction.

    PostgreSQL cannot alter what a key covers, nor its deferral.
    """
    if _rivals(difference) is None:
        return ()
    name = spare(difference.ref.path[2], show(difference.new))
    steps = _made(difference, f"Replace the key {difference.ref.dotted}", name)
    return loosening(steps, looser=weaker_key(difference.new, difference.old))


def enforce(difference: Difference[Key]) -> tuple[Step, ...]:
    """Recreate it, with a valid index and a trigger that fires.

    Not where child tables lack it: in PostgreSQL a key is not inherited.
    """
    return exchange(difference) if difference.old.repairable else ()


def drop(difference: Difference[Key]) -> tuple[Step, ...]:
    """Drop it with its index; the rows stay, and foreign keys rest on another index that the contract has."""
    moved = referring(difference, difference.old.columns)
    needed = heirs(difference, difference.old.columns) if moved else None
    step = _dropped(difference)
    if needed is None:
        return (step,)
    around = Exchange(difference=difference, address=of_constraint(difference.ref.path), moved=moved).exchanging(
        step.sql, marked=False
    )
    return (replace(step, provides=(), requires=needed, around=around), *proven(difference, moved))


def _dropped(difference: Difference[Key]) -> Step:
    ref = difference.ref
    return Step(
        action=f"Drop the {_sort(difference.old)} {ref.dotted}",
        ref=ref,
        sql=(f"alter table {difference.on} drop constraint {ref.name}",),
        done=negated(constraint_is(ref.path)),
        locks=(difference.table,),
        provides=(absent(ref),),
        needs=(owning(ref.path),),
        obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, fixed(ref.path)),
    )


def rename(difference: Difference[Key], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract, by its index, which locks no table."""
    ref = difference.ref
    index = (found.path[0], found.path[2])
    return (
        Step(
            action=f"Rename the key {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter index {dotted(index)} rename to {ref.name}",),
            done=constraint_is(ref.path),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(index,),
            provides=(present(ref),),
            needs=(owning(ref.path), creating_in(ref.path[0])),
            obstacle=obstacle(difference, f"prevent renaming to {ref.name}", None, named(ref.path, "true")),
        ),
    )


# Steps


def _made(difference: Difference[Key], action: str, index: str) -> tuple[Step, ...]:
    """Make the constraint of an index of that name, or outright where that cannot be, or the table is new."""
    if difference.new.without_overlaps or partitioned(difference) or not standing_on(difference):
        steps: tuple[Step, ...] = (_stated(difference, action),)
    else:
        steps = (*_without_nulls(difference), _built(difference, index), _attached(difference, index, action))
    if difference.actual is None:
        return steps
    key = difference.new
    fit = not (key.deferral or key.without_overlaps)
    change = Exchange(
        difference=difference,
        address=of_constraint(difference.ref.path),
        moved=referring(difference, key.columns) if fit else (),
        leaving=tuple(condition.ref.path for condition in _leaving(difference)),
    )
    looked = (replace(step, around=change.looking(step.sql)) for step in steps[:-1])
    last = replace(
        steps[-1],
        follows=(*steps[-1].follows, *leaving_first(difference, key.columns)),
        around=change.exchanging(steps[-1].sql, marked=True),
    )
    return (*looked, last, *proven(difference, change.moved))


def _sort(key: Key) -> str:
    return "primary key" if key.type == "primary key" else "unique constraint"


def _built(difference: Difference[Key], name: str) -> Step:
    """Build a unique index for the key under a name."""
    key, ref = difference.new, difference.ref
    path = (*difference.table, name)
    include = f" include {show_columns(key.include)}" if key.include else ""
    distinct = " nulls not distinct" if key.nulls_not_distinct else ""
    body = f"{quoted(name)} on {difference.on} {show_columns(key.columns)}{include}{distinct}"
    covering = f"i.indisvalid and pg_catalog.pg_get_indexdef(i.indexrelid) = {_index_text(difference, name)}"
    freed = freeing(difference, name)
    return Step(
        action=f"Build a unique index for the key {ref.dotted} concurrently",
        ref=ref,
        sql=(f"create unique index concurrently {body}",),
        plain=(f"create unique index {body}",),
        done=f"({index_is(path, covering)} or {_as_expected(difference)})",
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
        locks=(difference.table,),
        provides=(fitting(ref),),  # a foreign key asks for no more
        requires=(*_grounds(difference), *freed),
        reads=(show_key(key),),
        needs=(owning(ref.path), creating_in(ref.path[0])),
        hazards=(Hazard.SCAN,),
        concurrent=True,
        debris=Debris(
            index_is(path, DEBRIS),
            f"drop index concurrently {dotted((path[0], name))}",
        ),
        obstacle=obstacle(
            difference,
            _what(difference),
            _refused(difference),
            *(() if freed else (named(path, f"({covering} or {DEBRIS})"),)),
            *(() if difference.actual is None else (fixed(ref.path),)),
        ),
        timeout=None,
    )


def _attached(difference: Difference[Key], index: str, action: str) -> Step:
    """Make a unique index the constraint, in the place of the one that is there."""
    key = difference.new
    step = _changed(difference, action, f"{key.type} using index {quoted(index)} {key.deferral}".rstrip())
    if difference.actual is None:
        return step
    return replace(step, obstacle=obstacle(difference, _what(difference), None, fixed(difference.ref.path)))


def _stated(difference: Difference[Key], action: str) -> Step:
    """Add the constraint directly; its index is built under the lock."""
    ref, fresh = difference.ref, not standing_on(difference)
    step = _changed(difference, action, show(difference.new))
    freed = freeing(difference, ref.path[2])
    exchanged = difference.actual is not None
    others = () if freed or exchanged else (named(ref.path, f"not {OF_NO_CONSTRAINT}"),)
    return replace(
        step,
        provides=(*step.provides, fitting(ref)),
        requires=(*step.requires, *freed),
        needs=(*step.needs, creating_in(ref.path[0])),
        hazards=() if fresh else (Hazard.REWRITE,),
        obstacle=obstacle(
            difference,
            _what(difference),
            None if fresh else _refused(difference),
            *others,
            *((fixed(ref.path),) if exchanged else ()),
        ),
        timeout=step.timeout if fresh else None,
    )


def _changed(difference: Difference[Key], action: str, body: str) -> Step:
    ref = difference.ref
    exchanged = difference.actual is not None
    dropped = f"drop constraint {ref.name}, " if exchanged else ""
    return Step(
        action=action,
        ref=ref,
        sql=(f"alter table {difference.on} {dropped}add constraint {ref.name} {body}",),
        done=_as_expected(difference),
        locks=(difference.table,),
        provides=(present(ref), valid(ref)),
        requires=(
            *_grounds(difference),
            *(_leaving(difference) if exchanged else ()),
            *(_rivals(difference) or ()),
        ),
        reads=(show_key(difference.new),),
        needs=(owning(ref.path),),
    )


def _what(difference: Difference[Key]) -> str:
    return f"prevent {difference.ref.name} from being a {_sort(difference.new)}"


def _without_nulls(difference: Difference[Key]) -> tuple[Step, ...]:
    """A primary key's columns are made NOT NULL before, for ADD PRIMARY KEY would read the table under its lock."""
    if difference.new.type != "primary key":
        return ()
    steps: list[Step] = []
    for name in difference.new.columns:
        path = (*difference.table, name)
        found = difference.present["column"].get(path) or difference.wanted["column"].get(path)
        if found is None or found.not_null is not True:
            steps.extend(not_null_steps(difference, name))
    return tuple(steps)


# What a key stands on, and what stands on it


def _name_is_taken(difference: Difference[Key]) -> bool:
    """Whether a constraint of another sort has the name."""
    return any(difference.ref.path in difference.present[kind] for kind in ("foreign_key", "check", "exclusion"))


def _rivals(difference: Difference[Key]) -> tuple[Condition, ...] | None:
    """What makes another primary key go, for a table has one; None where the contract does not ask for that."""
    if difference.new.type != "primary key":
        return ()
    conditions: list[Condition] = []
    for path, found in difference.present["key"].items():
        if path[:2] != difference.table or path == difference.ref.path or found.type != "primary key":
            continue
        wanted = difference.wanted["key"].get(path, found)
        if wanted is not None and wanted.type == "primary key":
            return None
        ref = ObjectRef("key", path)
        conditions.append(absent(ref) if wanted is None else present(ref))
    return tuple(conditions)


def _grounds(difference: Difference[Key]) -> tuple[Condition, ...]:
    """The table, those of the columns that the contract is to bring, and NOT NULL of a primary key's."""
    key = difference.new
    proven = key.columns if key.type == "primary key" and standing_on(difference) else ()
    paths = [(*difference.table, name) for name in (*key.columns, *key.include)]
    lacking = [
        path for path in paths if path not in difference.present["column"] and path in difference.wanted["column"]
    ]
    return (
        present(holder(difference)),
        *(present(ObjectRef("column", path)) for path in lacking),
        *(valid(ObjectRef("column", (*difference.table, name))) for name in proven),
    )


def _leaving(difference: Difference[Key]) -> tuple[Condition, ...]:
    """What makes the foreign keys go that rest on the old key: those that are dropped, or pointed elsewhere."""
    conditions: list[Condition] = []
    for path, found in difference.present["foreign_key"].items():
        if found.target != difference.table or sorted(found.target_columns) != sorted(difference.old.columns):
            continue
        ref = ObjectRef("foreign_key", path)
        wanted = difference.wanted["foreign_key"].get(path, found)
        if wanted is None:
            conditions.append(absent(ref))
        elif not same_target(wanted, found):
            conditions.append(fitting(ref))
    return tuple(conditions)


def _refused(difference: Difference[Key]) -> RowsQuery | None:
    """The rows that the key refuses; None where it refuses none that the old one takes."""
    key = difference.new
    if difference.actual is not None and replace(difference.actual, deferral=key.deferral) == key:  # and is held
        return None
    values = [column(difference, name) for name in key.columns]
    if key.without_overlaps:
        rows = overlapping(difference, values)
    else:
        rows = repeated(difference, values, nulls_alike=key.nulls_not_distinct)
    if key.type != "primary key" or not (key.without_overlaps or partitioned(difference)):
        return rows
    null = " or ".join(f"{value.sql} is null" for value in values)
    return rows.or_else(failing(difference, values, null, "null", "Fill in the nulls."))


# SQL expressions


def _as_expected(difference: Difference[Key]) -> str:
    """That the constraint is there as the server prints what is expected."""
    key = difference.new
    parts = [key.type.upper(), "NULLS NOT DISTINCT" if key.nulls_not_distinct else ""]
    parts += [
        _listed(key.columns, " WITHOUT OVERLAPS" if key.without_overlaps else ""),
        _include(key),
        key.deferral.upper(),
    ]
    expected = _printed(" ".join(part for part in parts if part), (*key.columns, *key.include))
    printed = f"pg_catalog.pg_get_constraintdef(c.oid) = {expected}"
    return constraint_is(difference.ref.path, f"{printed} and {INDEXED} and {FIRING}")


def _index_text(difference: Difference[Key], name: str) -> str:
    """How the server prints the key's index under a name."""
    key = difference.new
    parts = ["CREATE UNIQUE INDEX %I ON %I.%I USING btree", _listed(key.columns), _include(key)]
    parts.append("NULLS NOT DISTINCT" if key.nulls_not_distinct else "")
    names = (name, *difference.table, *key.columns, *key.include)
    return _printed(" ".join(part for part in parts if part), names)


def _include(key: Key) -> str:
    return f"INCLUDE {_listed(key.include)}" if key.include else ""


def _listed(columns: tuple[str, ...], last: str = "") -> str:
    return f"({', '.join('%I' for _ in columns)}{last})"


def _printed(text: str, names: tuple[str, ...]) -> str:
    """A text with names, which the server quotes by its own keywords unless they are plain."""
    if all(quoted(name) == name for name in names):
        return literal(text.replace("%I", "%s") % names)
    return f"pg_catalog.format({', '.join(map(literal, (text, *names)))})"


CURE = Cure(
    create=create,
    drop=drop,
    alter={"columns": exchange, "deferral": exchange, "enforced": enforce},
    rename=rename,
    address=of_constraint,
)
