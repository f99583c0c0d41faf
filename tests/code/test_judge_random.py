"""Requests made by somebody who knows the schema: right ones have no verdict, and one mistake in each has its own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from code_requests import UNKNOWN, Either, Maybe, Spread, Written, table
from marks import one_in
from sessionaudit.audits.code.judge import judge
from sessionaudit.audits.code.schema_cache.reading import read_cache
from sessionaudit.postgres.connection import connect, limit

if TYPE_CHECKING:
    from collections.abc import Generator

    from conftest import Template
    from servers import DatabaseServer
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation, SchemaCache
    from sessionaudit.audits.code.verdict import CodeVerdict
    from sessionaudit.postgres.connection import Connection

SCHEMA = (Path(__file__).parents[1] / "code_schema.sql").read_text(encoding="utf-8")
ID = "62e91166-c36b-4bd5-bc51-5b168f1bd176"
NUMBER = 150
VALUES: dict[str, tuple[object, ...]] = {
    "uuid": (ID,),
    "text": ("x", "with, comma", "it's", "(a)", ""),
    "character varying": ("x", "short"),
    "integer": (5, 200, "7"),
    "bigint": (5, "9000000000"),
    "numeric": (1.5, 7, "2.25"),
    "jsonb": ({"a": [1, None]}, [1, "x"], "text", 5, True),
    "timestamp with time zone": ("2025-10-27", "2025-10-27T00:38:41.123Z", "now"),
    "text[]": (["a", "b c"], []),
    "tstzrange": ("[2025-01-01,2025-02-01)",),
    "tsvector": ("a b",),
}
# A value that no column of the type has, as an input and as an operand.
WRONG = {"uuid": "5", "integer": "many", "bigint": "1.5x", "timestamp with time zone": "soon", "numeric": "cheap"}
# What checks permit, and a trigger does not matter for.
CHECKED: dict[str, tuple[object, ...]] = {
    "profiles.role": ("customer", "admin"),
    "sessions.status": ("pending", "live", "cancelled"),
    "sessions.minutes": (1, 240),
    "session_requests.plan_code": ("free",),
    "filled.kind": ("good",),
    "pairs.low": (1, 2),
    "pairs.high": (3, 4),
    "pairs.note": ("x",),
    "sessions.code": ("12345678",),
}


class Made(NamedTuple):
    """A request, and the rule that its mistake breaks, with the word that is wrong."""

    written: Written
    rule: str
    word: str


class Maker:
    """Makes requests."""

    def __init__(self, cache: SchemaCache, seed: int) -> None:
        self.random = Random(seed)
        self.tables = [one for one in cache.relations.values() if one.is_table]
        self.ways = {
            path: [one for one in ways if one.cardinality != "computed"] for path, ways in cache.relationships.items()
        }

    def value(self, relation: CachedRelation, column: CachedColumn) -> object:
        given = CHECKED.get(f"{relation.path[1]}.{column.name}") or column.labels or VALUES[column.json_type]
        one = self.random.choice(given)
        return self.random.choice((one, one, one, UNKNOWN, Either(one, self.random.choice(given))))

    def operand(self, relation: CachedRelation, column: CachedColumn) -> object:
        simple = [
            one for one in (column.labels or VALUES.get(column.json_type, ())) if isinstance(one, (str, int, float))
        ]
        if column.json_type == "jsonb" or not simple:
            return UNKNOWN
        one = self.random.choice(simple)
        return self.random.choice((one, one, UNKNOWN, Either(one, self.random.choice(simple))))

    def filtered(self, written: Written, relation: CachedRelation, prefix: str = "") -> Written:
        for column in self.random.sample(list(relation.columns.values()), self.random.randint(1, 2)):
            name = prefix + column.name
            match self.random.randint(0, 4):
                case 0:
                    written.is_(name, None)
                case 1:
                    written.not_(name, "is", None)
                case 2 if column.json_type not in {"jsonb", "text[]", "tsvector"}:
                    written.in_(name, [self.operand(relation, column) for _ in range(3)])
                case 3 if not prefix:
                    written.or_(f"{column.name}.is.null,and({column.name}.not.is.null,{column.name}.is.null)")
                case _:
                    written.then("eq", (name, self.operand(relation, column)), {}, self.random.random() < 0.3)
        return written

    def columns(self, relation: CachedRelation, depth: int = 0) -> str:
        names = self.random.sample(list(relation.columns), self.random.randint(1, min(3, len(relation.columns))))
        items = [self.random.choice((name, f"as_{name}:{name}", f"{name}::text")) for name in names]
        ways = self.ways.get(relation.path, [])
        if ways and depth < 2 and self.random.random() < 0.6:
            way = self.random.choice(ways)
            hint = way.junction[1] if way.junction else way.constraint
            if not way.is_self:
                by_path = {one.path: one for one in self.tables}
                if target := by_path.get(way.foreign):
                    join = self.random.choice(("", "!inner"))
                    items.append(f"e{depth}:{way.foreign[1]}!{hint}{join}({self.columns(target, depth + 1)})")
        return self.random.choice((",", ", ", "  ,   ")).join(items)

    def row(self, relation: CachedRelation, *, whole: bool) -> dict[str, object]:
        found: dict[str, object] = {}
        for column in relation.columns.values():
            if column.generated or column.identity == "a":
                continue
            required = column.not_null and not column.has_default
            if (required and whole) or self.random.random() < 0.4:
                found[column.name] = self.value(relation, column)
                if not required and self.random.random() < 0.2:
                    found[column.name] = Maybe(found[column.name])
        return found

    def right(self) -> Written:
        relation = self.random.choice(self.tables)
        start = table(relation.path[1])
        key = (relation.primary_key or tuple(relation.columns))[0]
        match self.random.randint(0, 5):
            case 0 | 1:
                return self.filtered(start.select(self.columns(relation)), relation).order(
                    self.random.choice([*relation.columns])
                )
            case 2:
                return start.insert(self.row(relation, whole=True)).select(self.columns(relation))
            case 3:
                return start.update(self.row(relation, whole=False)).eq(key, UNKNOWN)
            case 4:
                return start.upsert(Spread(**self.row(relation, whole=True)))
            case _:
                return self.filtered(start.delete().eq(key, UNKNOWN), relation)

    def wrong(self) -> Made | None:
        relation = self.random.choice(self.tables)
        start = table(relation.path[1])
        column = self.random.choice(list(relation.columns.values()))
        bad = "gone" if column.labels else WRONG.get(column.json_type)
        writable = not column.generated and column.identity != "a"
        needed = column.not_null and writable and not relation.fills_inserted
        match self.random.randint(0, 7):
            case 0:
                return Made(
                    self.filtered(start.select(f"{self.columns(relation)},nothere"), relation),
                    "unknown-column",
                    "nothere",
                )
            case 1:
                return Made(
                    self.filtered(start.select("*"), relation).eq("nothere", UNKNOWN), "unknown-column", "nothere"
                )
            case 2 if bad:
                values = [self.operand(relation, column), bad]
                return Made(start.select("*").in_(column.name, values), "impossible-value", bad)
            case 3 if bad and writable:
                row = {**self.row(relation, whole=True), column.name: bad}
                return Made(start.insert(row), "impossible-value", bad)
            case 4:
                row = {**self.row(relation, whole=True), "nothere": 1}
                return Made(start.insert(row), "unknown-column", "nothere")
            case 5 if needed:
                row = {**self.row(relation, whole=True), column.name: None}
                return Made(start.insert(row), "null-in-required-column", "null")
            case 6 if needed and not column.has_default:
                row = self.row(relation, whole=True)
                row.pop(column.name, None)
                return Made(start.insert(row), "omitted-required-column", "")
            case 7:
                return Made(start.select(f"{self.columns(relation)},skils(name)"), "missing-relationship", "skils")
        return None


@pytest.fixture(scope="module")
def connection(server: DatabaseServer, template: Template) -> Generator[Connection]:
    url = server.create(template("code", [SCHEMA]))
    with closing(connect(url)) as opened:
        opened.execute("begin read only")
        limit(opened, 30, 1)
        yield opened
    server.drop(url)


def verdicts(connection: Connection, cache: SchemaCache, written: list[Written]) -> list[list[CodeVerdict]]:
    """What is found of each of several requests, which are judged together."""
    requests = [one.request() for one in written]
    found = judge(connection, requests, cache).verdicts
    return [[one for one in found if one.subject is request] for request in requests]


@pytest.mark.parametrize("seed", one_in(2, range(4)))
def test_what_is_right_has_no_verdict(connection: Connection, seed: int) -> None:
    cache = read_cache(connection, ["public"])
    maker = Maker(cache, seed)
    written = [maker.right() for _ in range(NUMBER)]
    for one, found in zip(written, verdicts(connection, cache, written), strict=True):
        assert [f"{each.rule.name}: {each.message}" for each in found] == [], one.text


@pytest.mark.parametrize("seed", one_in(2, range(4)))
def test_what_is_wrong_has_its_own(connection: Connection, seed: int) -> None:
    cache = read_cache(connection, ["public"])
    maker = Maker(cache, 1000 + seed)
    made = [one for _ in range(NUMBER) if (one := maker.wrong())]
    assert len(made) > NUMBER // 3
    for one, found in zip(made, verdicts(connection, cache, [each.written for each in made]), strict=True):
        told = [(each.rule.name, one.written.word(each.at) if one.word else "") for each in found]
        assert told == [(one.rule, one.word)], one.written.text
