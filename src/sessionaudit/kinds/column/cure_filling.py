"""What fills a column that an insert omits: a sequence, or an expression over the row."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import block, fitting
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Step
from sessionaudit.kinds.column.cure_null import refuse_nulls
from sessionaudit.kinds.column.kind import READ_DEFAULT
from sessionaudit.kinds.column.model import Column, show, show_generation
from sessionaudit.kinds.common.carried_over import around, compiled, is_stuck, locked, owned, rehearsed, stuck
from sessionaudit.kinds.common.catalog_conditions import as_printed, column_is, relation
from sessionaudit.kinds.common.holder import standing_on
from sessionaudit.kinds.common.ownership import hand_over, handing_over, owning_sequence
from sessionaudit.kinds.common.rights import creating_in, owning, since
from sessionaudit.kinds.sequence import options as sequence_options
from sessionaudit.sql.text import doubled, literal, quoted, sent

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.step import Dependent

TABLES = ("table", "partitioned table")
_NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'::regclass\)\Z")
_CODES = {"": "", "always": "a", "by default": "d", "stored": "s", "virtual": "v"}


def fill(difference: Difference[Column]) -> tuple[Step, ...]:
    """Set what fills it, in place where PostgreSQL can; a generated column usually has to be recreated."""
    new, old = difference.new, difference.old
    if standing_on(difference) not in TABLES:
        return ()
    if new.generated is not None:
        return remake(difference)
    if old.storage == "virtual":  # its values are stored nowhere, so that it cannot keep them
        return ()
    if new.identity and old.identity:
        return (_step(difference, f"set generated {new.identity}"),)
    if new.identity:
        return _identify(difference)
    taken = "drop expression if exists" if old.generated is not None else "drop identity if exists"
    if new.serial:
        return make_serial(difference, taken)
    return (_plain(difference, taken),)


def _step(difference: Difference[Column], action: str) -> Step:
    ref, new = difference.ref, difference.new
    return Step(
        action=f"Make {ref.dotted} {show_generation(new)}",
        ref=ref,
        sql=(f"alter table {difference.on} alter column {ref.name} {action}",),
        done=column_is(ref.path, f"a.attidentity = '{_CODES[new.identity]}'"),
        locks=(difference.table,),
        needs=(owning(ref.path),),
    )


def _plain(difference: Difference[Column], taken: str) -> Step:
    """Make it an ordinary column, with its default if it has one; the values stay."""
    ref, new = difference.ref, difference.new
    on, bare = f"alter table {difference.on} alter column {ref.name}", "a.attidentity = '' and a.attgenerated = ''"
    default = () if new.default is None else (f"{on} set default {new.default}",)
    return Step(
        action=f"Make {ref.dotted} an ordinary column",
        ref=ref,
        sql=(f"{on} {taken}", *default),
        done=column_is(ref.path, f"{bare} and a.atthasdef" if default else bare),
        locks=(difference.table,),
        provides=(fitting(ref),),
        reads=(new.type, new.default) if new.default else (),
        needs=(owning(ref.path),),
        # Inserts that omit it rely on what fills it.
        hazards=() if default else (Hazard.LOOSEN,),
    )


# Sequences


def sequence_of(default: str | None) -> str | None:
    """The sequence, as SQL spells it, whose next value a default is; None where it is another one."""
    found = _NEXTVAL.match(default or "")
    return found[1].replace("''", "'") if found else None


def serial_is(path: tuple[str, ...]) -> str:
    """Whether the column's default takes the next value of a sequence that it owns."""
    return column_is(
        path,
        "exists (select from pg_catalog.pg_attrdef d join pg_catalog.pg_depend u"
        " on u.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and u.objid = d.oid"
        " join pg_catalog.pg_depend s on s.objid = u.refobjid"
        " and s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
        " and s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype = 'a'"
        " join pg_catalog.pg_class q on q.oid = s.objid and q.relkind = 'S'"
        " where d.adrelid = a.attrelid and d.adnum = a.attnum"
        " and u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)",
    )


