"""Expressions over one table, each in many spellings.

A tree says what is meant; `spell` writes it down in one of the ways that people do. Whether two
spellings are one definition is for PostgreSQL to say, so `spell` may be bold.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    import random

SCHEMA = r'''
create schema app;
create schema auth;
create type mood as enum ('sad', 'ok', 'it''s "odd" \ fine');
create type app.tone as enum ('low', 'high');
create domain email as text;
create function label(text) returns text immutable language sql as 'select $1';
create function label(integer) returns text immutable language sql as 'select $1::text';
create function label(anyelement, integer) returns text immutable language sql as $$ select 'any' $$;
create function label(date, integer) returns text immutable language sql as $$ select 'date' $$;
create function length(email) returns integer immutable language sql as 'select 1';
create function app.label(text) returns text immutable language sql as $$ select 'app' $$;
create function auth.uid() returns uuid stable language sql as 'select null::uuid';
create function touch() returns trigger language plpgsql as 'begin return new; end';
create table members (id integer, owner uuid, name text);
create table app.members (id integer, owner uuid, name text);
create table "Odd ""Table""" (
  i integer, b bigint, s smallint, n numeric(10, 2), r real, x double precision, t text, v varchar(20), c char(3),
  nm name, f boolean, ts timestamptz, tz timestamp, d date, iv interval, u uuid, j jsonb, a text[], va varchar(20)[],
  ia integer[], e mood, tone app.tone, dm email, y bytea, "order" integer, "Odd ""Name""" text, "user" text, g boolean);
