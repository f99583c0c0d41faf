"""Another type or collation for a column: in place where PostgreSQL can, else by rewriting every row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import array, fitting
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import QUICK, Around, Composed, Hazard, Step
from sessionaudit.kinds.column.cure_filling import TABLES, address, remade, remake, sequence_of
from sessionaudit.kinds.column.cure_loss import by_zone, forward, loss, settings
from sessionaudit.kinds.column.kind import same_collation
from sessionaudit.kinds.column.restated import restated, texts
from sessionaudit.kinds.column.rewrites import CUT, READABLE, builtin, casts, rebuilt_for, shape, stored_apart, widens
from sessionaudit.kinds.column.tied_by_foreign_keys import going, named, tied, untied
from sessionaudit.kinds.common.carried_over import around, compiled, left_out, locked, owned, rehearsed, stuck, unwanted
from sessionaudit.kinds.common.catalog_conditions import column_is
from sessionaudit.kinds.common.holder import standing_on
from sessionaudit.kinds.common.naming import alone
from sessionaudit.kinds.common.obstacle_queries import RowsQuery, column, failing, obstacle
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.common.types import is_type
from sessionaudit.kinds.common.weaker import loosening
from sessionaudit.sql.text import literal, quoted, tokens, unliteral, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent, Obstacle, Rehearsal, Risk
    from sessionaudit.kinds.column.model import Column

_WHOLE = {"smallint": 15, "integer": 31, "bigint": 63}  # bits beside the sign
_NUMBERS = {*_WHOLE, "numeric", "real", "double precision"}
_LIMITED = {"character varying", "numeric", "bit varying"}  # others round, or have a limit in any case
_ZONE = "Name it: --time-zone UTC, or the zone of the place where the values were written, such as Europe/Berlin."
_CONDITIONS = {"policy", "trigger", "check", "index", "exclusion constraint"}


def retype(difference: Difference[Column]) -> tuple[Step, ...]:
    """Give it the expected type and collation, with its default; its dependents are dropped and recreated."""
    ref, new, old = difference.ref, difference.new, difference.old
    if standing_on(difference) not in TABLES or (old.storage == "virtual" and new.generated is None):
        return ()
    if remade(difference):
        return loosening(remake(difference), looser=_unguarded(difference))
    if new.generated is not None:
        done = _done(difference)
        steps = (replace(step, done=done, provides=(fitting(ref),)) for step in remake(difference, anew=True))
        return loosening(steps, looser=_unguarded(difference))
    return (_turned_at_once([_of(difference, path) for path in tied(difference)]),)


def _of(difference: Difference[Column], path: ObjectPath) -> Difference[Column]:
    """The difference for another column, which gets its type at the same time."""
    if path == difference.ref.path:
        return difference
    expected, actual = difference.wanted["column"][path], difference.present["column"][path]
    return replace(difference, ref=ObjectRef("column", path), expected=expected, actual=actual, printed=None)


def _turned_at_once(all_: Sequence[Difference[Column]]) -> Step:
    """One step for the columns; foreign keys between them are dropped and recreated."""
    refs, quick = [one.ref for one in all_], all(map(_is_quick, all_))
    addresses = (address(one, rebuilt=not quick) for one in all_)
    types = " and ".join(dict.fromkeys(_type(one.new) for one in all_))
    lost = any(_unfilled(one) or _unlimited(one) or _unguarded(one) or _lost(one, one.old.default) for one in all_)
    return Step(
        action=f"Change the type of {named(all_)} to {types}"
        + (", with the foreign keys between them" if len(all_) > 1 else ""),
        ref=refs[0],
        sql=_composed(all_, ()).sql,
        done=" and ".join(map(_done, all_)),
        locks=tuple(dict.fromkeys(one.table for one in all_)),
        provides=tuple(map(fitting, refs)),
        requires=going(all_),
        reads=tuple(text for one in all_ for text in (one.new.type, one.new.default or "", *texts(one))),
        needs=tuple(dict.fromkeys(owning(ref.path) for ref in refs)),
        hazards=(*(() if quick else (Hazard.REWRITE,)), *((Hazard.LOOSEN,) if lost else ())),
        obstacle=_unfit(all_),
        risk=None if quick else _losses(all_),
        settings=() if quick else tuple(dict.fromkeys(setting for one in all_ for setting in settings(one))),
        around=Around(" union all ".join(addresses), partial(_composed, all_)),
        timeout=QUICK if quick else None,
    )


def _is_quick(difference: Difference[Column]) -> bool:
    """Whether PostgreSQL need not read any row for it."""
    new, old = difference.new, difference.old
    quick = same_collation(new, old) and not rebuilt_for(difference)
    return quick and (new.type == old.type or widens(old.type, new.type))


_FORMATTED = "pg_catalog.format_type(a.atttypid, a.atttypmod)"


def _done(difference: Difference[Column]) -> str:
    of_type = is_type(_FORMATTED, difference.new.type, difference.schema)
    return column_is(difference.ref.path, f"{of_type} and {_is_collation(difference)}")


def _unfilled(difference: Difference[Column]) -> bool:
    """Whether what fills it now is dropped with its type, without a replacement."""
    new, old = difference.new, difference.old
    if new.default is not None or new.serial or new.identity or new.generated is not None:
        return False
    counts = bool(old.identity) or sequence_of(old.default) is not None
    return old.generated is not None or (counts and new.type not in _WHOLE)


def _unlimited(difference: Difference[Column]) -> bool:
    """Whether it loses only the length or precision of its type, because the contract has none."""
    (new, limits, many), (old, limited, also_many) = shape(difference.new.type), shape(difference.old.type)
    return (new, many) == (old, also_many) and new in _LIMITED and bool(limited) and not limits


def _unguarded(difference: Difference[Column]) -> bool:
    """Whether its type is a domain with constraints, and the expected type another one."""
    return bool(difference.old.beneath) and difference.new.type != difference.old.type


def _composed(all_: Sequence[Difference[Column]], found: tuple[Dependent, ...]) -> Composed:
    """The statements; defaults, including those of children, are dropped first, since they may have no cast."""
    views = {one.path for one in found if one.sort == "view"}
    statements: list[str] = []
    told: list[str] = []
    carried: list[Dependent] = [one for one in found if one.sort != "column"]
    for difference in all_:
        ref, others = difference.ref, {one.ref.path for one in all_} - {difference.ref.path}
        was = next((one.text for one in found if one.sort == "column" and one.path == ref.path), "")
        labels = labels_of(difference, difference.new.type)
        defaults = [
            one
            for one in carried
            if one.sort == "default" and one.path[2:] == ref.path[2:] and one.path[:2] not in views
            if one.path not in others
        ]
        carried = [one for one in carried if one not in defaults]
        apart = stored_apart(difference.new.type)
        carried = [one for one in carried if one.sort != "storage" or one.path != ref.path or apart]
        carried = [_carried(one, difference, was, labels) for one in restated(carried, difference)]
        had = next((one.text for one in defaults if one.path == ref.path), difference.old.default)
        children = [one for one in defaults if one.path != ref.path]
        statements += _retyping(difference, had, children)
        if _lost(difference, had):
            told.append(f"The default of {ref.dotted}, {had}, cannot be converted to that type and is dropped.")
    left = stuck(found, all_[0].ref.path)
    silent = any(by_zone(one.old.type, one.new.type) and not one.zone for one in all_)
    return Composed(
        around(carried, statements),
        locks=locked(found),
        needs=owned(found),
        stuck=left or ("the conversion depends on a time zone, and none was given" if silent else ""),
        help="Drop it and recreate it yourself." if left else _ZONE,
        told=" ".join([*told, *compiled(found)]),
        rehearsal=None if all(map(_is_quick, all_)) else _rehearsed(all_, carried, statements),
    )


def _rehearsed(
    all_: Sequence[Difference[Column]], carried: Sequence[Dependent], statements: Iterable[str]
) -> Rehearsal:
    tables = dict.fromkeys(one.table for one in all_)
    own = tuple(f"alter table {dotted(table)} " for table in tables)
    return rehearsed(carried, tables, (), (statement for statement in statements if statement.startswith(own)))


def _retyping(difference: Difference[Column], had: str | None, children: Sequence[Dependent]) -> Iterator[str]:
    """The statements about the column itself; `had` is its default, `children` those of its children."""
    new, old = difference.new, difference.old
    column = f"alter table {difference.on} alter column {difference.ref.name}"
    if old.generated is not None:
        yield f"{column} drop expression if exists"
    elif old.identity and new.type not in _WHOLE:
        yield f"{column} drop identity if exists"
    for one in children:
        yield from one.take
    yield ", ".join(_actions(difference, had, kept=not (new.bare or _lost(difference, had))))
    for one in children:
        if one.text != had:  # else it has got what the parent has now
            yield from (put.removesuffix(one.text) + _cast(one.text, new) for put in one.put)
    if old.serial and (sequence := sequence_of(had)) and _WHOLE.get(new.type, 0) > _WHOLE.get(old.type, 64):
        yield f"alter sequence {sequence} as {new.type}"


def _lost(difference: Difference[Column], had: str | None) -> bool:
    """Whether a default that the contract does not have cannot be converted to the new type."""
    new, old = difference.new, difference.old
    if had is None or new.default is not None or new.bare or sequence_of(had) is not None:
        return False
    return not casts(old.type, new.type)


def _actions(difference: Difference[Column], had: str | None, *, kept: bool) -> Iterator[str]:
    """The actions of one ALTER TABLE; `had` is the previous default, which is converted too if it is `kept`."""
    new, name = difference.new, difference.ref.name
    sequence = sequence_of(had) is not None
    if had is not None:
        yield f"alter table {difference.on} alter column {name} drop default"
        yield f"alter column {name} type {_type(new)}{_using(difference)}"
    else:
        yield f"alter table {difference.on} alter column {name} type {_type(new)}{_using(difference)}"
    if new.default is not None:
        yield f"alter column {name} set default {new.default}"
    elif had is not None and kept and (new.type in _WHOLE or not sequence):
        yield f"alter column {name} set default {_cast(had, new)}"


def _type(model: Column) -> str:
    return f"{model.type} collate {model.collation}" if model.collation else model.type


def _carried(one: Dependent, difference: Difference[Column], was: str, labels: tuple[str, ...]) -> Dependent:
    """A dependent as it is recreated: not at all where the contract declares it absent.

    Where the values of an enum stood in a text, they are of the enum from now on. Those that were texts are turned
    only in what gives a boolean: in a view they might be what it shows.
    """
    if unwanted(one, difference):
        return left_out(one)
    of_enum = bool(was) and not builtin(was)
    to_text = of_enum and shape(difference.new.type)[0] in {"text", "character varying"}
    if not to_text and not (labels and (of_enum or (was == "text" and one.sort in _CONDITIONS))):
        return one
    type_, known = ("text", None) if to_text else (difference.new.type, labels)
    return replace(one, put=tuple(_turned(put, was, type_, known) for put in one.put))


def _turned(statement: str, was: str, type_: str, labels: tuple[str, ...] | None) -> str:
    """The statement with an enum's values converted to another type."""
    found, named = list(tokens(statement)), [token.text for token in tokens(was)]
    result, position = "", 0
    for place, token in enumerate(found):
        end = place + 2 + len(named)
        if token.sort != "string" or [other.text for other in found[place + 1 : end]] != ["::", *named]:
            continue
        if (labels is None or unliteral(token.text) in labels) and [other.text for other in found[end : end + 1]] != [
            "["
        ]:
            result += statement[position : found[place + 2].start] + type_
            position = found[end - 1].end
    return result + statement[position:]


