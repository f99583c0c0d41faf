"""Columns: added, relaxed and made NOT NULL without a long lock; a step that must rewrite every row says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import QUICK, Around, Composed, Hazard, Step
from sessionaudit.kinds.column.cure_filling import TABLES, address, fill, make_serial, remade, remake
from sessionaudit.kinds.column.cure_identity import change_options
from sessionaudit.kinds.column.cure_null import allow_nulls, in_primary_key, refuse_nulls, validate
from sessionaudit.kinds.column.kind import READ_DEFAULT, same_type
from sessionaudit.kinds.column.model import Column, show
from sessionaudit.kinds.column.rewrites import rewrites_when_added
from sessionaudit.kinds.common.address import of_column
from sessionaudit.kinds.common.carried_over import fixed
from sessionaudit.kinds.common.catalog_conditions import as_printed, column_is, relation
from sessionaudit.kinds.common.holder import holder, standing_on
from sessionaudit.kinds.common.obstacle_queries import Hindrance, obstacle
from sessionaudit.kinds.common.rights import owning, since
from sessionaudit.kinds.table.properties import NO_PARENT, parents_of
from sessionaudit.sql.text import UnclosedError, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent


def create(difference: Difference[Column]) -> tuple[Step, ...]:
    """Add it. Without a default, NOT NULL is set only when every row has a value."""
    if standing_on(difference) not in TABLES:  # a table that is to be created comes with its columns
        return ()
    if any(_comes(difference, parent) for parent in _parents(difference, difference.table)):
        return ()  # by its parent, with which it also goes
    ref, column = difference.ref, difference.new
    filled = column.default is not None or column.serial or column.identity or column.generated is not None
    empty = bool(column.not_null) and not filled
    definition = show(replace(column, not_null=False) if empty else column)
    rewrites = rewrites_when_added(difference)
    step = Step(
        action=f"Add the column {ref.dotted}",
        ref=ref,
        sql=(f"alter table {difference.on} add column {ref.name} {definition}",),
        done=column_is(ref.path, "true"),
        locks=(difference.table,),
        provides=(present(ref), *(present(ObjectRef("column", path)) for path in _inheriting(difference))),
        requires=(present(holder(difference)),),
        reads=(definition,),
        needs=(owning(ref.path), *((since(18, "virtual columns"),) if column.storage == "virtual" else ())),
        hazards=(Hazard.REWRITE,) if rewrites else (),
        obstacle=obstacle(difference, "in the way", None, _partition(difference)),
        timeout=None if rewrites else QUICK,
    )
    return (step, *refuse_nulls(difference)) if empty else (step,)


def _parents(difference: Difference[Column], table: ObjectPath) -> tuple[ObjectPath, ...]:
    found = difference.present["table"].get(table)
    parent = NO_PARENT if found is None else found.shape.parent or NO_PARENT
    partition, parents = parents_of(parent)
    return () if partition else parents


def _comes(difference: Difference[Column], parent: ObjectPath) -> bool:
    """Whether the contract has the same column for a parent of the table, which lacks it too."""
    path = (*parent, difference.ref.path[2])
    lacking = parent in difference.present["table"] and path not in difference.present["column"]
    return lacking and difference.wanted["column"].get(path) == difference.new


def _inheriting(difference: Difference[Column]) -> Iterator[ObjectPath]:
    """The same column of the tables that inherit from this one, as far as the contract states it and they lack it."""
    children: dict[ObjectPath, list[ObjectPath]] | None = difference.memory.get("tables by their parents")
    if children is None:
        children = {}
        for table in difference.present["table"]:
            for parent in _parents(difference, table):
                children.setdefault(parent, []).append(table)
        difference.memory["tables by their parents"] = children
    for child in children.get(difference.table, ()):
        path = (*child, difference.ref.path[2])
        if difference.wanted["column"].get(path) == difference.new and path not in difference.present["column"]:
            yield path


def _partition(difference: Difference[Column]) -> Hindrance:
    return Hindrance(
        "select pg_catalog.format('it is a partition of %s', h.inhparent::pg_catalog.regclass)"
        " from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relispartition"
        f" where h.inhrelid = {relation(difference.ref.path)}",
        "Add the column to the partitioned table; its partitions inherit it.",
    )


def drop(difference: Difference[Column]) -> tuple[Step, ...]:
    """Drop it with its values, where nothing else uses it; its indexes and constraints go with it."""
    if standing_on(difference) not in TABLES:
        return ()
    ref = difference.ref
    sql = (f"alter table {difference.on} drop column {ref.name}",)

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed(sql, stuck=fixed(found, ref.path), help="Change what depends on it first, or keep it.")

    return (
        Step(
            action=f"Drop the column {ref.dotted} with its values",
            ref=ref,
            sql=sql,
            done=negated(column_is(ref.path, "true")),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.DATA_LOSS, *((Hazard.LOOSEN,) if _takes_guards(difference) else ())),
            around=Around(address(difference), compose),
        ),
    )


def _takes_guards(difference: Difference[Column]) -> bool:
    """Whether dropping it also drops a constraint or unique index on other columns that is not declared absent."""
    table, name, present = difference.table, difference.ref.path[2], difference.present
    columns = {path[2] for path in present["column"] if path[:2] == table}
    for kind in ("key", "foreign_key", "check", "exclusion", "index"):
        for path, found in present[kind].items():
            if path[:2] != table or difference.wanted[kind].get(path, found) is None:
                continue
            if kind == "index" and not found.unique:
                continue
            text = found.expression if kind == "check" else getattr(found, "definition", "")
            named = columns.intersection(_words(text) if text else found.columns)
            if name in named and len(named) > 1:
                return True
    return False


def _words(text: str) -> set[str]:
    try:
        return {unquote(token.text) for token in tokens(text) if token.sort in {"word", "quoted"}}
    except UnclosedError:  # which the server does not print
        return set()


def relieve(difference: Difference[Column]) -> tuple[Step, ...]:
    """Drop NOT NULL where inserts that omit the column fail, so that callers that do not know it can insert again."""
    return allow_nulls(difference) if difference.old.blocking and not in_primary_key(difference) else ()


def retype(difference: Difference[Column]) -> tuple[Step, ...]:
    """Change the type or the collation."""
    from sessionaudit.kinds.column import cure_type  # noqa: PLC0415 - is slow to load, and a missing column needs none of it

    return cure_type.retype(difference)


def change_nullability(difference: Difference[Column]) -> tuple[Step, ...]:
    """Allow nulls at once, or reject them when every row is known to have a value."""
    if standing_on(difference) not in TABLES:
        return ()
    if remade(difference):
        return remake(difference)
    return refuse_nulls(difference) if difference.new.not_null else allow_nulls(difference)


def change_default(difference: Difference[Column]) -> tuple[Step, ...]:
    """Set the default; existing rows keep their values."""
    ref, new, old = difference.ref, difference.new, difference.old
    if standing_on(difference) not in TABLES:
        return ()
    if remade(difference):
        return remake(difference)
    if new.serial:
        return _typed_first(difference, make_serial(difference))
    if new.default is not None and same_type(new, old) is False:
        return retype(difference)  # sets it, too
    column = f"alter table {difference.on} alter column {ref.name}"
    if new.default is None:
        step = Step(
            action=f"Drop the default of {ref.dotted}",
            ref=ref,
            sql=(f"{column} drop default",),
            done=negated(column_is(ref.path, "a.atthasdef")),
            locks=(difference.table,),
            needs=(owning(ref.path),),
            hazards=() if new.bare else (Hazard.LOOSEN,),
        )
        return (step,)
    # A default of the current type is not printed as one of the new type.
    asked = difference if new.type == old.type else replace(difference, printed=None)
    return (
        Step(
            action=f"Set the default of {ref.dotted}",
            ref=ref,
            sql=(f"{column} set default {new.default}",),
            done=as_printed(READ_DEFAULT, asked, old.default),
            locks=(difference.table,),
            reads=(new.type, new.default),
            needs=(owning(ref.path),),
        ),
    )


def change_filling(difference: Difference[Column]) -> tuple[Step, ...]:
    """Set what fills it, once it has a type that allows that."""
    return _typed_first(difference, fill(difference))


def _typed_first(difference: Difference[Column], steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps after those that give it the expected type, if it has another one."""
    other = same_type(difference.new, difference.old) is False and difference.new.generated is None
    # Without its `provides`: the steps that follow do not depend on it.
    first = (replace(step, provides=()) for step in retype(difference))
    return (*first, *steps) if steps and other else steps


CURE = Cure(
    create=create,
    drop=drop,
    alter={
        "type": retype,
        "nullability": change_nullability,
        "default": change_default,
        "generation": change_filling,
        "identity_options": change_options,
        "collation": retype,
        "validated": validate,
    },
    relieve=relieve,
    address=of_column,
)
