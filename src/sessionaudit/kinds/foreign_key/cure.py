"""Foreign keys: added NOT VALID, then validated in a separate transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, array, fitting, negated, present, valid
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import QUICK, Condition, Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import of_constraint
from sessionaudit.kinds.common.carried_over import exchanged
from sessionaudit.kinds.common.catalog_conditions import constraint_is, names, relation
from sessionaudit.kinds.common.enforcement import reasons
from sessionaudit.kinds.common.enforcement_queries import ENFORCED, FIRING
from sessionaudit.kinds.common.exchange import unique_columns
from sessionaudit.kinds.common.holder import holder, on_table, partitioned
from sessionaudit.kinds.common.obstacle_queries import (
    Hindrance,
    RowsQuery,
    breaking,
    column,
    failing,
    inherited,
    obstacle,
)
from sessionaudit.kinds.common.rights import owning, referencing, since
from sessionaudit.kinds.common.weaker import weaker_foreign_key
from sessionaudit.kinds.foreign_key.kind import same_target
from sessionaudit.kinds.foreign_key.model import ForeignKey, show_actions, show_target
from sessionaudit.kinds.foreign_key.referring import unkeyed, unlike
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.kind import ObjectPath


def create(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    """Add it NOT VALID, which holds its locks for milliseconds, then validate it without blocking others."""
    ref = difference.ref
    if not on_table(difference) or any(ref.path in difference.present[kind] for kind in ("key", "check", "exclusion")):
        return ()  # or a constraint of another sort has the name
    sql = f"alter table {difference.on} add constraint {ref.name} {_body(difference)}"
    return _added(difference, f"Add the foreign key {ref.dotted}", (sql,), constraint_is(ref.path, "c.contype = 'f'"))


def exchange(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    """Drop it and add the expected one in one transaction, so that the table is never without one; then validate."""
    ref = difference.ref
    if not same_target(difference.new, difference.old):
        action = f"Change the target of the foreign key {ref.dotted}"
    elif show_actions(difference.new) != show_actions(difference.old):
        action = f"Change the actions of the foreign key {ref.dotted} on update and delete"
    else:
        action = f"Recreate the foreign key {ref.dotted}, so that it is enforced"
    return _added(difference, action, (_replacing(difference),), _as_expected(difference))


def enforce(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    """Recreate it with triggers that fire, and validate the rows that were stored meanwhile.

    Not where child tables lack it: in PostgreSQL a foreign key is not inherited.
    """
    return exchange(difference) if difference.old.repairable else ()


def _added(difference: Difference[ForeignKey], action: str, sql: tuple[str, ...], done: str) -> tuple[Step, ...]:
    key, ref = difference.new, difference.ref
    at_once = partitioned(difference)
    others = (*unlike(difference), *(() if difference.actual is None else (inherited(ref.path),)))
    if not _keys(difference):
        others = (*others, *unkeyed(difference))
    step = Step(
        action=action,
        ref=ref,
        sql=sql,
        done=done,
        lock=LockLevel.SHARE_ROW_EXCLUSIVE if difference.actual is None else LockLevel.ACCESS_EXCLUSIVE,
        locks=_tables(difference),
        provides=(present(ref), fitting(ref)),
        requires=(present(holder(difference)), *_columns(difference), *_keys(difference)),
        follows=_ceasing(difference),
        reads=(show_target(key),),
        needs=(owning(ref.path), referencing(key.target), *((since(18, "periods"),) if key.period else ())),
        # PostgreSQL before 18 does not support NOT VALID foreign keys on partitioned tables.
        hazards=(*((Hazard.REWRITE,) if at_once else ()), *_loosening(difference)),
        around=None if difference.actual is None else exchanged(ref, of_constraint(ref.path), sql),
        obstacle=obstacle(difference, _what(difference, *others), _orphans(difference) if at_once else None, *others),
        risk=None
        if at_once or (difference.actual is not None and _holding(key, difference.actual))
        else breaking(
            difference,
            _orphans(difference),
            _what(difference),
            stated=not key.validated,
            exchanged=difference.actual is not None,
        ),
        timeout=None if at_once else QUICK,
    )
    return (step, *_validated(difference)) if key.validated and not at_once else (step,)


def _loosening(difference: Difference[ForeignKey]) -> tuple[Hazard, ...]:
    """That what the old one refuses is taken, as far as it is."""
    weaker = difference.actual is not None and weaker_foreign_key(difference.new, difference.old)
    return (Hazard.LOOSEN,) if weaker else ()


def validate(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    """Validate the existing rows: reads the table, blocks nobody."""
    return _validated(difference)


def _holding(new: ForeignKey, old: ForeignKey) -> bool:
    """Whether the one that is there refuses the rows that the expected one refuses."""
    return same_target(new, old) and not reasons(old)


def proven(difference: Difference[Any], paths: Iterable[ObjectPath]) -> Iterator[Step]:
    """Have PostgreSQL look at the rows of the foreign keys, as far as they were valid, that were put back without."""
    for path in paths:
        key: ForeignKey = difference.present["foreign_key"][path]
        if key.validated:
            ref = ObjectRef("foreign_key", path)
            yield from _validated(replace(difference, ref=ref, expected=key, actual=key, printed=None))


def _validated(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    ref = difference.ref
    return (
        Step(
            action=f"Validate the foreign key {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} validate constraint {ref.name}",),
            done=constraint_is(ref.path, "c.convalidated"),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=_tables(difference),
            provides=(valid(ref),),
            requires=(present(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.SCAN,),
            obstacle=obstacle(difference, _what(difference), _orphans(difference)),
            timeout=None,
        ),
    )


def drop(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    """Drop it; the rows stay."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the foreign key {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} drop constraint {ref.name}",),
            done=negated(constraint_is(ref.path)),
            locks=(difference.table, difference.old.target),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, inherited(ref.path)),
        ),
    )