def make_serial(difference: Difference[Column], taken: str = "") -> tuple[Step, ...]:
    """Give it a sequence of its own, which starts after the highest value; `taken` removes what fills it now."""
    ref, sequence = difference.ref, sequence_of(difference.old.default)
    if sequence and not difference.old.serial:
        handed = "\n  ".join(hand_over(sequence, difference.table, ref.path[2]))
        step = Step(
            action=f"Make {ref.dotted} the owner of the sequence {sequence}",
            ref=ref,
            sql=(block(f"begin\n  {handed}\nend"),),
            done=serial_is(ref.path),
            lock=LockLevel.ACCESS_SHARE,
            locks=(difference.table,),
            needs=(owning(ref.path), owning_sequence(sequence), handing_over(difference.table)),
        )
        return (step,)
    column = f"alter table {difference.on} alter column {ref.name}"
    default = f"execute pg_catalog.format('{_within_pattern(column)} set default pg_catalog.nextval(%L)', had);"
    if difference.old.identity:  # which drops its sequence; nobody can use it meanwhile
        made = _made(difference)
        lines = [*_taken_over(difference), f"{column} drop identity;", *made, _SET, default]
    else:
        lines = [f"{column} {taken};", default] if taken else [default]
    step = Step(
        action=f"Fill {ref.dotted} from a sequence of its own",
        ref=ref,
        sql=(_with_sequence(difference, lines),),
        done=serial_is(ref.path),
        locks=(difference.table,),
        needs=(owning(ref.path), *((handing_over(difference.table),) if difference.old.identity else ())),
    )
    return (step,) if difference.old.identity else (_counted(difference, serial_is(ref.path)), step)


def _identify(difference: Difference[Column]) -> tuple[Step, ...]:
    """Make it an identity that continues where its sequence stood, or after the highest value."""
    ref, new, old = difference.ref, difference.new, difference.old
    column = f"alter table {difference.on} alter column {ref.name}"
    step = Step(
        action=f"Make {ref.dotted} generated {new.identity} as identity",
        ref=ref,
        sql=(
            _with_sequence(
                difference,
                [
                    *_taken_over(difference),
                    f"{column} drop {'default' if old.generated is None else 'expression if exists'};",
                    "execute pg_catalog.format('drop sequence %s', had);",
                    *_added(column, new),
                ],
            ),
        ),
        done=column_is(ref.path, f"a.attidentity = '{_CODES[new.identity]}'"),
        locks=(difference.table,),
        needs=(owning(ref.path),),
    )
    nulls = () if old.not_null else refuse_nulls(difference)
    return (*nulls, step) if old.serial else (*nulls, _counted(difference, step.done), step)


def _added(column: str, new: Column) -> list[str]:
    """The statements that make it an identity whose next value is `next_value`, with the options that are stated."""
    added = f"{column} add generated {new.identity} as identity"
    if new.counting is None:
        return [f"execute pg_catalog.format('{_within_pattern(added)} (start with %s)', next_value);"]
    stated = " ".join(sequence_options.clauses(new.counting))
    return [
        f"{added} ({stated});",
        f"execute pg_catalog.format('{_within_pattern(column)} restart with %s', next_value);",
    ]


def _counted(difference: Difference[Column], finished: str) -> Step:
    """A sequence that starts after the highest value, before it is used: that may read the whole table."""
    ref = difference.ref
    made = [f"  {line}" for line in _made(difference)]
    highest = f"greatest(pg_catalog.max(r.{ref.name}) + 1, pg_catalog.nextval(had))"
    lines = ["if had is null then", *made, "end if;", f"select {highest} into next_value from {difference.on} r;", _SET]
    unused = column_is(
        ref.path,
        "exists (select from pg_catalog.pg_depend s join pg_catalog.pg_class q on q.oid = s.objid and q.relkind = 'S'"
        " join pg_catalog.pg_namespace n on n.oid = q.relnamespace join pg_catalog.pg_sequences u"
        " on u.schemaname = n.nspname and u.sequencename = q.relname and u.last_value is null"
        " where s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and s.refclassid = s.classid"
        " and s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype = 'a')",
    )
    return Step(
        action=f"Create a sequence that starts after the highest {ref.dotted}",
        ref=ref,
        sql=(_with_sequence(difference, lines),),
        done=f"({finished} or {unused})",
        lock=LockLevel.ACCESS_SHARE,
        locks=(difference.table,),
        needs=(owning(ref.path), creating_in(ref.path[0]), handing_over(difference.table)),
        hazards=(Hazard.SCAN,),
        timeout=None,
    )


_SET = "perform pg_catalog.setval(had, next_value, false);"


def _taken_over(difference: Difference[Column]) -> list[str]:
    """The next value of the column's sequence; the lock keeps others from taking another."""
    return [f"lock table {difference.on} in access exclusive mode;", "next_value := pg_catalog.nextval(had);"]