'''
TABLE = 'Odd "Table"'

COLUMNS = {
    "i": "integer", "b": "bigint", "s": "smallint", "n": "numeric(10,2)", "r": "real", "x": "double precision",
    "t": "text", "v": "varchar(20)", "c": "char(3)", "nm": "name", "f": "boolean", "ts": "timestamptz",
    "tz": "timestamp", "d": "date", "iv": "interval", "u": "uuid", "j": "jsonb", "a": "text[]", "va": "varchar(20)[]",
    "ia": "integer[]", "e": "mood", "tone": "app.tone", "dm": "email", "y": "bytea", "order": "integer",
    'Odd "Name"': "text", "user": "text",
}  # fmt: skip
NUMBERS = ("i", "b", "s", "n", "r", "x", "order")
TEXTS = ("t", "v", "c", "nm", "dm", 'Odd "Name"', "user")
WORDS = ("", "a", "b", "it's", "a%", "back\\slash", "Ünï", "pending", "5", "x y", "{a}", "now", "--", "/*", "$$")
ALIASES = {
    "integer": ("int", "int4", "pg_catalog.int4", "INTEGER"),
    "bigint": ("int8",),
    "smallint": ("int2",),
    "numeric(10,2)": ("decimal(10, 2)", "NUMERIC (10,2)", "numeric"),
    "real": ("float4", "float(10)"),
    "double precision": ("float8", "float", "double  precision"),
    "text": ("pg_catalog.text", '"text"', "TEXT"),
    "varchar(20)": ("character varying (20)", "varchar", "varchar(21)"),
    "char(3)": ("character(3)", "bpchar", "char"),
    "boolean": ("bool",),
    "timestamptz": ("timestamp with time zone", "timestamptz(3)"),
    "timestamp": ("timestamp without time zone", "timestamp(0)"),
    "mood": ("public.mood", '"mood"', "Public.Mood"),
    "email": ("public.email",),
    "text[]": ("text array", "text[3]", "pg_catalog.text[]"),
}
VALUES: dict[str, tuple[str, ...]] = {
    "date": ("2020-01-01", "2021-12-31"),
    "timestamptz": ("2020-01-01 00:00:00+00", "2020-01-01"),
    "timestamp": ("2020-01-01 00:00:00", "2020-01-01"),
    "interval": ("1 day", "24:00:00", "2 mons"),
    "uuid": ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"),
    "jsonb": ("{}", "[]", "{ }", '{"a": 1}', '{"a":1}', '{"a": "1"}', '{"b": [1, 2.0], "a": null}', '"x"', "1", "1.0"),
    "text[]": ("{}", "{a,b}", "{a, b}", '{"a b"}'),
    "varchar(20)[]": ("{}", "{a}"),
    "integer[]": ("{}", "{1,2}"),
    "mood": ("sad", "ok", 'it\'s "odd" \\ fine'),
    "app.tone": ("low", "high"),
    "bytea": ("\\x00ff", "abc"),
    "boolean": ("true", "f"),
}
DIGITS = ("0", "1", "2", "-1", "10", "1.5", "1.50", "-2.5", "3000000000", "1e3", "0.1")

Node = tuple[Any, ...]


def column(*names: str) -> st.SearchStrategy[Node]:
    return st.tuples(st.just("column"), st.sampled_from(names))


def literal_for(name: str) -> st.SearchStrategy[Node]:
    type_ = COLUMNS[name]
    if name in NUMBERS:
        return st.tuples(st.just("number"), st.sampled_from(DIGITS), st.just(type_))
    return st.tuples(st.just("string"), st.sampled_from(VALUES.get(type_, WORDS)), st.just(type_))


def of_column(make: Any, *names: str) -> st.SearchStrategy[Node]:
    return st.sampled_from(names or tuple(COLUMNS)).flatmap(lambda name: make(("column", name), literal_for(name)))


@cache
def numbers() -> st.SearchStrategy[Node]:
    plain = column(*NUMBERS) | st.tuples(st.just("number"), st.sampled_from(DIGITS), st.just("integer"))
    return plain | st.tuples(st.just("binary"), st.sampled_from(("+", "-", "*", "/", "%", "^")), plain, plain)


@cache
def texts() -> st.SearchStrategy[Node]:
    word = st.tuples(st.just("string"), st.sampled_from(WORDS), st.just("text"))
    plain = column(*TEXTS) | word
    return st.one_of(
        plain,
        st.tuples(st.just("call"), st.sampled_from(("lower", "btrim", "label", "app.label", "length", "md5")), plain),
        st.tuples(st.just("call"), st.sampled_from(("label", "left", "replace", "concat")), plain, numbers()),
        st.tuples(st.just("call"), st.sampled_from(("coalesce", "nullif", "greatest")), plain, plain),
        st.tuples(st.just("binary"), st.sampled_from(("->", "->>")), column("j", "d"), word),
        st.tuples(st.just("binary"), st.just("#>>"), column("j"), st.just(("string", "{a,b}", "text[]"))),
        st.tuples(st.just("binary"), st.just("||"), plain | column("a", "j", "i"), plain),
        st.tuples(st.just("case"), booleans_of_columns(), plain, plain | st.just(("null",))),
        st.tuples(st.just("cast"), plain | numbers(), st.sampled_from(("text", "varchar(20)", "integer", "email"))),
        st.tuples(st.just("collate"), plain),
    )


@cache
def booleans_of_columns() -> st.SearchStrategy[Node]:
    yes = st.booleans()
    comparison = st.sampled_from(("=", "<>", "<", ">=", "~", "||", "@>", "<@"))
    return st.one_of(
        of_column(lambda c, v: st.tuples(st.just("binary"), comparison, st.just(c), v)),
        of_column(lambda c, v: st.tuples(st.just("in"), yes, st.just(c), st.lists(v, min_size=1, max_size=3))),
        of_column(lambda c, v: st.tuples(st.just("between"), st.booleans(), st.just(c), v, v)),
        of_column(lambda c, v: st.tuples(st.just("distinct"), st.booleans(), st.just(c), v)),
        of_column(lambda c, _: st.tuples(st.just("is"), st.sampled_from(("null", "not null")), st.just(c))),
        column("f"),
    )


def booleans() -> st.SearchStrategy[Node]:
    words = st.sampled_from(WORDS)
    pattern = st.tuples(st.just("string"), words, st.just("text"))
    leaf = st.one_of(
        booleans_of_columns(),
        st.tuples(st.just("binary"), st.sampled_from(("=", "<>", "<", "~", "~*")), texts(), texts()),
        st.tuples(st.just("binary"), st.sampled_from(("=", "<", ">=")), numbers(), numbers()),
        st.tuples(st.just("like"), st.booleans(), st.booleans(), texts(), pattern),
        st.tuples(st.just("binary"), st.just("?"), column("j"), pattern),
        st.tuples(st.just("overlap"), st.lists(pattern, min_size=1, max_size=2)),
        st.tuples(st.just("any"), st.sampled_from(("a", "va")), texts()),
        st.tuples(st.just("extract"), st.sampled_from(("year", "day")), column("d", "tz")),
        st.tuples(st.just("row"), column("i", "b"), column("i", "s")),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.just("and"), inner, inner),
            st.tuples(st.just("or"), inner, inner),
            st.tuples(st.just("not"), inner),
            st.tuples(st.just("is"), st.sampled_from(("true", "not true", "false", "unknown")), inner),
        ),
        max_leaves=4,
    )


def queries() -> st.SearchStrategy[Node]:
    """Conditions with sub-selects, as policies have them."""
    table = st.sampled_from(("members", "app.members"))
    return st.one_of(
        st.tuples(st.just("mine"), column("u")),
        st.tuples(st.just("exists"), table, column("i", "t")),
        st.tuples(st.just("within"), st.booleans(), table, column("u")),
        st.tuples(st.just("and"), st.tuples(st.just("mine"), column("u")), booleans_of_columns()),
    )


def defaults() -> st.SearchStrategy[tuple[str, Node]]:
    """A column and what may be its default."""
    clock = st.sampled_from(("now", "current_timestamp", "localtimestamp", "clock", "date"))
    clocks = st.tuples(st.just("clock"), clock)

    def of(name: str) -> st.SearchStrategy[tuple[str, Node]]:
        found = literal_for(name)
        if name in {"ts", "tz", "d"}:
            found |= clocks
        return st.tuples(st.just(name), found)

    return st.sampled_from(sorted(COLUMNS)).flatmap(of)


@dataclass
class Speller:
    """Writes a tree down, each time in another way; `prefix` stands before columns."""

    random: random.Random
    prefix: str = ""

    def maybe(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def word(self, word: str) -> str:
        return self.random.choice((word, word.upper(), word.capitalize()))

    def blank(self) -> str:
        return self.random.choice((" ", " ", "  ", "\n", " /* it's /* so */ */ ", " -- '\n"))

    def group(self, text: str, chance: float = 0.3) -> str:
        return f"({text})" if self.maybe(chance) else text

    def type(self, type_: str) -> str:
        names = (type_, type_, *ALIASES.get(type_, ()))
        return self.random.choice(names)

    def name(self, name: str) -> str:
        plain = name not in {"order", "user"} and set(name) <= set(string.ascii_lowercase)
        return self.random.choice((name, name.upper(), f'"{name}"')) if plain else '"' + name.replace('"', '""') + '"'

    def string(self, value: str) -> str:
        plain = "'" + value.replace("'", "''") + "'"
        escaped = "E'" + value.replace("\\", "\\\\").replace("'", self.random.choice(("''", "\\'"))) + "'"
        dollars = f"$q${value}$q$"
        return self.random.choice((plain, plain, plain, escaped, dollars))

    def typed(self, value: str, type_: str) -> str:
        written = self.string(value)
        if type_.startswith(("jsonb",)) and self.maybe():
            written = self.string(value.replace(":", " : ").replace(",", " ,"))
        name = self.type(type_)
        spellings = [written, written, f"{written}::{name}", f"cast({written}{self.blank()}as {name})"]
        if not set('([ ."') & set(name):
            spellings.append(f"{name}{self.blank()}{written}")
        return self.random.choice(spellings)

    def spell(self, node: Node) -> str:
        return self.group(getattr(self, f"_{node[0]}")(*node[1:]), 0.15)

    def operand(self, node: Node) -> str:
        written = self.spell(node)
        simple = node[0] in {"column", "string", "null", "call"} or (node[0] == "number" and self.maybe())
        return written if simple else f"({written})"

    def _column(self, name: str) -> str:
        return self.prefix + self.name(name)

    def _string(self, value: str, type_: str) -> str:
        return self.typed(value, type_)

    def _null(self) -> str:
        return self.random.choice(("null", "NULL", "null::text"))

    def _number(self, digits: str, type_: str) -> str:
        negated = f"-({digits[1:]})" if digits.startswith("-") else digits
        typed = (f"({digits})::{self.type(type_)}", f"'{digits}'::{type_}", f"{digits}::{type_}")
        return self.random.choice((digits, digits, digits, f"'{digits}'", negated, *typed))

    def _binary(self, operator: str, left: Node, right: Node) -> str:
        if operator == "<>" and self.maybe():
            operator = "!="
        gap = self.blank() if operator.isalpha() or self.maybe(0.9) or set("~|@?#") & set(operator) else ""
        bare = self.maybe(0.3)  # leave the grouping to precedence; PostgreSQL says whether it is the same
        sides = (self.spell(left), self.spell(right)) if bare else (self.operand(left), self.operand(right))
        return f"{sides[0]}{gap}{operator}{gap}{sides[1]}"

    def _in(self, negated: bool, left: Node, items: list[Node]) -> str:
        inner = ("," + self.blank()).join(self.spell(item) for item in items)
        x = self.operand(left)
        if self.maybe(0.6):
            return f"{x} {self.word('not') + ' ' if negated else ''}{self.word('in')} ({inner})"
        cast = f"::{COLUMNS[left[1]]}[]" if self.maybe() else ""
        quantifier = self.word("all") if negated else self.random.choice(("any", "ANY", "some"))
        return f"{x} {'<>' if negated else '='} {quantifier} ({self.group(f'array[{inner}]{cast}')})"

    def _between(self, negated: bool, left: Node, low: Node, high: Node) -> str:
        x, a, b = self.operand(left), self.operand(low), self.operand(high)
        if self.maybe(0.6):
            return f"{x} {'not ' if negated else ''}{self.word('between')} {a} {self.word('and')} {b}"
        return f"({x} < {a} or {x} > {b})" if negated else f"({x} >= {a} and {x} <= {b})"

    def _distinct(self, negated: bool, left: Node, right: Node) -> str:
        x, y = self.operand(left), self.operand(right)
        if negated and self.maybe():
            return f"(not {x} is distinct from {y})"
        return f"({x} is {'not ' if negated else ''}{self.word('distinct')} from {y})"

    def _is(self, what: str, inner: Node) -> str:
        return f"{self.operand(inner)} {self.word('is')} {what}"

    def _like(self, negated: bool, insensitive: bool, left: Node, right: Node) -> str:
        x, y = self.operand(left), self.operand(right)
        if self.maybe():
            return f"({x} {'!' if negated else ''}~~{'*' if insensitive else ''} {y})"
        return f"{x} {'not ' if negated else ''}{self.word('ilike' if insensitive else 'like')} {y}"

    def _and(self, left: Node, right: Node) -> str:
        return self._joined("and", left, right)

    def _or(self, left: Node, right: Node) -> str:
        return self._joined("or", left, right)

    def _joined(self, word: str, left: Node, right: Node) -> str:
        sides = (self.spell(left), self.spell(right)) if self.maybe(0.3) else (self.operand(left), self.operand(right))
        return f"{sides[0]}{self.blank()}{self.word(word)}{self.blank()}{sides[1]}"

    def _not(self, inner: Node) -> str:
        return f"{self.word('not')} {self.spell(inner) if self.maybe(0.3) else self.operand(inner)}"

    def _call(self, name: str, *arguments: Node) -> str:
        if "." not in name and name not in {"coalesce", "nullif", "greatest"}:
            home = ("public." if name == "label" else "pg_catalog.") if self.maybe(0.4) else ""
            name = home + self.random.choice((name, name.upper(), f'"{name}"'))
        return f"{name}{self.random.choice(('', ' '))}({', '.join(self.spell(item) for item in arguments)})"

    def _case(self, condition: Node, then: Node, otherwise: Node) -> str:
        ending = "" if otherwise == ("null",) and self.maybe() else f"{self.word('else')} {self.spell(otherwise)} "
        return f"case {self.word('when')} {self.spell(condition)} {self.word('then')} {self.spell(then)} {ending}end"

    def _cast(self, inner: Node, type_: str) -> str:
        name = self.type(type_)
        return f"cast({self.spell(inner)} as {name})" if self.maybe() else f"{self.operand(inner)}::{name}"

    def _collate(self, inner: Node) -> str:
        return f'{self.operand(inner)} collate {self.random.choice(("", "pg_catalog."))}"C"'

    def _overlap(self, items: list[Node]) -> str:
        return f"{self.prefix}a && {self.random.choice(('array', 'ARRAY '))}[{', '.join(self.spell(i) for i in items)}]"

    def _any(self, array: str, item: Node) -> str:
        return f"{self.operand(item)} = {self.word('any')} ({self.group(self.prefix + array)})"

    def _extract(self, field: str, inner: Node) -> str:
        value = self.operand(inner)
        return self.random.choice((f"extract({field} from {value}) = 5", f"date_part('{field}', {value}) = 5"))

    def _row(self, left: Node, right: Node) -> str:
        word = self.random.choice(("", "row"))
        return f"{word}({self.spell(left)}, 1) < {word}({self.spell(right)}, 2)"

    def _clock(self, which: str) -> str:
        spellings = {
            "now": ("now()", "NOW( )", "pg_catalog.now()", "transaction_timestamp()"),
            "current_timestamp": ("current_timestamp", "CURRENT_TIMESTAMP", "current_timestamp(3)"),
            "localtimestamp": ("localtimestamp", "now() at time zone 'utc'", "timezone('utc', now())"),
            "clock": ("clock_timestamp()", "now() - interval '1 day'", "now() - '1 day'::interval"),
            "date": ("current_date", "now()::date", "(now() + '1 day')"),
        }
        return self.random.choice(spellings[which])

    def _uid(self) -> str:
        spellings = ("(select auth.uid())", "( SELECT auth.uid() AS uid)", "auth.uid()", "(select auth . uid ())")
        return self.random.choice(spellings)

    def _mine(self, owner: Node) -> str:
        return f"{self._uid()} = {self.spell(owner)}" if self.maybe(0.2) else f"{self.spell(owner)} = {self._uid()}"

    def _exists(self, table: str, outer: Node) -> str:
        table = f"public.{table}" if table == "members" and self.maybe() else table
        field = "id" if outer[1] == "i" else "name"
        spelled = '"Odd ""Table""".' if self.maybe() else ""
        alias = self.random.choice(("m", "as m", "M"))
        return f"exists (select 1 from {table} {alias} where {self.group(f'm.{field} = {spelled}{outer[1]}')})"

    def _within(self, negated: bool, table: str, outer: Node) -> str:
        table = f"public.{table}" if table == "members" and self.maybe() else table
        query = f"(select m.owner from {table} m where m.owner = {self._uid()})"
        if not negated and self.maybe():
            return f"{outer[1]} = any {query}"
        return f"{'not ' if negated else ''}{outer[1]} in {query}"


SWAPS = {
    "and": "or", "or": "and", "=": "<>", "<>": "=", "<": ">=", ">=": "<", "+": "-", "-": "+", "*": "/", "/": "%",
    "->": "->>", "->>": "->", "~": "~*", "lower": "upper", "btrim": "rtrim", "label": "md5", "app.label": "label",
    "length": "octet_length", "left": "right", "coalesce": "nullif", "nullif": "coalesce", "greatest": "least",
    "null": "not null", "not null": "null", "true": "not true", "false": "unknown", "members": "app.members",
    "app.members": "members", "year": "month", "text": "varchar(20)", "i": "b", "b": "i", "t": "v", "v": "t", "u": "i",
    "now": "clock", "current_timestamp": "localtimestamp", "@>": "<@", True: False, False: True, "ts": "tz", "e": "t",
    "sad": "ok", "a": "b", "0": "1", "1": "2", "1.5": "1.50", "{}": "[]", "{a,b}": "{b,a}", "2020-01-01": "2021-12-31",
}  # fmt: skip


def mutations(node: Any) -> list[Any]:
    """All trees that differ from one in a single place; most mean something else."""
    if isinstance(node, str | bool):
        return [SWAPS[node]] if node in SWAPS else []
    made: list[Any] = []
    for index, part in enumerate(node):
        if index == 0 and node[0] not in {"and", "or"}:
            continue
        made += [type(node)([*node[:index], other, *node[index + 1 :]]) for other in mutations(part)]
    if isinstance(node, tuple) and node[0] in {"and", "or", "in", "like"}:
        made.append(("not", node))
    if isinstance(node, tuple) and node[0] == "binary" and node[2] != node[3]:
        made.append(("binary", node[1], node[3], node[2]))
    return made
