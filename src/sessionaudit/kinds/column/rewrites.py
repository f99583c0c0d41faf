"""Whether a change of a column makes PostgreSQL rewrite or read every row, as far as its definition tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import BUILTIN_TYPES
from sessionaudit.sql.text import UnclosedError, tokens, unquote

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.kinds.column.model import Column
    from sessionaudit.sql.constant import Tree

# Neither volatile nor, when they are given what does not change, of another value in the same transaction.
_STEADY_NAMES = frozenset(
    """null true false current_timestamp current_date current_time localtimestamp localtime current_user session_user
    current_role user""".split()
)
_STEADY_CALLS = frozenset(
    """transaction_timestamp statement_timestamp timezone date_trunc make_interval age to_char coalesce lower upper
    concat current_setting json_build_object json_build_array jsonb_build_object jsonb_build_array array_fill""".split()
)
_STEADY_OPERATORS = frozenset({"+", "-", "*", "/", "||"})
# Types of common extensions that are not domains.
_OF_EXTENSIONS = frozenset("citext hstore ltree lquery vector halfvec sparsevec geometry geography cube".split())
_PLAIN_INDEX = re.compile(r"\w+ \([^()]*\)(?!.*\bwhere\b)", re.IGNORECASE | re.DOTALL)
_SHAPE = re.compile(r"(?P<base>[^(\[]*)(?:\((?P<limits>[\d,]+)\)(?P<rest> [^(\[]*)?)?(?P<many>(?:\[\])*)\Z")


def rewrites_when_added(difference: Difference[Column]) -> bool:
    """Whether adding the column may make PostgreSQL rewrite or read every row (the manual's ALTER TABLE, Notes)."""
    column = difference.new
    if column.serial or column.identity or column.storage == "stored" or (column.generated and column.not_null):
        return True
    return not checks_nothing(column.type, difference) or not (
        column.default is None or steady(column.default, difference)
    )


def checks_nothing(type_: str, difference: Difference[Any]) -> bool:
    """Whether the type is certainly not a domain, whose constraints PostgreSQL would check for every row."""
    base = shape(type_)[0]
    if type_.endswith("[]") or builtin(type_):
        return True
    path = tuple(unquote(token.text) for token in tokens(base) if token.text != ".")
    enum = path if len(path) == 2 else (difference.schema, *path)
    known = {**difference.present["enum"], **difference.wanted["enum"]}
    return path[-1] in _OF_EXTENSIONS or known.get(enum) is not None


def steady(expression: str, difference: Difference[Any]) -> bool:
    """Whether an expression certainly is constant within a transaction, so that PostgreSQL stores it once."""
    found = tree(f"select {expression}", difference.schema)
    return found is not None and len(found[0]) == 3 and _steady(found[0][2], difference)


def _steady(node: Tree, difference: Difference[Any]) -> bool:
    sort, parts = node[0], node[1:]
    if sort in {"string", "number", "json", "raw"}:
        return True
    if sort == "name":
        return len(parts) == 1 and parts[0] in _STEADY_NAMES
    if sort == "cast":
        return _steady(parts[0], difference)
    if sort == "call":
        if parts[0] not in _STEADY_CALLS and not _declared_steady(parts[0], difference):
            return False
        parts = parts[1:]
    elif sort == "op":
        if parts[0] not in _STEADY_OPERATORS:
            return False
        parts = parts[1:]
    elif sort not in {"neg", "array", "row"}:
        return False
    return all(_steady(part, difference) for part in parts)


def _declared_steady(name: str, difference: Difference[Any]) -> bool:
    functions = {**difference.present["function"], **difference.wanted["function"]}
    bare = unquote(name.rpartition(".")[2])
    found = [function for path, function in functions.items() if path[1] == bare]
    return bool(found) and all(function is not None and function.volatility != "volatile" for function in found)


def mentions(text: str, column: str) -> bool:
    """Whether an expression contains the column's name."""
    try:
        return any(token.sort in {"word", "quoted"} and unquote(token.text) == column for token in tokens(text))
    except UnclosedError:
        return True


# Types

_FIRST_WORDS = frozenset({"double", "timestamp", "time", "interval", "character", "bit"})
TEXTS = {"text", "character varying", "character", "name"}
_APART = {*TEXTS - {"name"}, "bytea", "json", "jsonb", "xml", "bit varying", "tsvector", "citext"}
CUT = {"character varying", "character", "bit", "bit varying"}  # an explicit cast to these cuts what is too long
# Types between any two of which PostgreSQL has a cast, besides those from and to text types.
_FAMILIES = (
    {"smallint", "integer", "bigint", "numeric", "real", "double precision"},
    {"date", "timestamp without time zone", "timestamp with time zone"},
    {"json", "jsonb"},
    {"cidr", "inet"},
    {"bit", "bit varying"},
    {"integer", "boolean"},
    {"integer", "bigint", "oid"},
    {"numeric", "money"},
    {"bit", "integer"},
    {"bit", "bigint"},
)
_MOMENT = r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[-+]\d\d(:?\d\d)?))?)?"
_NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?"
# Roughly what PostgreSQL reads as these types: a value that passes here and is invalid makes the step fail, harmlessly.
READABLE = {
    name: rf"^\s*({pattern})\s*$"
    for pattern, names in (
        (r"[-+]?\d+", ("smallint", "integer", "bigint")),
        (_NUMBER, ("numeric", "real", "double precision")),
        (r"\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\}?", ("uuid",)),
        (r"t|f|true|false|y|n|yes|no|on|off|1|0", ("boolean",)),
        (_MOMENT, ("date", "timestamp without time zone", "timestamp with time zone")),
    )
    for name in names
}


