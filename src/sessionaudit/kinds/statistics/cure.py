"""Statistics objects: one that differs is dropped and created in one transaction; the next ANALYZE fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, block, negated, present
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import LockLevel, Need, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.catalog_conditions import read_as, relation
from sessionaudit.kinds.common.holder import holder, standing_on
from sessionaudit.kinds.common.obstacle_queries import Hindrance, obstacle
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in, owning, owning_of, since
from sessionaudit.kinds.statistics.kind import READ
from sessionaudit.kinds.statistics.model import Statistics, create_on, divided
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef

_FILLED = "The next ANALYZE fills it"


def create(difference: Difference[Statistics]) -> tuple[Step, ...]:
    """Create it; views have none."""
    if standing_on(difference) == "view":
        return ()
    name = _name(difference.ref.path)
    sql = (
        create_on(difference.new, difference.on, name),
        *_targeted(difference),
        adopted(f"statistics {name}", difference.ref.path),
    )
    return (_made(difference, f"Create the statistics object {difference.ref.dotted}. {_FILLED}", sql),)


def exchange(difference: Difference[Statistics]) -> tuple[Step, ...]:
    """Drop it and create the expected one, with the comment and the target of the old one."""
    path, name = difference.ref.path, _name(difference.ref.path)
    commented = f"pg_catalog.format('comment on statistics %s is %L', {literal(name)}, said)"
    body = (
        f"declare\n  said text := (select pg_catalog.obj_description(s.oid, 'pg_statistic_ext') from {_rows(path)});\n"
        f"begin\n  drop statistics {name};\n  {create_on(difference.new, difference.on, name)};\n"
        f"  if said is not null then\n    execute {commented};\n  end if;\nend"
    )
    sql = (block(body), *_targeted(difference), adopted(f"statistics {name}", path))
    return (_made(difference, f"Replace the statistics object {difference.ref.dotted}. {_FILLED}", sql),)


def aim(difference: Difference[Statistics]) -> tuple[Step, ...]:
    """Set its target."""
    ref, target = difference.ref, difference.new.target
    return (
        Step(
            action=f"Set the target of the statistics object {ref.dotted}",
            ref=ref,
            sql=_targeted(difference, always=True),
            done=_is(ref.path, f"coalesce(s.stxstattarget, -1) = {target}"),
            lock=LockLevel.NONE,
            requires=(present(ref),),
            needs=(_owning(ref.path),),
        ),
    )


def drop(difference: Difference[Statistics]) -> tuple[Step, ...]:
    """Drop it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the statistics object {ref.dotted}",
            ref=ref,
            sql=(f"drop statistics {_name(ref.path)}",),
            done=negated(_is(ref.path)),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
        ),
    )


def rename(difference: Difference[Statistics], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract, which locks no table."""
    ref = difference.ref
    return (
        Step(
            action=f"Rename the statistics object {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter statistics {_name(found.path)} rename to {ref.name}",),
            done=_is(ref.path),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(_owning(found.path), creating_in(ref.path[0])),
            obstacle=obstacle(difference, f"prevent renaming to {ref.name}", None, _taken(ref.path)),
        ),
    )


def _made(difference: Difference[Statistics], action: str, sql: tuple[str, ...]) -> Step:
    ref, new = difference.ref, difference.new
    computed = divided(new.definition).expressions
    return Step(
        action=action,
        ref=ref,
        sql=sql,
        done=_as_expected(difference),
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
        locks=(difference.table,),
        provides=(present(ref),),
        requires=(present(holder(difference)),),
        reads=(new.definition,),
        needs=(
            owning(ref.path),
            creating_in(ref.path[0]),
            *(() if difference.actual is None else (_owning(ref.path),)),
            *((since(14, "expressions in a statistics object"),) if computed else ()),
        ),
        wishes=adopting(ref.path),
        obstacle=obstacle(difference, f"prevent {ref.name} from being created", None, _taken(ref.path)),
    )


def _targeted(difference: Difference[Statistics], *, always: bool = False) -> tuple[str, ...]:
    """The statement that gives it its target: that of the contract, or the one that it had; a new one has -1."""
    target = difference.new.target
    if target is None and difference.actual is not None:
        target = difference.actual.target
    if target is None or (target < 0 and not always):
        return ()
    return (f"alter statistics {_name(difference.ref.path)} set statistics {target}",)


def _name(path: ObjectPath) -> str:
    """It as SQL spells it: it is in the schema of its table."""
    return dotted((path[0], path[2]))


# SQL expressions


def _rows(path: ObjectPath, condition: str = "true") -> str:
    return (
        "pg_catalog.pg_statistic_ext s join pg_catalog.pg_namespace n on n.oid = s.stxnamespace"
        f" where s.stxrelid = {relation(path)} and n.nspname = {literal(path[0])} and s.stxname = {literal(path[2])}"
        f" and {condition}"
    )


def _is(path: ObjectPath, condition: str = "true") -> str:
    return f"exists (select from {_rows(path, condition)})"


def _as_expected(difference: Difference[Statistics]) -> str:
    """That it is there, and other than it was."""
    path, new, old = difference.ref.path, difference.new, difference.actual
    there = _is(path) if new.target is None else _is(path, f"coalesce(s.stxstattarget, -1) = {new.target}")
    return there if old is None else f"({there} and not {read_as(READ, path, old.definition)})"


def _taken(path: ObjectPath) -> Hindrance:
    """Another table's statistics object of that name."""
    return Hindrance(
        "select pg_catalog.format('the statistics object of that name is one of %s',"
        " s.stxrelid::pg_catalog.regclass) from pg_catalog.pg_statistic_ext s"
        " join pg_catalog.pg_namespace n on n.oid = s.stxnamespace"
        f" where n.nspname = {literal(path[0])} and s.stxname = {literal(path[2])}"
        f" and s.stxrelid is distinct from {relation(path)}",
        "Rename that one: the names of statistics objects are unique in a schema.",
    )


def _owning(path: ObjectPath) -> Need:
    return owning_of("s.stxowner", f"from {_rows(path)}", f"the statistics object {_name(path)}")


def _address(path: ObjectPath) -> str:
    return at("pg_statistic_ext", "s.oid", _rows(path))


CURE = Cure(
    create=create,
    drop=drop,
    alter={"definition": exchange, "target": aim},
    rename=rename,
    address=_address,
)
