"""Aggregates: replaced in place, which keeps grants and dependents; recreated where PostgreSQL cannot replace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, array, negated, present
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.aggregate.model import FUNCTIONS, MODIFY, OPTIONS, Aggregate, show
from sessionaudit.kinds.aggregate.signature import in_sql
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.ownership import adopted, adopting, becoming_owner
from sessionaudit.kinds.common.recreated_routine import depending, giving_back, recreated
from sessionaudit.kinds.common.rights import creating_in, owning_of
from sessionaudit.kinds.function.cure_execution import ExecutionCures, there
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

# What decides which type it returns, and what the server keeps of an aggregate that is replaced.
_OF_RESULT = ("stype", "finalfunc", "finalfunc_extra", "hypothetical")


def create(difference: Difference[Aggregate]) -> tuple[Step, ...]:
    """Create it."""
    ref, new = difference.ref, difference.new
    sql = f"create or replace aggregate {_created(ref.path, new)}"
    called = f"aggregate {in_sql(ref.path, new.listed)}"
    step = _written(difference, f"Create the aggregate {ref.dotted}", (sql, adopted(called, ref.path)))
    if new.grants is not None:
        # In the same transaction: every role may use a new aggregate until EXECUTE is revoked from PUBLIC.
        step = replace(
            step,
            sql=(*step.sql, _EXECUTION.set_exactly(ref, new.grants)),
            done=f"({step.done} and {_EXECUTION.exactly(ref.path, new.grants)})",
            needs=(*step.needs, *there(new.grants)),
            hazards=tuple(dict.fromkeys((*step.hazards, Hazard.RIGHTS))),
        )
    return (step, *give(difference))


def replace_aggregate(difference: Difference[Aggregate]) -> tuple[Step, ...]:
    """Replace it with the expected one, or recreate it where it may return another type."""
    ref, new, old = difference.ref, difference.new, difference.old
    if new.listed != old.listed or any(new.option(name) != _as(new, old, name) for name in _OF_RESULT):
        return _anew(difference)
    sql = f"create or replace aggregate {_created(ref.path, new)}"
    return (_written(difference, f"Replace the aggregate {ref.dotted}", (sql,)),)


def _as(new: Aggregate, old: Aggregate, name: str) -> str | None:
    """The existing value, as the contract spells it if it is the same."""
    wanted, found = new.option(name), old.option(name)
    alike = {f"pg_catalog.{wanted}", f"{quoted(new.schema)}.{wanted}"}
    return wanted if name in FUNCTIONS and found in alike else found


def _anew(difference: Difference[Aggregate]) -> tuple[Step, ...]:
    """Drop it and create the expected one in one transaction; what belongs to the old one is carried over."""
    ref, new, old = difference.ref, difference.new, difference.old
    sql = recreated(
        ref, f"drop aggregate {in_sql(ref.path, old.listed)}", f"create aggregate {_created(ref.path, new)}"
    )
    step = _written(difference, f"Recreate the aggregate {ref.dotted}", (sql,))
    there = found(ref.path)
    needs = (*step.needs, giving_back(ref.path, there))
    return (replace(step, needs=needs, hazards=(Hazard.DROP,), obstacle=depending(ref, there)),)


def give(difference: Difference[Aggregate]) -> tuple[Step, ...]:
    """Change its owner to the expected one."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None:
        return ()
    aggregate = in_sql(ref.path, (difference.actual or difference.new).listed)
    return (
        Step(
            action=f"Change the owner of the aggregate {ref.dotted} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter aggregate {aggregate} owner to {quoted(owner)}",),
            done=_is_there(ref.path, f"pg_catalog.pg_get_userbyid(p.proowner) = {literal(owner)}"),
            lock=LockLevel.NONE,
            requires=(present(ref),),
            needs=(
                _owning(ref.path),
                *becoming_owner(ref.path, owner),
            ),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def drop(difference: Difference[Aggregate]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while a view uses it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the aggregate {ref.dotted}",
            ref=ref,
            sql=(f"drop aggregate {in_sql(ref.path, difference.old.listed)}",),
            done=negated(_is_there(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def _written(
    difference: Difference[Aggregate],
    action: str,
    sql: tuple[str, ...],
) -> Step:
    ref, new, old = difference.ref, difference.new, difference.actual
    return Step(
        action=action,
        ref=ref,
        sql=sql,
        done=_as_written(ref.path, new),
        lock=LockLevel.NONE,
        provides=(present(ref),),
        reads=(show(new), new.listed),
        needs=(creating_in(ref.path[0]), *((_owning(ref.path),) if old else ())),
        wishes=() if old or new.owner else adopting(ref.path),
        called=True,
    )


def _created(path: ObjectPath, new: Aggregate) -> str:
    return f"{in_sql(path, new.listed)} {show(new)}"


# How the catalogs keep what is written


def found(path: ObjectPath) -> str:
    """The aggregate as pg_proc `p`."""
    schema, name, types = map(literal, path)
    return (
        "(select p.* from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace"
        f" where n.nspname = {schema} and p.proname = {name} and p.prokind = 'a'"
        " and '(' || pg_catalog.array_to_string(array(select pg_catalog.format_type(a.type, null)"
        " from pg_catalog.unnest(p.proargtypes) with ordinality a (type, position) order by a.position), ', ') || ')'"
        f" = {types}) p"
    )


def _is_there(path: ObjectPath, condition: str = "true") -> str:
    return f"exists (select from {found(path)} where {condition})"


_FUNCTIONS = {
    "sfunc": "transfn",
    "finalfunc": "finalfn",
    "combinefunc": "combinefn",
    "serialfunc": "serialfn",
    "deserialfunc": "deserialfn",
    "msfunc": "mtransfn",
    "minvfunc": "minvtransfn",
    "mfinalfunc": "mfinalfn",
}
_CODES = {"read_only": "r", "shareable": "s", "read_write": "w", "unsafe": "u", "restricted": "r", "safe": "s"}


def _as_written(path: ObjectPath, new: Aggregate) -> str:
    """That each option is the expected one, as far as the catalogs tell without the contract's search path."""
    parts = [f"g.aggkind {'=' if 'order by' not in new.listed else '<>'} 'n'"]
    parts.append(f"{'' if 'variadic ' in new.listed else 'not '}p.provariadic <> 0")
    usual = "w" if "order by" in new.listed else "r"
    for name in OPTIONS:
        value = new.option(name)
        if name in _FUNCTIONS:
            parts.append(_called(f"g.agg{_FUNCTIONS[name]}", value, new.schema))
        elif name in {"initcond", "minitcond"}:
            parts.append(f"g.agg{name[:-4]}val is not distinct from {literal(value) if value is not None else 'null'}")
        elif name in {"sspace", "msspace"}:
            parts.append(f"g.agg{'m' if name[0] == 'm' else ''}transspace = {value or 0}")
        elif name in {"finalfunc_extra", "mfinalfunc_extra"}:
            parts.append(f"{'' if value else 'not '}g.agg{name.replace('func_', '')}")
        elif name in MODIFY:
            parts.append(f"g.agg{name.replace('func_', '')} = '{_CODES[value] if value else usual}'")
        elif name == "parallel":
            parts.append(f"p.proparallel = '{_CODES[value or 'unsafe']}'")
        elif name in {"stype", "mstype"}:
            parts.append(_typed(f"g.agg{'m' if name[0] == 'm' else ''}transtype", value, new.schema))
        elif name == "sortop":
            parts.append(_ordering(value))
    every = " and ".join(parts)
    return _is_there(path, f"exists (select from pg_catalog.pg_aggregate g where g.aggfnoid = p.oid and {every})")


def _called(column: str, value: str | None, schema: str) -> str:
    if value is None:
        return f"{column} = 0"
    owner, name = Fragment(value).qualified("")
    schemas = array([owner] if owner else [schema, "pg_catalog"])
    return (
        "exists (select from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace"
        f" where f.oid = {column} and f.proname = {literal(name)} and n.nspname = any ({schemas}))"
    )


def _typed(column: str, value: str | None, schema: str) -> str:
    if value is None:
        return f"{column} = 0"
    return f"pg_catalog.format_type({column}, null) in ({literal(value)}, {literal(f'{quoted(schema)}.{value}')})"


def _ordering(value: str | None) -> str:
    if value is None:
        return "g.aggsortop = 0"
    name = value.removeprefix("operator(").removesuffix(")").rpartition(".")[2]
    return f"exists (select from pg_catalog.pg_operator o where o.oid = g.aggsortop and o.oprname = {literal(name)})"


def _owning(path: ObjectPath) -> Need:
    return owning_of("p.proowner", f"from {found(path)}", dotted(path))


def _noun(_aggregate: Aggregate) -> str:
    return "aggregate"


def _sort(_aggregate: Aggregate) -> str:
    return "routine"


_EXECUTION = ExecutionCures(_noun, _sort, found)

CURE = Cure(
    create=create,
    drop=drop,
    alter={
        "definition": replace_aggregate,
        "arguments": replace_aggregate,
        "owner": give,
        "grants": _EXECUTION.grant,
        "excess": _EXECUTION.revoke,
        "option": _EXECUTION.keep_to_itself,
    },
    address=lambda path: at("pg_proc", "p.oid", found(path)),
)