def _made(difference: Difference[Column]) -> list[str]:
    sequence = _sequence(difference.ref.path)
    return [
        f"create sequence {sequence} as {difference.new.type};",
        *hand_over(sequence, difference.table, difference.ref.path[2]),
        f"had := {literal(sequence)};",
    ]


def _with_sequence(difference: Difference[Column], lines: list[str]) -> str:
    """A block that knows the sequence of the column, if it has one."""
    found = f"pg_catalog.pg_get_serial_sequence({literal(difference.on)}, {literal(difference.ref.path[2])})"
    body = "#variable_conflict use_variable\n" + "\n  ".join(
        ("declare", f"had pg_catalog.regclass := {found};", "next_value bigint;")
    )
    return block(body + "\nbegin\n  " + "\n  ".join(lines) + "\nend")


def _sequence(path: tuple[str, ...]) -> str:
    """The name that PostgreSQL would give to the column's sequence: one that is too long is cut in both parts."""
    table, column = (
        sent(part)[: max(29, 58 - len(sent(other)))].decode(errors="ignore")
        for part, other in ((path[1], path[2]), (path[2], path[1]))
    )
    return f"{quoted(path[0])}.{quoted(f'{table}_{column}_seq')}"


def _within_pattern(statement: str) -> str:
    """A statement as a part of a pattern of `format`."""
    return doubled(statement.replace("'", "''"))


# Generated columns


def remade(difference: Difference[Column]) -> bool:
    """Whether the column is dropped and recreated, so that all its other facets come with that."""
    return difference.new.generated is not None and difference.new.storage != difference.old.storage


def remake(difference: Difference[Column], *, anew: bool = False) -> tuple[Step, ...]:
    """Recreate the column as generated; PostgreSQL 17 and later change the expression of a stored one in place.

    With `anew` they do not, since a change of type needs more.
    """
    ref, new, old = difference.ref, difference.new, difference.old
    same = new.storage == old.storage
    in_place = same and new.storage == "stored" and not anew
    there = column_is(ref.path, f"a.attgenerated = '{_CODES[new.storage]}'")
    goes = "pg_catalog.current_setting('server_version_num')::int < 170000" if in_place else "true"
    lost = (Hazard.DATA_LOSS,) if old.generated is None else ()
    freed = (Hazard.LOOSEN,) if old.not_null and not new.not_null else ()  # it is recreated as the contract states it
    return (
        Step(
            action=f"Recreate {ref.dotted}, {show_generation(new)}",
            ref=ref,
            sql=_remaking(difference, ()).sql,
            done=f"({there} and {as_printed(READ_DEFAULT, difference, old.generated)})" if same else there,
            locks=(difference.table,),
            reads=(show(new),),
            needs=(owning(ref.path), *((since(18, "virtual columns"),) if new.storage == "virtual" else ())),
            hazards=(*lost, *freed, *((Hazard.REWRITE,) if new.storage == "stored" else ())),
            around=Around(address(difference, goes=goes), partial(_remaking, difference)),
            timeout=None,
        ),
    )


def _remaking(difference: Difference[Column], found: tuple[Dependent, ...]) -> Composed:
    ref, new = difference.ref, difference.new
    column = f"alter table {difference.on} alter column {ref.name}"
    itself = next((one for one in found if one.path == ref.path and (one.take or is_stuck(one))), None)
    if found and itself is None:
        bonds = (put for one in found if one.sort == "bond" for put in one.put)
        return Composed((f"{column} set expression as ({new.generated})", *bonds))
    # Its storage and its statistics were chosen for its type.
    same = new.type == difference.old.type
    kept = [put for put in (itself.put[1:] if itself else ()) if same or not put.startswith("alter table ")]
    others = tuple(one for one in found if one is not itself)
    add = f"alter table {difference.on} add column {ref.name} {show(new)}"
    dropped = f"alter table {difference.on} drop column {ref.name}"
    return Composed(
        around(others, (dropped, add, *kept)),
        rehearsal=rehearsed(others, (difference.table,), (), (dropped, add)),
        locks=locked(found),
        needs=owned(found),
        stuck=stuck(found, ref.path),
        help="Drop it and recreate it yourself.",
        told=" ".join(compiled(others)),
    )


def address(difference: Difference[Any], *, goes: str = "false", rebuilt: bool = False) -> str:
    """The query of the column's address, for `core.step.Around`."""
    return (
        f"select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum, {goes}, {str(rebuilt).lower()}"
        f" from pg_catalog.pg_attribute a where a.attrelid = {relation(difference.ref.path)}"
        f" and a.attname = {literal(difference.ref.path[2])} and not a.attisdropped"
    )
