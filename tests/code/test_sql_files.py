"""What is read of files of SQL: their queries, with the parameters of tools, and nothing that defines."""

from __future__ import annotations

from pathlib import Path

import pytest

from code_found import Tree
from sessionaudit.audits.code.model import CodeFile
from sessionaudit.audits.code.readers.placeholders import Style, numbered
from sessionaudit.audits.code.readers.sql.reader import read
from sessionaudit.audits.code.statements import place_in


def read_sql(text: str, name: str = "queries/users.sql") -> CodeFile:
    return read(Path(name), name, text.encode(), Tree({}))


READ = {
    "one without a semicolon": ("select 1", ["select 1"]),
    "several, with what defines between": ("select 1; create table t (a int); select 2;", ["select 1", "select 2"]),
    "a name of sqlc": (
        "-- name: GetUser :one\nselect * from users where id = @id;",
        ["select * from users where id = $1"],
    ),
    "a name twice": ("select :a, :b, :a", ["select $1, $2, $1"]),
    "what pgTyped requires": ("select :name!", ["select $1"]),
    "sqlc.arg and sqlc.narg": ("select sqlc.arg(a), sqlc.narg('b')", ["select $1, $2"]),
    "numbers stay, and names go on behind them": ("select $2, :a, $1", ["select $2, $3, $1"]),
    "a cast is no name": ("select a::text, :a::int from t", ["select a::text, $1::int from t"]),
    "no name in a text": ("select ':a', \":b\", $$ :c @d $$, E'\\':e'", ["select ':a', \":b\", $$ :c @d $$, E'\\':e'"]),
    "no name in a comment": ("select /* :a */ 1 -- @b\n", ["select /* :a */ 1"]),
    "no name in a slice": ("select a[1:n], b[x:y], c[1] = :n", ["select a[1:n], b[x:y], c[1] = $1"]),
    "operators with an at sign": ("select a @> b, a <@ b, a @@ b, @ c", ["select a @> b, a <@ b, a @@ b, @ c"]),
    "of psycopg": ("select %(a)s, 5 %% 2, '{b}' from t where c = %s", ["select $1, 5 % 2, '{b}' from t where c = $2"]),
    "a modulo": ("select a %s, a % b, a %(b)", ["select a %s, a % b, a %(b)"]),
    "a text for psql": ("select :'a'", ["select $1"]),
    "marks": (
        "select a from t where b = ? and c in (?, ?) limit ?",
        ["select a from t where b = $1 and c in ($2, $3) limit $4"],
    ),
    "lines of psql": (
        "\\set x 1\nselect :x;\n\\echo done\nselect 2 \\gset\nselect 3",
        ["select $1", "select 2 ", "select 3"],
    ),
    "the arguments by name": ("call f(a := 1, b => :b)", ["call f(a := 1, b => $1)"]),
    "operators of JSON": ("select a ? 'b', a ?| c", ["select a ? 'b', a ?| c"]),
    "a statement that writes": ("with x as (delete from a returning *) insert into b select * from x", None),
    "a merge": ("merge into a using b on a.c = b.c when matched then delete", None),
    "rows": ("values (1), (2)", None),
    "what begins with a word of another sort": ("begin; vacuum; truncate a; grant select on a to b; commit", []),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_statements(text: str, expected: list[str] | None) -> None:
    found = read_sql(text)
    assert [one.text for one in found.statements] == ([text] if expected is None else expected)
    assert found.unread == ()


UNREAD = {
    "a template": ("select * from {{ ref('a') }}", 1),
    "a query for psycopg": ("with a as (%(query)s) select * from a", 1),
    "a name for Python": ("select * from {table}", 1),
    "a name for psql": ('select * from :"table"', 1),
    "a list of sqlc": ("select * from a where b in (sqlc.slice(c))", 1),
    "rows of pgTyped": ("/* @name add\n @param users -> ((a, b)...) */\ninsert into t (a, b) values :users", 1),
    "what the file has made": ("create temp table fresh as select 1; select * from fresh; select * from other", 1),
    "another search path": ("set search_path = api; select 1; select 2", 2),
    "a text that is not closed": ("select 1; select 'a", 1),
    "a command of psql": ("select 1;\n\\i other.sql\nselect 2;", 1),
}


@pytest.mark.parametrize(("text", "count"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_is_said(text: str, count: int) -> None:
    assert len(read_sql(text).unread) == count


@pytest.mark.parametrize(
    "name", ["supabase/migrations/1.sql", "db/seeds/a.sql", "supabase/seed.sql", "Migrations/a.sql", "dump.sql"]
)
def test_what_builds_a_database_is_left_out(name: str) -> None:
    assert read_sql("select 1", name) == CodeFile(path=name)


@pytest.mark.parametrize(
    "before", ["create table t (a int);", "SELECT pg_catalog.set_config('search_path', '', false);"]
)
def test_a_dump_is_left_out(before: str) -> None:
    text = f"{before}\nselect 1;\nCOPY t (a) FROM stdin;\n1\n\\.\nselect 2;"
    assert read_sql(text) == CodeFile(path=read_sql(text).path)


def test_the_data_of_a_copy_alone_are_no_dump() -> None:
    found = read_sql("select 1;\nCOPY t (a) FROM stdin;\n1\n\\.\nselect 2;")
    assert [(one.text, one.at.line) for one in found.statements] == [("select 1", 1), ("select 2", 5)]


def test_places_lead_back_behind_a_parameter() -> None:
    found = read_sql("-- é\nselect :long_name,\n  :other, wrong, @third from a where :x = gone").statements[0]
    for word, line, column in (("wrong", 3, 11), ("gone", 3, 43)):
        at = place_in(found, found.text.index(word) + 1)
        assert (at.line, at.column, at.end_column) == (line, column, column + len(word))


def test_suppressions() -> None:
    found = read_sql(
        "-- sessionaudit: ignore[unknown-table] made by hand\nselect 1; /* sessionaudit: ignore */"
    ).suppressions
    assert [(one.rules, one.reason, one.at.line) for one in found] == [
        (("unknown-table",), "made by hand", 1),
        ((), "", 2),
    ]


FORMAT = {
    "in order": ("a = %s and b = %s", "a = $1 and b = $2"),
    "by name, twice": ("a = %(x)s or %(y)s or %(x)s", "a = $1 or $2 or $1"),
    "without a blank": ("a=%s", "a=$1"),
    "percent signs": ("a %% 2 = %s", "a % 2 = $1"),
    "in a text": ("a like '%s%%' and b = %s", "a like '%s%%' and b = $1"),
    "a modulo": ("a %some", "a %some"),
}


@pytest.mark.parametrize(("text", "expected"), FORMAT.values(), ids=FORMAT)
def test_formats(text: str, expected: str) -> None:
    assert numbered(text, Style.FORMAT).text == expected


MARKS = {
    "values": ("a = ? and b in (?, ?) limit ?", "a = $1 and b in ($2, $3) limit $4"),
    "operators": ("a ? 'b' and c ?| d and e->'f' ? g and (h) ? i", None),
    "without a blank": ("a=?", "a=$1"),
}


@pytest.mark.parametrize(("text", "expected"), MARKS.values(), ids=MARKS)
def test_question_marks(text: str, expected: str | None) -> None:
    assert numbered(text, Style.MARK).text == (expected or text)
