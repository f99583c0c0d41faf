"""Signatures, held against what PostgreSQL makes of the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from servers import connect
from sessionaudit.kinds.function.kind import find, same_returns
from sessionaudit.kinds.function.model import Function
from sessionaudit.kinds.function.signature import arguments, signature
from sessionaudit.sql.fragment import FragmentError

if TYPE_CHECKING:
    from servers import DatabaseServer

TYPES = "create schema other; create type mood as enum ('a'); create type other.\"Odd, (Type)\" as enum ('a')"
READ = """
select '(' || array_to_string(array(select format_type(a.type, null)
                                      from unnest(p.proargtypes) with ordinality as a (type, position)
                                     order by a.position), ', ') || ')',
       coalesce(p.proargnames, '{}'), pg_get_function_arguments(p.oid)
  from pg_proc p
 where p.proname = 'f'"""
SPELLINGS = (
    "",
    "integer",
    "int, in text, inout bigint, variadic text[]",
    "a integer, b text default 'x, y)'",
    "a integer = 1 + 2, b text[] = array['=', ',']",
    "a in out integer",
    "in double double precision, double precision, year interval day to second(3), interval second",
    '"Odd; name" timestamp(3) with time zone, "in" time, zone timetz',
    'm mood, n public.mood[], o other."Odd, (Type)", other."Odd, (Type)"',
    "a numeric(10, 2) default 1.5, b character varying(20) default 'x', c bit varying default '1'",
    "a text -- a comment, with a comma\n, /* another ( */ b text",
    "variadic \"va'r\" integer[] default '{1,2}'",
    "a integer array, b text array[4]",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_types_and_names_are_those_that_postgresql_reads(spelling: str, server: DatabaseServer) -> None:
    url = server.create()
    try:
        with connect(url) as connection, connection.transaction():
            connection.execute(TYPES.encode())
            connection.execute("set local check_function_bodies = off")
            connection.execute(f"create procedure f({spelling}) language sql as ''".encode())
            connection.execute("set local search_path = ''")
            row = connection.execute(READ.encode()).fetchone()
        assert row is not None
        types, names, printed = row
        path, _ = signature(f"f({spelling})", "public")
        assert path == ("public", "f", types)
        for text in (spelling, printed):
            found = arguments(text, "public")
            assert f"({', '.join(one.type for one in found if one.given)})" == types
            assert [one.name for one in found] == names or not any(one.name for one in found)
    finally:
        server.drop(url)


def test_arguments_are_kept_where_more_than_types_is_said() -> None:
    assert signature("f(integer, text)", "public").arguments == ""
    assert signature("f()", "public").arguments == ""
    assert signature("s.\"F\"(a integer, text default 'x')", "public") == (
        ("s", "F", "(integer, text)"),
        "a integer, text default 'x'",
    )


def test_any_is_of_postgresql_and_not_of_the_schema() -> None:
    assert signature('f("any", variadic "any")', "public").path == ("public", "f", '("any", "any")')


def test_what_only_comes_out_does_not_name_a_function() -> None:
    path, spelled = signature("f(a integer, out b integer, out c text)", "public")
    assert path == ("public", "f", "(integer)")
    assert [(one.mode, one.name) for one in arguments(spelled, "public")] == [("", "a"), ("out", "b"), ("out", "c")]


@pytest.mark.parametrize(
    "spelling",
    ["f", "f(", "f(,)", "f(a integer", "f(a integer,)", "f(a integer b)", "f(a integer) x", "f(a integer default)"],
)
def test_what_is_no_signature_is_refused(spelling: str) -> None:
    with pytest.raises(FragmentError):
        signature(spelling, "public")


PRESENT: dict[tuple[str, ...], Function] = {
    ("public", "f", types): Function(returns=returns, language="sql", body="", found_bare=bare)
    for types, returns, bare in (
        ("(app.citext)", "app.citext", ("app.citext",)),
        ("(text, app.citext[])", "text", ("app.citext",)),
        ('(other."app.citext")', "text", ()),
        ('(app."a.b")', 'app."a.b"', ('app."a.b"',)),
    )
}


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("f(citext)", "(app.citext)"),
        ("f(a text, b citext[] default null)", "(text, app.citext[])"),
        ('f("a.b")', '(app."a.b")'),
        ("f(public.citext)", None),  # which is none of app
        ("f(text, public.citext[])", None),
        ('f("app.citext")', None),
        ('f("Citext")', None),
        ("f(b)", None),
        ("g(citext)", None),
    ],
)
def test_a_type_of_an_extension_may_stand_alone(key: str, found: str | None) -> None:
    path = find(key, signature(key, "public").path, PRESENT, "public")
    assert path == (found and ("public", "f", found))


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("setof citext", "setof app.citext", True),
        ("table(a citext, b text)", "table(a app.citext, b text)", True),
        ("mood", "other.mood", None),
        ('"b"', '"a.b"', False),
        ('"a.b"', "a.b", False),
        ("citext", "app.mood", False),
    ],
)
def test_what_is_returned_may_stand_alone(expected: str, actual: str, same: bool | None) -> None:
    left, right = (Function(returns=returns, language="sql", body="") for returns in (expected, actual))
    assert same_returns(left, replace(right, found_bare=("app.citext",))) is same
