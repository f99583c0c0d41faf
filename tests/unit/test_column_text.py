"""What a column's words tell about PostgreSQL's work, held against a server: what is called cheap must be cheap."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from servers import DatabaseServer, connect
from sessionaudit.core.cure import Difference
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.check.model import Check
from sessionaudit.kinds.column.cure import CURE
from sessionaudit.kinds.column.model import Column, parse
from sessionaudit.kinds.column.rewrites import rewrites_when_added, widens
from sessionaudit.kinds.enum.model import Enum
from sessionaudit.kinds.function.model import Function
from sessionaudit.kinds.index.model import Index
from sessionaudit.kinds.table.model import Table

TYPES = """text|character varying|character varying(5)|character varying(9)|character(5)|character(9)|numeric
    |numeric(8,2)|numeric(10,2)|numeric(10,3)|cidr|inet|bit(5)|bit varying|bit varying(5)|bit varying(9)|smallint
    |integer|bigint|oid|timestamp without time zone|timestamp(3) without time zone|date|timestamp with time zone
    |timestamp(2) with time zone|time without time zone|time(2) without time zone|time(2) with time zone
    |time with time zone|interval|interval(2)|interval second(3)|interval day to second|text[]|character varying(5)[]
    |numeric(8,2)[]|timestamp(3) without time zone[]|timestamp without time zone[]|xml|name|"char"|jsonb|json|uuid
    |boolean|real|double precision""".replace("\n", "").split("|")
QUICK = {
    ("character varying(5)", "character varying(9)"),
    ("character varying(9)", "text"),
    ("text", "character varying"),
    ("numeric(8,2)", "numeric(10,2)"),
    ("numeric(8,2)", "numeric"),
    ("cidr", "inet"),
    ("bit varying(5)", "bit varying"),
    ("timestamp(3) without time zone", "timestamp without time zone"),
    ("timestamp(2) with time zone", "timestamp with time zone"),
    ("time(2) without time zone", "time without time zone"),
    ("interval(2)", "interval"),
}


def test_a_type_that_widens_writes_nothing_anew(database: str) -> None:
    types = [type_.strip() for type_ in TYPES]
    found = {(old, new) for old in types for new in types if old != new and widens(old, new)}
    assert found >= QUICK
    with connect(database) as connection:
        for old, new in sorted(found):
            connection.execute(f"create table t (c {old}); create index i on t (c)".encode())
            files = "select pg_relation_filenode('t'), pg_relation_filenode('i')"
            before = connection.execute(files.encode()).fetchone()
            connection.execute(f"alter table t alter column c type {new}".encode())
            assert connection.execute(files.encode()).fetchone() == before, (old, new)
            connection.execute("drop table t")


def difference(definition: str | None, actual: str | None = None, **present: Any) -> Difference[Column]:
    kinds = ("table", "column", "check", "index", "enum", "function", "key", "policy", "trigger", "foreign_key")
    there: dict[str, dict[tuple[str, ...], Any]] = {kind: {} for kind in kinds}
    there["table"][("public", "t")] = Table(row_security=None, owner=None, kind="table")
    for kind, value in present.items():
        there[kind][("public", "t", "other")] = value
    wanted: dict[str, dict[tuple[str, ...], Any]] = {kind: {} for kind in kinds}
    wanted["enum"][("public", "mood")] = Enum(values=("a", "b"))
    wanted["function"][("public", "steady", "()")] = Function(
        returns="integer", language="sql", body="select 1", volatility="stable"
    )
    return Difference(
        ref=ObjectRef("column", ("public", "t", "c")),
        expected=parse(definition, "public") if definition else None,
        actual=parse(actual, "public") if actual else None,
        wanted=wanted,
        present=there,
        schema="public",
        around=lambda ref: ObjectRef("table", ref.path[:2]),
    )


ADDED = {
    "text": False,
    "text not null default ''": False,
    "jsonb not null default '{}'::jsonb": False,
    "text[] default array['a', 'b']": False,
    "numeric(8,2) default -1.5": False,
    "timestamptz not null default now()": False,
    "timestamp default (now() at time zone 'utc')": False,
    "date default current_date + 7": False,
    "timestamptz default now() + interval '1 day'": False,
    "jsonb default jsonb_build_object('a', 1)": False,
    "text default current_setting('search_path')": False,
    "mood not null default 'a'": False,
    "mood[] default '{a}'": False,
    "integer default steady()": False,
    "integer default public.steady()": False,
    "uuid not null default gen_random_uuid()": True,
    "timestamptz default clock_timestamp()": True,
    "double precision default random()": True,
    "double precision default 1 + random()": True,
    "integer default unsteady()": True,
    "integer generated always as (1) stored": True,
    "bigint generated always as identity": True,
    "serial": True,
    "positive": True,
    "positive default 3": True,
}


@pytest.mark.parametrize("definition", ADDED)
def test_a_column_that_is_added_writes_nothing_anew_unless_it_says_so(definition: str, database: str) -> None:
    rewrites = rewrites_when_added(difference(definition))
    assert rewrites == ADDED[definition]
    with connect(database) as connection:
        connection.execute("create type mood as enum ('a', 'b'); create domain positive as integer check (value > 0)")
        connection.execute("create function steady() returns integer stable language sql as 'select 1'")
        connection.execute("create function unsteady() returns integer language plpgsql as 'begin return 1; end'")
        connection.execute("create table t (id integer); insert into t values (1)")
        file = "select pg_relation_filenode('t')"
        before = connection.execute(file.encode()).fetchone()
        connection.execute(f"alter table t add column c {definition}".encode())
        assert (connection.execute(file.encode()).fetchone() != before) == rewrites


@pytest.mark.parametrize(
    ("present", "gated"),
    [
        ({}, False),
        ({"check": Check(expression="other > 0")}, False),
        ({"check": Check(expression="c <> ''")}, True),
        ({"index": Index(unique=False, definition="btree (c DESC, other) WITH (fillfactor='70')")}, False),
        ({"index": Index(unique=False, definition="btree (lower(c))")}, True),
        ({"index": Index(unique=False, definition="btree (other) WHERE (c = 'a'::text)")}, True),
        ({"column": Column(type="text", generated="c || 'x'", storage="stored")}, True),
    ],
)
def test_what_is_looked_at_anew_makes_a_wider_type_a_rewrite(present: dict[str, Any], gated: bool) -> None:
    retype = CURE.alter["type"]
    assert retype is not None
    (step,) = retype(difference("varchar(50)", "varchar(20)", **present))
    assert bool(step.gated) == gated


def test_nothing_is_cut_silently(server: DatabaseServer, database: str) -> None:
    """A cast with a length cuts what is too long; ALTER TABLE without USING refuses it."""
    retype = CURE.alter["type"]
    assert retype is not None
    with connect(database) as connection:
        connection.execute("create table t (c text); insert into t values ('abcd')")
        for type_ in ("varchar(3)", "char(3)"):
            (step,) = retype(difference(type_, "text"))
            assert step.obstacle is not None
            assert len(connection.execute(step.obstacle.rows.encode()).fetchall()) == 1
            with pytest.raises(Exception, match="too long"):
                connection.execute(step.sql[0].encode())


def test_what_is_not_known_to_anybody_is_only_relieved_where_it_blocks() -> None:
    relieve = CURE.relieve
    assert relieve is not None
    harmless = difference(None, "text not null default ''")
    assert relieve(harmless) == ()


@pytest.mark.parametrize("kind", ["view", "materialized view", "foreign table"])
def test_columns_of_views_have_no_cure(kind: str) -> None:
    found = difference("text not null default 'x'", "integer")
    view = Table(row_security=None, owner=None, kind=kind)
    found = replace(found, present={**found.present, "table": {("public", "t"): view}})
    assert CURE.create(found) == CURE.drop(found) == ()
    assert [alter(found) for alter in CURE.alter.values() if alter] == [()] * len(CURE.alter)
