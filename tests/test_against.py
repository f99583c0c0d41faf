"""One database is held against another, which is only read."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from psycopg import sql
from typer.testing import CliRunner

from servers import connect
from sessionaudit.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Generator

    from conftest import MakeDatabase

SHOP = """
create type mood as enum ('sad', 'ok');
create function twice(n integer) returns integer language sql immutable as 'select n * 2';
create table orders (id bigint primary key, state text not null default 'open' check (state in ('open', 'paid')));
create table items (id bigint primary key, order_id bigint references orders, mood mood);
create index items_order on items (order_id) where mood = 'ok';
create view busy as select 1 as one;
"""
PASSWORD = "sehr-geheim"


def call(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["check", *words])
    return result.exit_code, result.stdout, " ".join(result.stderr.split())


def compared(here: str, there: str, *words: str) -> tuple[int, dict[str, Any]]:
    code, out, said = call("-d", here, "--against", there, "-f", "json", *words)
    assert "warning" not in said, said
    return code, json.loads(out)


def run(url: str, *statements: str) -> None:
    with connect(url) as connection:
        for one in statements:
            connection.execute(one.encode())


@pytest.fixture
def pair(make_database: MakeDatabase) -> tuple[str, str]:
    here, there = make_database(), make_database()
    run(here, SHOP)
    run(there, SHOP)
    return here, there


def name(url: str) -> str:
    return urlsplit(url).path[1:]


def test_two_alike_are_clean(pair: tuple[str, str]) -> None:
    here, there = pair
    assert call("-d", here, "--against", there, "--fail-on", "note", "--quiet") == (0, "", "")
    code, report = compared(here, there)
    assert (code, report["findings"], report["next"], report["skipped"]) == (0, [], [], [])
    assert name(there) in report["contract"]


def test_what_differs_is_found_at_the_name_of_the_other(pair: tuple[str, str]) -> None:
    here, there = pair
    run(
        here,
        "alter table orders alter state drop default",
        "drop index items_order",
        "alter table items add extra integer",
        "create table more (id integer primary key, note text)",
        "create index on more (note)",
        "create type colour as enum ('red')",
        "create function thrice(n integer) returns integer language sql as 'select n * 3'",
    )
    code, report = compared(here, there)
    assert code == 1
    assert {(one["rule"], one["object"]) for one in report["findings"]} >= {
        ("missing-index", "index public.items.items_order"),
        ("unexpected-column", "column public.items.extra"),
        ("unexpected-object", "table public.more"),
        ("unexpected-object", "enum public.colour"),
        ("unexpected-object", "function public.thrice(integer)"),
    }
    assert not [
        one for one in report["findings"] if one["object"].startswith(("column public.more", "index public.more"))
    ]
    assert {one["location"]["file"] for one in report["findings"]} == {name(there)}
    assert {one["location"]["line"] for one in report["findings"]} == {None}
    _, page, _ = call("-d", here, "--against", there)
    assert f"{name(there)}\n" in page
    assert "sessionaudit repair" not in page
    assert {one["rule"] for one in compared(here, there, "--only", "unexpected-object")[1]["findings"]} == {
        "unexpected-object"
    }
    kept = compared(here, there, "--ignore", "unexpected-*")[1]["findings"]
    assert kept
    assert not [one for one in kept if one["rule"].startswith("unexpected")]
    assert compared(here, there, "--only", "public.more")[0] == 0  # notes
    assert compared(there, here, "--fail-on", "never")[0] == 0
    missing = {(one["rule"], one["object"]) for one in compared(there, here)[1]["findings"]}
    assert ("missing-table", "table public.more") in missing


def test_a_schema_that_one_has_alone(pair: tuple[str, str]) -> None:
    here, there = pair
    run(there, "create schema billing", "create table billing.bills (id integer)")
    assert {one["rule"] for one in compared(here, there)[1]["findings"]} >= {"missing-schema"}
    found = {(one["rule"], one["object"]) for one in compared(there, here)[1]["findings"]}
    assert ("unexpected-object", "table billing.bills") in found
    assert compared(here, there, "--schema", "public", "--fail-on", "note")[0] == 0


def test_what_both_have_alike_is_no_difference(pair: tuple[str, str]) -> None:
    here, there = pair
    for url in pair:
        run(url, "update pg_index set indisvalid = false where indexrelid = 'items_order'::regclass")
    code, out, said = call("-d", here, "--against", there, "--fail-on", "note", "-f", "json")
    assert (code, json.loads(out)["findings"]) == (0, [])
    assert "1 finding on what both databases have alike" in said
    run(there, "update pg_index set indisvalid = true where indexrelid = 'items_order'::regclass")
    assert {one["rule"] for one in compared(here, there)[1]["findings"]} == {"invalid-index"}


OWNED = """
create schema s;
create table s.t (id integer);
create sequence s.numbers;
create view s.v as select id from s.t;
create materialized view s.m as select id from s.t;
create function s.f() returns integer language sql as 'select 1';
create aggregate s.a(integer) (sfunc = int4pl, stype = integer);
"""


def test_owners_are_compared(pair: tuple[str, str], powerless: str) -> None:
    here, there = pair
    for url in pair:
        run(url, OWNED)
    things = ("schema s", "table s.t", "sequence s.numbers", "view s.v", "materialized view s.m", "function s.f()")
    for thing in (*things, "aggregate s.a(integer)"):
        with connect(here) as connection:
            connection.execute(sql.SQL("alter {} owner to {}").format(sql.SQL(thing), sql.Identifier(powerless)))
    found = {(one["rule"], one["object"], one["actual"]) for one in compared(here, there)[1]["findings"]}
    assert found == {
        ("schema-owner", "schema s", powerless),
        ("owner", "table s.t", powerless),
        ("sequence-owner", "sequence s.numbers", powerless),
        ("view-owner", "view s.v", powerless),
        ("materialized-view-owner", "materialized view s.m", powerless),
        ("function-owner", "function s.f()", powerless),
        ("aggregate-owner", "aggregate s.a(integer)", powerless),
    }
    assert compared(here, there, "--ignore", "*owner", "--fail-on", "note")[0] == 0
    _, page, _ = call("-d", here, "--against", there)
    assert "Not compared: owners of types" in page
    run(here, f"reassign owned by {powerless} to current_user")


def test_comments_are_compared_both_ways(pair: tuple[str, str]) -> None:
    here, there = pair
    run(here, "comment on table orders is 'old'", "comment on column items.mood is 'here alone'")
    run(there, "comment on table orders is 'new'", "comment on view busy is 'there alone'")
    run(there, "create table only_there (id integer)", "comment on table only_there is 'told'")
    run(there, "comment on column only_there.id is 'told'")
    run(here, "create function only_here() returns integer language sql as 'select 1'")
    run(here, "comment on function only_here() is 'told'")
    told = {("missing-table", "table public.only_there"), ("unexpected-object", "function public.only_here()")}
    found = {(one["rule"], one["object"]) for one in compared(here, there)[1]["findings"]}
    assert found - told == {
        ("comment-text", "comment table public.orders"),
        ("unexpected-object", "comment column public.items.mood"),
        ("missing-comment", "comment view public.busy"),
    }
    assert told <= found
    back = {(one["rule"], one["object"]) for one in compared(there, here)[1]["findings"]}
    assert {one for one in back if one[1].startswith("comment")} == {
        ("comment-text", "comment table public.orders"),
        ("missing-comment", "comment column public.items.mood"),
        ("unexpected-object", "comment view public.busy"),
    }


def test_no_contract_is_spoken_of(pair: tuple[str, str]) -> None:
    here, there = pair
    run(here, *(f"alter table items add extra_{number} integer" for number in range(6)))
    run(here, "drop view busy", "alter table orders add check (id > 0)", "create view busy as select 2 as one")
    run(here, "comment on table orders is 'old'", "alter table items drop column mood cascade")
    run(there, "comment on table orders is 'new'")
    code, page, said = call("-d", here, "--against", there, "-v")
    assert code == 1
    assert "objects that the other database does not name" in " ".join(page.split())
    assert "contract" not in page.lower() + said.lower(), page
    assert not [one for one in compared(here, there)[1]["findings"] if "contract" in one["message"].lower()]
    _, page, said = call("-d", here, "--against", there, "--only", "public.gone*")
    assert "contract" not in page.lower() + said.lower(), page + said


def test_a_range_type_is_one_thing(pair: tuple[str, str]) -> None:
    here, there = pair
    run(here, "create type span as range (subtype = int4)")
    found = [(one["rule"], one["object"]) for one in compared(here, there)[1]["findings"]]
    assert found == [("unexpected-object", "range type public.span")]
    found = [(one["rule"], one["object"]) for one in compared(there, here)[1]["findings"]]
    assert found == [("missing-range-type", "range type public.span")]


def test_another_thing_of_the_same_name(pair: tuple[str, str]) -> None:
    here, there = pair
    run(here, "drop table items", "create view items as select 1::bigint as id")
    found = compared(here, there)[1]["findings"]
    assert [one for one in found if one["object"] == "table public.items"]


def test_the_same_database_is_told(pair: tuple[str, str]) -> None:
    code, out, said = call("-d", pair[0], "--against", pair[0], "-f", "json")
    assert (code, json.loads(out)["findings"]) == (0, [])
    assert "lead to the same database" in said


def test_one_that_is_not_there(pair: tuple[str, str]) -> None:
    nowhere = f"postgresql://nobody:{PASSWORD}@127.0.0.1:1/nothing"
    code, out, said = call("-d", pair[0], "--against", nowhere, "-f", "json")
    assert code == 3
    assert said.startswith("error: --against: cannot connect")
    assert json.loads(out)["error"]["message"].startswith("--against: cannot connect")
    assert PASSWORD not in out + said
    code, _, said = call("-d", nowhere, "--against", pair[0])
    assert (code, "--against" in said, PASSWORD in said) == (3, False, False)
    assert call("-d", pair[0], "--against", "nonsense")[0] == 2


def test_one_that_is_empty(pair: tuple[str, str], make_database: MakeDatabase) -> None:
    empty = make_database()
    code, _, said = call("-d", pair[0], "--against", empty)
    assert (code, said.startswith("error: --against: there is nothing to compare with")) == (2, True)
    assert {one["rule"] for one in compared(empty, pair[0])[1]["findings"]} >= {"missing-table"}


@pytest.fixture
def powerless(pair: tuple[str, str]) -> Generator[str]:
    role = f"sa_{secrets.token_hex(4)}"
    with connect(pair[0]) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        yield role
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def test_a_role_without_rights(pair: tuple[str, str], powerless: str) -> None:
    here, there = pair
    for url in pair:
        run(url, "revoke all on schema public from public")
    assert compared(here, there, "--role", powerless, "--fail-on", "note")[0] == 0
    run(here, "alter table orders drop constraint orders_state_check")
    assert {one["rule"] for one in compared(here, there, "--role", powerless)[1]["findings"]} == {"missing-check"}


def test_a_contract_is_refused_beside_it(pair: tuple[str, str]) -> None:
    code, _, said = call("-d", pair[0], "--against", pair[1], "-c", "x.yaml")
    assert (code, "--contract has no effect with --against" in said) == (2, True)
