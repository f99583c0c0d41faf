"""The SQL of partitioning: a partition key, the bounds of a partition, and the condition that they mean for a row."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from sessionaudit.core.ref import dotted
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import literal, quoted

STRATEGIES = ("range", "list", "hash")
DEFAULT = "default"
_KEY_HINT = "Write what follows PARTITION BY in CREATE TABLE: range (created_at)"
_BOUND_HINT = (
    "Write what follows the parent in CREATE TABLE … PARTITION OF: for values from ('2024-01-01') to ('2025-01-01'), "
    "for values in ('a', 'b'), for values with (modulus 4, remainder 0), or default."
)
_WORDS = frozenset({"null", "true", "false", "minvalue", "maxvalue"})
_UNBOUNDED = {"minvalue", "maxvalue"}


class KeyPart(Struct, frozen=True):
    """One part of a partition key: as an expression over a row, and whether it compares as its column does."""

    sql: str
    name: str
    plain: bool


class Bound(Struct, frozen=True):
    """The bounds of a partition: `sort` is `from`, `in`, `with` or `default`; values as SQL spells them.

    Of `from`, `upper` has those after TO; of `with`, `values` are the modulus and the remainder.
    """

    sort: str
    values: tuple[str, ...] = ()
    upper: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """What follows the parent in CREATE TABLE … PARTITION OF."""
        if self.sort == DEFAULT:
            return DEFAULT
        if self.sort == "with":
            return f"for values with (modulus {self.values[0]}, remainder {self.values[1]})"
        upper = f" to ({', '.join(self.upper)})" if self.sort == "from" else ""
        return f"for values {self.sort} ({', '.join(self.values)}){upper}"

    @property
    def compared(self) -> str:
        """The same for any order of a list's values, and whether numbers stand in quotes or not."""
        values = [*map(_in_quotes, self.values)]
        listed = sorted(values) if self.sort == "in" else values
        if self.sort == "with":
            return self.sql
        return Bound(self.sort, tuple(listed), tuple(map(_in_quotes, self.upper))).sql


def _in_quotes(value: str) -> str:
    return f"'{value}'" if value.lstrip("+-")[:1].isdigit() or value[:1] in {"+", "-", "."} else value


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """A partition key in one spelling of its strategy: `range (created_at)`. Raises FragmentError."""
    fragment = Fragment(text)
    strategy = next((word for word in STRATEGIES if fragment.accept(word)), None)
    if strategy is None:
        raise fragment.error("“range”, “list” or “hash”", _KEY_HINT)
    columns = fragment.parenthesised()
    fragment.end()
    parts_of(columns)
    return f"{strategy} ({columns})"


def parts(key_text: str) -> tuple[str, tuple[KeyPart, ...]]:
    """The strategy of a partition key, and its parts."""
    strategy, _, columns = key_text.partition(" ")
    return strategy, parts_of(columns.strip()[1:-1])


@lru_cache(maxsize=4096)
def parts_of(columns: str) -> tuple[KeyPart, ...]:
    """What stands in the parentheses of a partition key. Raises FragmentError."""
    fragment = Fragment(columns)
    found = [_part(fragment)]
    while fragment.accept(","):
        found.append(_part(fragment))
    fragment.end("“,” or the end")
    return tuple(found)


def _part(fragment: Fragment) -> KeyPart:
    if fragment.peek("("):
        sql = f"({fragment.parenthesised()})"
        name = sql
    else:
        name = fragment.name("a column")
        sql = quoted(name)
        while fragment.accept("."):
            sql += f".{quoted(fragment.name())}"
        if fragment.peek("("):
            sql += f"({fragment.parenthesised()})"
            name = sql
    plain = True
    if fragment.accept("collate"):
        schema, collation = fragment.qualified("")
        sql += f" collate {dotted((schema, collation)) if schema else quoted(collation)}"
        plain = False
    if any(fragment.peek(word) for word in ("asc", "desc", "nulls")):
        raise fragment.error("“,” or the end", "A partition key has no order.")
    if not fragment.done and not fragment.peek(","):
        fragment.qualified("", "“collate”, an operator class or “,”")
        plain = False
    return KeyPart(sql, name, plain)


@lru_cache(maxsize=16384)
def bound(text: str) -> Bound:
    """Read the bounds of a partition, as the contract or the server spells them. Raises FragmentError."""
    fragment = Fragment(text)
    found = take_bound(fragment)
    fragment.end()
    return found


