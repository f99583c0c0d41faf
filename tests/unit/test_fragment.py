"""Fragments and types, the types held against PostgreSQL's format_type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from servers import connect
from sessionaudit.sql.fragment import BUILTIN_TYPES, Fragment, FragmentError, canonical_type

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    from servers import DatabaseServer

SPELLINGS = '''int; INT4; integer; int8; bigint; int2; smallint; bool; boolean; float4; float8;
float; float(1); float(24);
float(25); real; double precision; Double  Precision; decimal; dec(5); numeric; numeric(10); numeric(10,2);
numeric( 10 , /* x */ 2 ); varchar; varchar(20); character varying(20); char varying (3); national character varying(5);
national char(2); nchar varying(4); nchar; char; char(3); character(7); bpchar; "char"; pg_catalog."char"; bit; bit(3);
bit varying; bit varying(4); varbit(2); text; "text"; pg_catalog.text; pg_catalog.int4; "int4"; timestamp; timestamp(3);
timestamptz; timestamptz(0); timestamp with time zone; timestamp(2) with time zone; timestamp without time zone;
timestamp(6) without time zone; time; timetz; timetz(3); time(1) with time zone; time without time zone; date; interval;
interval(3); interval year; interval day to second; interval day to second(3); interval hour to minute;
interval second(2); uuid; json; jsonb; bytea; inet; cidr; macaddr; xml; money; oid; regclass; name; tsvector; tsquery;
int[]; int4[3]; int array; int array[4]; int[][]; text[]; varchar(20)[]; timestamptz[]; numeric(4,1)[]; "char"[]; mood;
public.mood; "mood"; MOOD[]; "Odd ""Type"""; public."Odd ""Type"""; other.tone; other.tone[]; public.date; date;
int4range; tstzrange; xid8; pg_lsn; point; void; record; "Ünï"; "order"; public."order"; email; public.email[]'''


@pytest.fixture(scope="module")
def connection(server: DatabaseServer) -> Generator[psycopg.Connection[Any]]:
    url = server.create()
    with connect(url) as connection:
        for statement in (
            "create schema other",
            "create type mood as enum ('a')",
            'create type "Odd ""Type""" as enum ()',
            "create type other.tone as enum ()",
            "create domain public.date as text",
            "create domain email as text",
            'create type "Ünï" as enum ()',
            'create type "order" as enum ()',
        ):
            connection.execute(statement.encode())
        yield connection
    server.drop(url)


def test_types_are_spelled_as_format_type_spells_them(connection: psycopg.Connection[Any]) -> None:
    for text in SPELLINGS.replace("\n", " ").split(";"):
        spelling = text.strip()
        connection.execute("select set_config('search_path', 'public', false)")
        if spelling in {"void", "record"}:
            continue
        connection.execute(f"create temporary table probe (c {spelling})".encode())
        connection.execute("select set_config('search_path', '', false)")
        row = connection.execute(
            "select format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'pg_temp.probe'::regclass and attname = 'c'"
        ).fetchone()
        connection.execute("drop table pg_temp.probe")
        assert row is not None
        assert canonical_type(spelling, "public") == canonical_type(row[0], "public"), (spelling, row[0])


def test_a_type_of_ours_that_hides_behind_a_builtin_keeps_its_schema() -> None:
    assert canonical_type("public.date", "public") == "public.date"
    assert canonical_type("pg_catalog.date", "public") == "date"
    assert canonical_type("public.mood", "public") == "mood"
    assert canonical_type("other.mood", "public") == "other.mood"


def test_every_type_that_a_column_can_have_is_known_as_builtin(connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute(
        "select format_type(oid, null) from pg_type where typnamespace = 'pg_catalog'::regnamespace"
        " and typtype in ('b', 'r', 'm', 'd', 'e') and typname !~ '^(_|pg_|gtsvector|int2vector|oidvector)'"
    )
    known = {*BUILTIN_TYPES, '"char"', "double"}
    missing = {row[0] for row in rows if row[0].split(" ")[0].split("[")[0] not in known}
    assert not missing - {"pg_lsn"}


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a (b", 2),
        ("a) b", 1),
        ("(a]", 2),
        ("a; b", 1),
        ("  'x", 2),
        ("a /* b", 2),
    ],
)
def test_a_fragment_that_is_none(text: str, offset: int) -> None:
    with pytest.raises(FragmentError) as caught:
        Fragment(text)
    assert caught.value.offset == offset


def test_an_error_stands_at_the_word_that_is_wrong() -> None:
    fragment = Fragment("check  nonsense")
    fragment.expect("check")
    with pytest.raises(FragmentError, match="found “nonsense”") as caught:
        fragment.parenthesised()
    assert caught.value.offset == 7
    fragment = Fragment("check")
    fragment.expect("check")
    with pytest.raises(FragmentError, match="found the end") as caught:
        fragment.expect("(")
    assert caught.value.offset == 5


def test_expressions_are_cut_out_as_they_stand() -> None:
    fragment = Fragment("default (a, 'not null') || f(not, null) not null")
    assert fragment.accept("default")
    assert fragment.until(("not", "null")) == "(a, 'not null') || f(not, null)"
    fragment.expect("not", "null")
    assert fragment.done
    assert Fragment(" ( a -- )\n + (b) ) x").parenthesised() == "a -- )\n + (b)"


def test_a_quoted_word_is_no_keyword() -> None:
    fragment = Fragment('"default" x')
    assert not fragment.accept("default")
    assert fragment.name() == "default"
    assert Fragment("'default'").peek("default") is False


def test_names() -> None:
    assert Fragment('(a, "B c", "d""e")').names() == ("a", "B c", 'd"e')
    assert Fragment('"X".y').qualified("public") == ("X", "y")
    assert Fragment("Y").qualified("public") == ("public", "y")
