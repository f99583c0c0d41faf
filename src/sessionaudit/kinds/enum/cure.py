"""Enum types: a value is added in place; where one must go, or change its place, the type is made anew."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, array, negated, present
from sessionaudit.core.node import close, nearest
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.address import of_type
from sessionaudit.kinds.common.carried_over import compiled, fixed, left_out, listed, locked, owned, stuck, unwanted
from sessionaudit.kinds.common.catalog_conditions import type_oid
from sessionaudit.kinds.common.exchanged_type import exchanged_type
from sessionaudit.kinds.common.holder import key_of
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in, owning_of
from sessionaudit.kinds.enum.model import Enum, unfit
from sessionaudit.kinds.enum.swap import converted, naming, naming_texts, respelled
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.core.step import Dependent


def create(difference: Difference[Enum]) -> tuple[Step, ...]:
    """Create the type with its values."""
    ref = difference.ref
    return (
        Step(
            action=f"Create the enum {ref.dotted}",
            ref=ref,
            sql=(_create(difference), adopted(f"type {ref.dotted}", ref.path)),
            done=_is(difference, "true"),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(creating_in(ref.path[0]),),
            wishes=adopting(ref.path),
            obstacle=Obstacle(
                rows=(
                    "select null as key, pg_catalog.format('%s has this name, and is not an enum', "
                    "pg_catalog.pg_describe_object('pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0))"
                    f" from pg_catalog.pg_type t where t.oid = {_type(difference)} and t.typtype <> 'e'"
                ),
                what="in the way",
                hint="Rename it, or give the enum another name in the contract.",
            ),
        ),
    )


def drop(difference: Difference[Enum]) -> tuple[Step, ...]:
    """Drop it, where nothing uses it any more."""
    ref = difference.ref
    sql = f"drop type {ref.dotted}"

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed((sql,), stuck=fixed(found, ref.path), help="Change what depends on it first, or keep it.")

    return (
        Step(
            action=f"Drop the enum {ref.dotted}",
            ref=ref,
            sql=(sql,),
            done=negated(_is(difference, "true")),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(difference),),
            hazards=(Hazard.DROP,),
            around=Around(_address(difference), compose),
        ),
    )


def change(difference: Difference[Enum]) -> tuple[Step, ...]:
    """Rename and add values in place where that leads to the expected ones; else exchange the type."""
    expected, there = difference.new.values, difference.old.values
    renamed = {old: new for old, new in difference.new.replace if old in there and new not in there}
    known = [renamed.get(value, value) for value in there]
    if len(set(known)) < len(known) or not _subsequence(known, expected):
        return (_swap(difference),)
    steps = [_rename_value(difference, old, new) for old, new in renamed.items()]
    for place, value in enumerate(expected):
        if value not in known:
            first = next((other for other in expected if other in known), None)
            after = expected[place - 1] if place else None
            steps.append(_add_value(difference, value, after=after, before=first))
            known.append(value)
    return (*steps[:-1], replace(steps[-1], provides=(present(difference.ref),)))


def _subsequence(values: Iterable[str], of: Iterable[str]) -> bool:
    rest = iter(of)
    return all(value in rest for value in values)


def _rename_value(difference: Difference[Enum], old: str, new: str) -> Step:
    ref = difference.ref
    return Step(
        action=f"Rename the value {_said(old)} of the enum {ref.dotted} to {_said(new)}",
        ref=ref,
        sql=(f"alter type {ref.dotted} rename value {literal(old)} to {literal(new)}",),
        done=_has(difference, new),
        lock=LockLevel.NONE,
        needs=(_owning(difference),),
        hazards=(Hazard.DROP,),
    )


def _add_value(difference: Difference[Enum], value: str, *, after: str | None, before: str | None) -> Step:
    ref = difference.ref
    place = "" if before is None else f" before {literal(before)}" if after is None else f" after {literal(after)}"
    return Step(
        action=f"Add the value {_said(value)} to the enum {ref.dotted}",
        ref=ref,
        sql=(f"alter type {ref.dotted} add value {literal(value)}{place}",),
        done=_has(difference, value),
        lock=LockLevel.NONE,
        needs=(_owning(difference),),
    )


def _difference(difference: Difference[Enum]) -> str:
    """Say which values go and which come, with which the columns are to be converted."""
    expected, there = difference.new.values, difference.old.values
    gone = [_said(value) for value in there if value not in expected]
    come = [_said(value) for value in expected if value not in there]
    parts = [f"without {', '.join(gone)}" if gone else "", f"with {', '.join(come)}" if come else ""]
    return " and ".join(filter(None, parts)) or "in the expected order"


def _swap(difference: Difference[Enum]) -> Step:
    """Make the type anew and turn every column to it, in one transaction."""
    ref = difference.ref
    return Step(
        action=f"Recreate the enum {ref.dotted} {_difference(difference)}, and convert its columns",
        ref=ref,
        sql=_composed(difference, ()).sql,
        done=_is(difference, f"{_VALUES} = {array(difference.new.values)}"),
        provides=(present(ref),),
        needs=(_owning(difference), creating_in(ref.path[0])),
        hazards=(Hazard.REWRITE,),
        around=Around(_address(difference), partial(_composed, difference)),
        timeout=None,
    )


def _composed(difference: Difference[Enum], found: tuple[Dependent, ...]) -> Composed:
    ref, chosen = difference.ref, dict(difference.new.replace)
    gone = [value for value in difference.old.values if value not in difference.new.values]
    left = [value for value in gone if value not in chosen]
    # What names a value that goes cannot come back; what the contract declares absent need not.
    bad = dict(naming(found, ref, left))
    named = [f"{listed((one,))} names {_said(value)}" for one, value in bad.items() if not unwanted(one, difference)]
    changed = naming(found, ref, chosen)
    told = [f"In {listed((one,))}, {_said(value)} becomes {_said(chosen[value])}." for one, value in changed]
    told += [f"It drops {listed((one,))}, which the contract declares absent." for one in bad]
    carried = [left_out(one) if one in bad else respelled(one, ref, chosen) for one in found]
    return Composed(
        sql=exchanged_type(ref, (_create(difference),), carried, partial(converted, chosen=chosen)),
        told=" ".join([*told, *compiled(found)]),
        obstacle=_held(difference, found, left) if left else None,
        risk=naming_texts([one for one in found if one not in bad], gone) if gone else None,
        locks=locked(found),
        needs=owned(found),
        stuck=stuck(found, ref.path) or " and ".join(named),
        help="Drop it and recreate it yourself." if stuck(found, ref.path) else _choice(difference, left),
    )


def _held(difference: Difference[Enum], found: tuple[Dependent, ...], values: Sequence[str]) -> Obstacle | None:
    """The rows that hold a value of which nobody said what becomes of it; None where no column can hold one."""
    names = ", ".join(literal(value) for value in values)
    rows: list[str] = []
    for one in found:
        if one.sort == "column":
            column = f"r.{dotted(one.path[2:])}"
            test = f"{column}::text[] && array[{names}]" if one.text.endswith("[]") else f"{column}::text in ({names})"
            key = key_of(difference, "r", one.path[:2])
            rows.append(
                f"select {key}::text as key, {literal(one.name)} as place, {column}::text as value"
                f" from {dotted(one.path[:2])} r where {test}"
            )
    if not rows:
        return None
    return Obstacle(
        rows=" union all ".join(rows),
        what="hold a value that is removed",
        hint=_choice(difference, values),
        of_rows=True,
    )


def _choice(difference: Difference[Enum], values: Sequence[str]) -> str:
    path = difference.ref.path
    name = dotted(path[1:] if path[0] == difference.schema else path)
    choices = ", ".join(f"{value}: …" for value in values)
    options = " ".join(f"--replace {name}.{value}=…" for value in values)
    return (
        f"Name a replacement: in the contract, {name}: {{values: […], replace: {{{choices}}}}}; "
        f"or for this run only, {options}"
    )


def decide(enum: Enum, choices: Mapping[str, str], there: Enum | None = None) -> Enum:
    """The type with what becomes of values that go. Raises ValueError where that cannot be.

    `there` is the existing type. As long as it has values to remove, a choice must be for a value that it has or gets;
    when it has none, an earlier call has perhaps removed the value.
    """
    going = [value for value in there.values if value not in enum.values] if there else []
    for old, new in choices.items():
        if going and there and old not in (*there.values, *enum.values):
            gone = f"the type has no value “{old}”; the removed values are {', '.join(going)}"
            raise ValueError(gone, close(old, (*going, *there.values)))
        if reason := unfit(enum.values, old, new):
            raise ValueError(reason, "" if old in enum.values else nearest(new, enum.values))
    return replace(enum, replace=tuple({**dict(enum.replace), **choices}.items()))


def misspelled(there: Enum, old: str, new: str) -> str:
    """Return which value of the type was perhaps meant by one that it does not have; "" if it is like none."""
    if old in there.values:
        return ""
    hint = close(old, there.values)
    return "" if hint == f"Did you mean “{new}”?" else hint  # it was respelled so, by the same call


def _said(value: str) -> str:
    return literal(value).strip()


# SQL

# The values of pg_type `t`, in their order.
_VALUES = "array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder)"


def _create(difference: Difference[Enum]) -> str:
    values = ", ".join(literal(value) for value in difference.new.values)
    return f"create type {difference.ref.dotted} as enum ({values})"


def _type(difference: Difference[Enum]) -> str:
    return type_oid(difference.ref.path)


def _address(difference: Difference[Enum]) -> str:
    return f"select 'pg_catalog.pg_type'::pg_catalog.regclass, {_type(difference)}, 0, false, true"


def _is(difference: Difference[Enum], condition: str) -> str:
    """Whether the enum is there and fulfils a condition over pg_type `t`."""
    type_ = f"t.oid = {_type(difference)} and t.typtype = 'e'"
    return f"exists (select from pg_catalog.pg_type t where {type_} and {condition})"


def _has(difference: Difference[Enum], value: str) -> str:
    return _is(difference, f"{literal(value)} = any ({_VALUES})")


def _owning(difference: Difference[Enum]) -> Need:
    name = difference.ref.dotted
    return owning_of("t.typowner", f"from pg_catalog.pg_type t where t.oid = {_type(difference)}", f"the type {name}")


CURE = Cure(create=create, drop=drop, alter={"values": change}, decide=decide, misspelled=misspelled, address=of_type)