def take_bound(fragment: Fragment) -> Bound:
    """Take the bounds of a partition. Raises FragmentError."""
    if fragment.accept(DEFAULT):
        return Bound(DEFAULT)
    if not fragment.accept("for", "values"):
        raise fragment.error("“for values” or “default”", _BOUND_HINT)
    if fragment.accept("in"):
        return Bound("in", _values(fragment))
    if fragment.accept("from"):
        lower = _values(fragment)
        fragment.expect("to")
        return Bound("from", lower, _values(fragment))
    if fragment.accept("with"):
        fragment.expect("(")
        fragment.expect("modulus")
        modulus = _number(fragment)
        fragment.expect(",")
        fragment.expect("remainder")
        remainder = _number(fragment)
        fragment.expect(")")
        return Bound("with", (modulus, remainder))
    raise fragment.error("“from”, “in” or “with”", _BOUND_HINT)


def _values(fragment: Fragment) -> tuple[str, ...]:
    fragment.expect("(")
    found = [_value(fragment)]
    while fragment.accept(","):
        found.append(_value(fragment))
    fragment.expect(")")
    return tuple(found)


def _number(fragment: Fragment) -> str:
    at = fragment.error("a whole number", _BOUND_HINT)
    found = fragment.value("a whole number")
    if not (found.isascii() and found.isdigit()):
        raise at
    return str(int(found))


def _value(fragment: Fragment) -> str:
    """A constant, so that what is compared is what the server keeps of it."""
    sign = "-" if fragment.accept("-") else ""
    if not sign:
        fragment.accept("+")
    hint = "Bounds are constants: a number, a text in quotes, null, true, false, minvalue or maxvalue."
    at = fragment.error("a constant", hint)
    found = fragment.value("a constant")
    first = found[:1]
    if first.isdigit() or first == ".":
        return sign + found
    if not sign and ("'" in found or found.startswith("$")):
        return found
    if not sign and found.lower() in _WORDS:
        return found.lower()
    raise at


def condition(key_text: str, bounds: Bound, parent: tuple[str, ...], *, outside: bool = False) -> str | None:
    """The rows of a partition as a condition over a row, or all others; None for the default partition.

    Raises FragmentError where the key cannot be read.
    """
    strategy, found = parts(key_text)
    if bounds.sort == DEFAULT:
        return None
    if strategy == "hash":
        listed = ", ".join(part.sql for part in found)
        test = (
            f"pg_catalog.satisfies_hash_partition({literal(dotted(parent))}::pg_catalog.regclass,"
            f" {bounds.values[0]}, {bounds.values[1]}, {listed})"
        )
        return f"not {test}" if outside else test
    if strategy == "list":
        return _in_list(found[0].sql, bounds.values, outside=outside)
    return _in_range(found, bounds, outside=outside)


def _in_list(sql: str, values: tuple[str, ...], *, outside: bool) -> str:
    listed = ", ".join(value for value in values if value != "null")
    null = "null" in values
    if outside:
        terms = [f"{sql} is not null" if null else f"{sql} is null", *([f"{sql} not in ({listed})"] if listed else [])]
        return (" and " if null else " or ").join(terms)
    terms = [f"{sql} is null" if null else f"{sql} is not null", *([f"{sql} in ({listed})"] if listed else [])]
    return (" or " if null else " and ").join(terms)


_CONTRARY = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def _in_range(found: tuple[KeyPart, ...], bounds: Bound, *, outside: bool) -> str:
    tests = [f"{part.sql} is {'' if outside else 'not '}null" for part in found]
    for values, end, operators in ((bounds.values, "minvalue", (">=", ">")), (bounds.upper, "maxvalue", ("<", "<="))):
        # Values after the first that is infinite do not count.
        fixed = next((place for place, value in enumerate(values) if value in _UNBOUNDED), len(values))
        infinite = values[fixed] if fixed < len(values) else ""
        if fixed == 0:
            tests += [] if infinite == end else ["true" if outside else "false"]
            continue
        operator = operators[infinite == "maxvalue"]
        operator = _CONTRARY[operator] if outside else operator
        row, limit = ", ".join(part.sql for part in found[:fixed]), ", ".join(values[:fixed])
        tests.append(f"({row}) {operator} ({limit})" if fixed > 1 else f"{row} {operator} {limit}")
    return (" or " if outside else " and ").join(tests)


def provable(key_text: str) -> bool:
    """Whether PostgreSQL takes a check with the condition of a partition for a proof, and scans no rows."""
    strategy, found = parts(key_text)
    return all(part.plain for part in found) and (strategy == "hash" or len(found) == 1)