def _cast(expression: str, new: Column) -> str:
    """A default of the old type as one of the new; a sequence's value fits every integer type."""
    return expression if sequence_of(expression) else f"({expression})::{new.type}"


def _using(difference: Difference[Column]) -> str:
    """The USING clause: never one that truncates silently, as a cast to a type with a length does."""
    new, old, name = difference.new, difference.old, difference.ref.name
    if new.type == old.type or widens(old.type, new.type) or shape(new.type)[0] in CUT:
        return ""
    return f" using {forward(old.type, new.type, name)}"


# Done


def _is_collation(difference: Difference[Column]) -> str:
    name, schema = difference.new.collation, quoted(difference.schema)
    if not name:
        return "a.attcollation = (select t.typcollation from pg_catalog.pg_type t where t.oid = a.atttypid)"
    own = f", pg_catalog.to_regcollation({literal(f'{schema}.{name}')})" if alone(name) else ""
    return f"a.attcollation = coalesce(pg_catalog.to_regcollation({literal(name)}){own}, 0)"


# Rows


def _unfit(all_: Sequence[Difference[Column]]) -> Obstacle | None:
    """The rows whose value the expected type cannot hold, as far as a query can tell without failing."""
    rows = [found for one in all_ if (found := _unfit_of(one))]
    names = " or ".join(dict.fromkeys(one.ref.name for one in all_))
    if len(rows) > 1:  # of several tables, whose keys have types of their own
        listed = "select o.key::text, o.value::text, o.why from ({0}) o (key, value, why)"
        alike = " union all ".join(listed.format(one.query) for one in rows)
        rows = [RowsQuery(alike, 1, " ".join(dict.fromkeys(one.hint for one in rows)))]
    found = rows[0] if rows else None
    what = f"have a {names} that does not fit" if found else f"prevent {names} from changing its type"
    return obstacle(all_[0], what, found, *untied(all_))