def builtin(type_: str) -> bool:
    """Whether a type is one of PostgreSQL's own."""
    base = shape(type_)[0]
    return base in BUILTIN_TYPES or base.partition(" ")[0] in _FIRST_WORDS


def casts(old: str, new: str) -> bool:
    """Whether PostgreSQL certainly has a cast between the types; other values are converted through their text."""
    (had, _, many), (gets, _, also_many) = shape(old), shape(new)
    if many != also_many:
        return had in TEXTS and not many
    return had == gets or had in TEXTS or gets in TEXTS or any({had, gets} <= family for family in _FAMILIES)


def shape(type_: str) -> tuple[str, tuple[int, ...], bool]:
    """A canonical type as its name, its limits, and whether it is an array."""
    match = _SHAPE.match(type_)
    if match is None:
        return type_, (), False
    limits = tuple(map(int, match["limits"].split(","))) if match["limits"] else ()
    return match["base"] + (match["rest"] or ""), limits, bool(match["many"])


def stored_apart(type_: str) -> bool:
    """Whether PostgreSQL certainly can store values of the type out of line (TOAST)."""
    base, _, many = shape(type_)
    return many or base in _APART


def widens(old: str, new: str) -> bool:
    """Whether every stored value of one type is one of the other, without a rewrite.

    Measured on PostgreSQL 13 to 18: neither the table nor a plain index gets a new file.
    """
    (had, limits, many), (gets, wider, also_many) = shape(old), shape(new)
    if many or also_many:
        return False
    if (had, gets) == ("cidr", "inet"):
        return True
    if had in {"character varying", "text"} and gets in {"character varying", "text"}:
        return not wider or (bool(limits) and wider >= limits)
    if had == gets == "numeric":
        return not wider or (len(limits) == 2 and wider[0] >= limits[0] and wider[1] == limits[1])
    if had == gets == "bit varying":
        return not wider or (bool(limits) and wider >= limits)
    if had == gets and had.startswith(("timestamp", "time ")):
        return (wider or (6,)) >= (limits or (6,))
    return had.startswith("interval") and new == "interval"


def rebuilt_for(difference: Difference[Column]) -> bool:
    """Whether something on the table is rechecked for every row when the column gets a wider type."""
    name = difference.ref.path[2]
    checks = (check.expression for check in difference.of_table("check", difference.table).values())
    generated = (column.generated or "" for column in difference.of_table("column", difference.table).values())
    indexes = (index.definition for index in difference.of_table("index", difference.table).values())
    return any(mentions(text, name) for text in (*checks, *generated)) or any(
        mentions(text, name) and not _PLAIN_INDEX.match(text) for text in indexes
    )
