"""A range type exchanged for another of its name, with its columns, where each of their values stays the same."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import block, present, spare
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Hazard, Step
from sessionaudit.kinds.column.cure_loss import each_survives
from sessionaudit.kinds.common.carried_over import compiled, locked, owned, stuck
from sessionaudit.kinds.common.catalog_conditions import type_oid
from sessionaudit.kinds.common.exchanged_type import aside, exchanged_type
from sessionaudit.kinds.common.rights import creating_in
from sessionaudit.kinds.common.types import is_type, owning_type, type_address, type_is
from sessionaudit.kinds.range_type.model import show
from sessionaudit.sql.text import literal, quoted, tokens, unquote

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.step import Dependent
    from sessionaudit.kinds.range_type.model import RangeType

_NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}
# Under which a text that is printed of a value is read as the same.
_SETTINGS = (
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
)


def exchange(difference: Difference[RangeType]) -> tuple[Step, ...]:
    """Make the type anew and turn every column to it, in one transaction; only where no value becomes another."""
    ref, new = difference.ref, difference.new
    if not _keeps_values(difference):
        return ()
    return (
        Step(
            action=f"Recreate the range type {ref.dotted} {show(new)}, and convert its columns",
            ref=ref,
            sql=_composed(difference, ()).sql,
            done=type_is(ref.path, f"t.typtype = 'r' and {_made(difference)}"),
            provides=(present(ref),),
            reads=(show(new),),
            needs=(owning_type(ref.path), creating_in(ref.path[0])),
            hazards=(Hazard.REWRITE,),
            settings=_SETTINGS,
            around=Around(type_address(ref.path, goes=False, rebuilt=True), partial(_composed, difference)),
            timeout=None,
        ),
    )


def _keeps_values(difference: Difference[RangeType]) -> bool:
    """Whether it is known that each value stays the same, in its own text.

    A canonical function brings values into another form, and must know the type before it is there.
    """
    new, old = difference.new, difference.old
    if new.canonical or old.canonical or new.multirange not in {"", old.multirange}:
        return False
    had, gets = old.subtype, new.subtype
    return had == gets or ({had, gets} <= _NUMBERS and each_survives(had, gets))


def by_hand(difference: Difference[RangeType]) -> str:
    """What a person does where values may become others."""
    ref, new = difference.ref, difference.new
    own = {ref.dotted, *([ref.name] if ref.path[0] == difference.schema else [])}
    columns = [
        (f"ALTER TABLE {dotted(path[:2])} ALTER {quoted(path[2])} TYPE", quoted(path[2]), one.type[len(name) :])
        for path, one in difference.present["column"].items()
        for name in own
        if one.type in {name, f"{name}[]"}
    ] or [("ALTER TABLE … ALTER … TYPE", "…", "")]
    statements = [f"{alter} text{many} USING {name}::text{many};" for alter, name, many in columns]
    statements.append(f"DROP TYPE {ref.dotted};")
    if new.canonical:
        statements.append(f"CREATE TYPE {ref.dotted}; (create the function {new.canonical})")
    statements.append(f"CREATE TYPE {ref.dotted} {show(new)};")
    statements += [f"{alter} {ref.dotted}{many} USING {name}::{ref.dotted}{many};" for alter, name, many in columns]
    return (
        "Values may become others: a person must decide. In one transaction, drop the indexes, defaults, views and "
        f"functions that use the type, run {' '.join(statements)} and create those again."
    )


def _composed(difference: Difference[RangeType], found: tuple[Dependent, ...]) -> Composed:
    ref = difference.ref
    kept = replace(difference.new, multirange=difference.old.multirange)
    left = stuck(found, ref.path)
    return Composed(
        sql=exchanged_type(ref, (_renamed(difference), f"create type {ref.dotted} {show(kept)}"), found, _text),
        told=" ".join(compiled(found)),
        locks=locked(found),
        needs=owned(found),
        stuck=left,
        help="Drop it and recreate it yourself." if left else "",
    )


def _text(one: Dependent) -> str:
    return f"{dotted(one.path[2:])}::text{'[]' if one.text.endswith('[]') else ''}"


def _renamed(difference: Difference[RangeType]) -> str:
    """Let go the names of what belongs to the old type: its constructors and, since PostgreSQL 14, the multirange."""
    ref = difference.ref
    other, multirange = literal(aside(ref)), literal(spare(ref.path[-1], "exchanged multirange"))
    return block(
        "declare\n  one record;\nbegin\n"
        "  for one in select m.oid, m.oid <> r.rngtypid as many from pg_catalog.pg_range r cross join lateral"
        " pg_catalog.unnest(array[r.rngtypid, (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::pg_catalog.oid]) as m (oid)"
        f" where r.rngtypid = {type_oid(ref.path)} and m.oid is not null loop\n"
        "    execute coalesce((select pg_catalog.string_agg(pg_catalog.format("
        f"'alter function %s rename to %I', d.objid::pg_catalog.regprocedure, {other}), ';')"
        " from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
        " and d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass"
        " and d.refobjid = one.oid and d.deptype = 'i'), '');\n"
        "    if one.many then\n"
        "      execute pg_catalog.format("
        f"'alter type %s rename to %I', one.oid::pg_catalog.regtype, {multirange});\n"
        "    end if;\n"
        "  end loop;\nend"
    )


def _made(difference: Difference[RangeType]) -> str:
    """Whether it is made as expected, for pg_type `t`."""
    new = difference.new
    conditions = [
        is_type("pg_catalog.format_type(r.rngsubtype, null)", new.subtype, difference.schema),
        _is(new.opclass, "opc", "r.rngsubopc", "pg_opclass", "o.opcdefault"),
        _is(new.diff, "pro", "r.rngsubdiff", "pg_proc", ""),
        _is(new.collation, "coll", "r.rngcollation", "pg_collation", ""),
    ]
    return f"exists (select from pg_catalog.pg_range r where r.rngtypid = t.oid and {' and '.join(conditions)})"


def _is(name: str, prefix: str, oid: str, catalog: str, usual: str) -> str:
    """Whether an object of a range has a name; "" is the usual one, or none."""
    if not name and prefix == "coll":
        return f"{oid} = (select s.typcollation from pg_catalog.pg_type s where s.oid = r.rngsubtype)"
    if not name and not usual:
        return f"{oid}::pg_catalog.oid = 0"
    named = [unquote(token.text) for token in tokens(name) if token.text != "."]
    condition = f"o.{prefix}name = {literal(named[-1])}" if named else usual
    if len(named) > 1:
        condition += f" and o.{prefix}namespace::pg_catalog.regnamespace::text = {literal(quoted(named[0]))}"
    return f"exists (select from pg_catalog.{catalog} o where o.oid = {oid} and {condition})"