def _unfit_of(difference: Difference[Column]) -> RowsQuery | None:
    value = column(difference, difference.ref.path[2])
    condition = _condition(difference, value.sql)
    if condition is None:
        return None
    why = f"not {difference.new.type}"
    hint = f"Change these values of {difference.ref.name} first."
    return failing(difference, (value,), condition, why, hint)


def _losses(all_: Sequence[Difference[Column]]) -> Risk | None:
    """The risk that values of one of the columns do not survive."""
    risks = [risk for one in all_ if (risk := loss(one))]
    if len(risks) < 2 and len(all_) < 2:
        return risks[0] if risks else None
    if not risks:
        return None
    listed = "select o.key::text, o.change from ({0}) o (key, change)"
    rows = " union all ".join(listed.format(risk.found.rows) for risk in risks)
    return replace(
        risks[0],
        found=replace(risks[0].found, rows=rows, hint=" ".join(risk.found.hint for risk in risks)),
        locked=len({one.table for one in all_}),
        tried=" union all ".join(risk.tried for risk in risks),
    )


def _condition(difference: Difference[Column], value: str) -> str | None:
    old, new = difference.old.type, difference.new.type
    (had, _, many), (gets, limits, also_many) = shape(old), shape(new)
    if labels := labels_of(difference, new):
        return f"not {value}::text[] <@ {array(labels)}" if also_many else f"{value}::text <> all ({array(labels)})"
    if many and also_many and gets in {"character varying", "character"} and limits:
        each = f"pg_catalog.unnest({value}) as e (v)"
        return f"exists (select from {each} where pg_catalog.char_length(e.v::text) > {limits[0]})"
    if many or also_many or widens(old, new):
        return None
    if gets in {"character varying", "character"} and limits:
        return f"pg_catalog.char_length({value}::text) > {limits[0]}"
    if had in _NUMBERS and gets in _NUMBERS:
        return _number(value, had, gets, limits)
    if gets in READABLE and (had in {"text", "character varying", "character"} or not casts(old, new)):
        return f"{value}::text !~* {literal(READABLE[gets])}"
    return None


def _number(value: str, had: str, gets: str, limits: tuple[int, ...]) -> str | None:
    if gets in _WHOLE:
        most = 2 ** _WHOLE[gets]
        return f"{value} not between {-most} and {most - 1}" if _WHOLE.get(had, 64) > _WHOLE[gets] else None
    if gets == "numeric" and limits:
        most = f"1e{limits[0] - limits[1]}::numeric"
        return f"pg_catalog.abs({value}::numeric) >= {most} and {value}::numeric <> 'NaN'"
    return None


def labels_of(difference: Difference[Column], type_: str) -> tuple[str, ...]:
    """The values of a type, where it is an enum of the contract."""
    base = shape(type_)[0]
    if builtin(base):
        return ()
    path = tuple(unquote(token.text) for token in tokens(base) if token.text != ".")
    enum = difference.wanted["enum"].get(path if len(path) == 2 else (difference.schema, *path))
    return () if enum is None else tuple(enum.values)