def defer(difference: Difference[ForeignKey]) -> tuple[Step, ...]:
    """Change when it is checked; the rows need not be validated again."""
    ref, deferral = difference.ref, difference.new.deferral
    return (
        Step(
            action=f"Make the foreign key {ref.dotted} {deferral or 'not deferrable'}",
            ref=ref,
            sql=(f"alter table {difference.on} alter constraint {ref.name} {deferral or 'not deferrable'}",),
            done=constraint_is(ref.path, _deferred(deferral)),
            locks=(difference.table,),
            requires=(present(ref),),
            needs=(owning(ref.path),),
            hazards=_loosening(difference),
            obstacle=obstacle(difference, f"prevent {ref.name} from being altered", None, inherited(ref.path)),
        ),
    )


def rename(difference: Difference[ForeignKey], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract."""
    ref = difference.ref
    return (
        Step(
            action=f"Rename the foreign key {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter table {difference.on} rename constraint {found.name} to {ref.name}",),
            done=constraint_is(ref.path),
            locks=(difference.table,),
            provides=(present(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {found.name} from being renamed", None, inherited(found.path)),
        ),
    )


def _replacing(difference: Difference[ForeignKey]) -> str:
    name = difference.ref.name
    return f"alter table {difference.on} drop constraint {name}, add constraint {name} {_body(difference)}"


def _body(difference: Difference[ForeignKey]) -> str:
    key = difference.new
    actions = show_actions(key)
    parts = [show_target(key), actions if key.on_update or key.on_delete else "", key.deferral]
    parts.append("" if partitioned(difference) else "not valid")
    return " ".join(part for part in parts if part)


def _tables(difference: Difference[ForeignKey]) -> tuple[tuple[str, ...], ...]:
    found = (difference.table, difference.new.target)
    return found if difference.actual is None else tuple(dict.fromkeys((*found, difference.old.target)))


def _columns(difference: Difference[ForeignKey]) -> tuple[Condition, ...]:
    """The columns on both sides: those that are lacking, and the expected types, without which there is no equality."""
    key = difference.new
    sides = ((difference.table, key.columns), (key.target, key.target_columns))
    paths = [
        (*table, name) for table, names_ in sides for name in names_ if (*table, name) in difference.wanted["column"]
    ]
    lacking = (path for path in paths if path not in difference.present["column"])
    return (
        *(present(ObjectRef("column", path)) for path in lacking),
        *(fitting(ObjectRef("column", path)) for path in paths),
    )


def _keys(difference: Difference[ForeignKey]) -> tuple[Condition, ...]:
    """The unique key of the target, where the contract creates or changes it."""
    key = difference.new
    conditions: list[Condition] = []
    for path, wanted in _of_target(difference, "key", wanted=True):
        if wanted is None or wanted == difference.present["key"].get(path):
            continue
        if {*wanted.columns} == {*key.target_columns} if key.target_columns else wanted.type == "primary key":
            conditions += [present(ObjectRef("key", path)), fitting(ObjectRef("key", path))]
    # Without target columns it refers to the primary key, which is not an index of the contract.
    for path, wanted in _of_target(difference, "index", wanted=True) if key.target_columns else ():
        if wanted is None or wanted == difference.present["index"].get(path):
            continue
        if wanted.unique and unique_columns(wanted.definition) == frozenset(key.target_columns):
            conditions.append(fitting(ObjectRef("index", path)))
    return tuple(conditions)


def _of_target(difference: Difference[ForeignKey], kind: str, *, wanted: bool = False) -> list[tuple[ObjectPath, Any]]:
    """The objects of a kind on the table that is referred to; those of all tables are grouped once."""

    def grouped() -> dict[ObjectPath, list[tuple[ObjectPath, Any]]]:
        found: dict[ObjectPath, list[tuple[ObjectPath, Any]]] = {}
        for path, model in (difference.wanted if wanted else difference.present)[kind].items():
            found.setdefault(path[:2], []).append((path, model))
        return found

    return difference.once(("by table", kind, wanted), grouped).get(difference.new.target, [])


def _ceasing(difference: Difference[ForeignKey]) -> tuple[Condition, ...]:
    """That keys and indexes of the target went which will not be unique over its columns any more.

    PostgreSQL uses the oldest of those that are there, which could not go then.
    """
    key, wanted = difference.new, difference.wanted
    columns = frozenset(key.target_columns)
    conditions: list[Condition] = []
    for kind, unique in (("key", _columns_of_key), ("index", _columns_of_index)):
        for path, found in _of_target(difference, kind):
            if unique(found) != columns:
                continue
            expected, ref = wanted[kind].get(path, found), ObjectRef(kind, path)
            if expected is None:
                conditions.append(absent(ref))
            elif unique(expected) != columns:
                conditions.append(valid(ref) if kind == "key" else fitting(ref))
    return tuple(conditions)


def _columns_of_key(key: Any) -> frozenset[str]:
    return frozenset() if key.deferral or key.without_overlaps else frozenset(key.columns)


def _columns_of_index(index: Any) -> frozenset[str]:
    return unique_columns(index.definition) if index.unique else frozenset()


def _deferred(deferral: str) -> str:
    return f"c.condeferrable = {str(bool(deferral)).lower()} and c.condeferred = {str('initially' in deferral).lower()}"


def _as_expected(difference: Difference[ForeignKey]) -> str:
    """That it goes from the expected columns to the expected ones, with the expected actions."""
    key = difference.new
    parts = [
        f"c.confrelid = {relation(key.target)}",
        f"{names('c.conkey', 'c.conrelid')} = {array(key.columns)}",
        f"c.confmatchtype = '{'f' if key.match == 'full' else 's'}'",
        f"c.confupdtype = '{_CODES[key.on_update]}'",
        f"c.confdeltype = '{_CODES[key.on_delete.partition(' (')[0]]}'",
        f"coalesce(pg_catalog.to_jsonb(c) ->> 'conperiod' = 'true', false) = {str(key.period).lower()}",
        ENFORCED,
        FIRING,
    ]
    if key.target_columns:
        parts.append(f"{names('c.confkey', 'c.confrelid')} = {array(key.target_columns)}")
    else:
        parts.append(
            "exists (select from pg_catalog.pg_constraint p"
            " where p.conrelid = c.confrelid and p.contype = 'p' and p.conkey = c.confkey)"
        )
    if key.on_delete.startswith("set "):
        parts.append(f"{_SET_COLUMNS} = {array(_set_columns(key))}")
    return constraint_is(difference.ref.path, " and ".join(parts))


_CODES = {"": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}


# The columns of SET NULL (…) and SET DEFAULT (…), which PostgreSQL has from 15 on, by name.
_SET_COLUMNS = (
    "array(select a.attname::text from pg_catalog.jsonb_array_elements_text("
    "nullif(pg_catalog.to_jsonb(c) -> 'confdelsetcols', 'null')) as k (number)"
    " join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number::pg_catalog.int2"
    " order by a.attname)"
)


def _set_columns(key: ForeignKey) -> list[str]:
    _, _, columns = key.on_delete.partition(" (")
    return sorted(Fragment(f"({columns}").names()) if columns else []


def _what(difference: Difference[ForeignKey], *others: Hindrance) -> str:
    if others:
        return f"prevent {difference.ref.name} from being valid"
    return f"point to no row of {dotted(difference.new.target)}"


def _orphans(difference: Difference[ForeignKey]) -> RowsQuery | None:
    """The rows that point to nothing; None where it is not known to which columns they point."""
    key = difference.new
    targets = key.target_columns or next(
        (found.columns for found in difference.of_table("key", key.target).values() if found.type == "primary key"), ()
    )
    if len(targets) != len(key.columns) or key.period:  # of which several rows may cover one
        return None
    values = [column(difference, name) for name in key.columns]
    alias = "other" if difference.table[1] != "other" else "another"
    pairs = [f"{alias}.{quoted(target)} = {value.sql}" for target, value in zip(targets, values, strict=True)]
    whole = " and ".join(f"{value.sql} is not null" for value in values)
    where = f"{whole} and not exists (select from {dotted(key.target)} {alias} where {' and '.join(pairs)})"
    if key.match == "full" and len(values) > 1:  # which refuses a key of which only a part is null
        some = " or ".join(f"{value.sql} is not null" for value in values)
        where = f"({where} or ({some}) and not ({whole}))"
    hint = f"Delete them, set {', '.join(map(quoted, key.columns))} to null, or create the rows that they point to."
    return failing(difference, values, where, f"not in {dotted(key.target)}", hint)


CURE = Cure(
    create=create,
    drop=drop,
    alter={"target": exchange, "action": exchange, "deferral": defer, "validated": validate, "enforced": enforce},
    rename=rename,
    address=of_constraint,
)
