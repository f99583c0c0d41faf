"""Whether values survive a change of type: each is converted to the new type and back, and compared.

No list of types can tell, since it depends on the values in the column. The few pairs of types between which
every value survives are known by name, which only saves a pass over the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.step import Hazard, Obstacle, Risk
from sessionaudit.kinds.column.rewrites import TEXTS, builtin, casts, shape, widens
from sessionaudit.kinds.common.holder import key_of
from sessionaudit.kinds.common.obstacle_queries import column
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.kinds.column.model import Column

_WHOLE = ("smallint", "integer", "bigint")
_NUMBERS = {*_WHOLE, "numeric", "real", "double precision"}
_MOMENTS = {"date", "timestamp without time zone", "timestamp with time zone"}
_TIMES = {*_MOMENTS, "time without time zone", "time with time zone"}
_ZONED = {"timestamp with time zone", "time with time zone", "tstzrange", "tstzmultirange"}
_LOCAL = {*_TIMES - _ZONED, "tsrange", "tsmultirange", "daterange", "datemultirange"}
# Types whose own `=` means that two values are the same. For others it means less (box: the same area; interval: a
# month is 30 days; citext, or a text with a collation: but for the case), or there is none (json, xml, point).
_EQUAL = _NUMBERS | _TIMES | set("uuid boolean bytea inet cidr macaddr macaddr8 oid money bit jsonb pg_lsn".split())
_AS_TEXT = {*_WHOLE, "numeric", "uuid", "boolean", "character", "character varying", "name", "json", "jsonb"}
_FLOATS = {"real", "double precision", "point", "line", "lseg", "box", "path", "polygon", "circle"}
_LONGEST, _SHOWN = 80, 60  # characters of a value that are shown, and of one that is too long
# Settings that decide how PostgreSQL reads or prints values of a type.
_SETTINGS = (
    (("TimeZone", ""), _LOCAL | _ZONED),
    (("DateStyle", "ISO, MDY"), _LOCAL | _ZONED),
    (("IntervalStyle", "postgres"), {"interval"}),
    (("bytea_output", "hex"), {"bytea"}),
    (("extra_float_digits", "1"), _FLOATS),
    (("xmloption", "content"), {"xml"}),
)


def forward(old: str, new: str, value: str) -> str:
    """A value converted to another type: through its text where PostgreSQL may have no cast."""
    if casts(old, new):
        return f"{value}::{new}"
    many = shape(old)[2] and shape(new)[2]
    return f"{value}::text{'[]' if many else ''}::{new}"


def settings(difference: Difference[Column]) -> tuple[tuple[str, str], ...]:
    """The settings under which conversion and display do not depend on the session."""
    bases = {_base(difference.old.type), _base(difference.new.type)}
    own = all(builtin(base) for base in bases)
    return tuple(
        (name, value or difference.zone or "UTC") for (name, value), types in _SETTINGS if not own or bases & types
    )


def by_zone(old: str, new: str) -> bool:
    """Whether the conversion depends on the time zone; assumed for types that are not built in."""
    had, gets = _base(old), _base(new)
    if had == gets:
        return False
    pair = {had, gets}
    if pair & _ZONED:
        return bool(pair & (_LOCAL | TEXTS)) or pair <= _ZONED or not all(builtin(base) for base in pair)
    return bool(pair & _LOCAL) and not all(builtin(base) for base in pair)


def loss(difference: Difference[Column]) -> Risk | None:
    """The risk that values do not survive the change of type; None where each of them does."""
    old, new = difference.old.type, difference.new.type
    if each_survives(old, new):
        return None
    value = column(difference, difference.ref.path[2]).sql
    made = forward(old, new, value)
    key = key_of(difference, quoted(difference.table[1]))
    shown = f"pg_catalog.concat({_short(f'{value}::text')}, ' -> ', {_short(f'({made})::text')})"
    name = difference.ref.name
    return Risk(
        hazard=Hazard.DATA_LOSS,
        found=Obstacle(
            rows=f"select {key} as key, {shown} as change from {difference.on} where {_differs(old, new, value, made)}",
            what=f"would get another value of {name}",
            hint=f"Check these values of {name}; change them first, or allow the loss.",
            of_rows=True,
        ),
        locked=1,
        tried=f"select pg_catalog.count({made}) from {difference.on}",
    )


def _base(type_: str) -> str:
    """A type's name without its limits; one word for all intervals."""
    base = shape(type_)[0]
    return "interval" if base.partition(" ")[0] == "interval" else base


def each_survives(old: str, new: str) -> bool:
    """Whether every value of one type is certainly one of the other."""
    (had, _, many), (gets, limits, also_many) = shape(old), shape(new)
    if old == new or widens(old, new):
        return True
    if many or also_many or limits:
        return False
    return (
        (had in _WHOLE and gets in _WHOLE and _WHOLE.index(had) < _WHOLE.index(gets))
        or (had in _WHOLE and gets == "numeric")
        or (had in {"smallint", "integer", "real"} and gets == "double precision")
        or (had == "smallint" and gets == "real")
        or (had in _AS_TEXT and gets in {"text", "character varying"})
        or (had, gets) in {("date", "timestamp without time zone"), ("jsonb", "json")}
    )


def _differs(old: str, new: str, value: str, made: str) -> str:
    """Whether a value differs after being converted back."""
    had, gets = _base(old), _base(new)
    many = shape(old)[2]
    if had in _WHOLE and gets == "oid" and not many:  # back it is the same number, though it is another one meanwhile
        return f"{value}::bigint is distinct from ({made})::bigint"
    if had in _WHOLE and gets in {"real", "double precision"} and not many:  # whose text alone gives all digits
        return f"{value}::numeric is distinct from ({made})::double precision::text::numeric"
    back = _back(old, new, made)
    if had in _EQUAL or had == "bit varying":
        return f"{value} is distinct from {back}"
    text = f'{value}::text collate "C"'
    if gets in {"inet", "boolean"} and had in TEXTS and not many:  # their cast to text is not what they are printed as
        return f"{text} <> all (array[{back}::text, pg_catalog.format('%s', {made})])"
    return f'{text} is distinct from ({back})::text collate "C"'


def _back(old: str, new: str, made: str) -> str:
    had, gets = _base(old), _base(new)
    if shape(old)[2]:
        return forward(new, old, f"({made})")
    if gets == "money" and had in _NUMBERS:
        return f"({made})::numeric::{old}"
    if had == "numeric":  # without its limits, which a number that was rounded up may exceed
        return forward(new, had, f"({made})")
    if gets == "boolean" and had == "smallint":
        return f"({made})::integer::{old}"
    return forward(new, old, f"({made})")


def _short(text: str) -> str:
    length = f"pg_catalog.char_length({text})"
    cut = f"pg_catalog.concat(pg_catalog.left({text}, {_SHOWN}), '... (', {length}, ' characters)')"
    return f"case when {length} > {_LONGEST} then {cut} else coalesce({text}, 'null') end"
