"""The query of a view: what is one, and when another one certainly shows no more."""

from __future__ import annotations

import pytest

from sessionaudit.core.node import NodeError, Scalar
from sessionaudit.kinds.common.query_text import query
from sessionaudit.kinds.common.shown_less import shows_no_more
from sessionaudit.sql.fragment import FragmentError
from sessionaudit.sql.text import unqualified


def scalar(text: str) -> Scalar:
    found = Scalar(text)
    found.style = '"'
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select 1;", "select 1"),
        ("-- first\nselect 1 -- last\n", "select 1"),
        (" with a as (select 1) select * from a", "with a as (select 1) select * from a"),
        ("VALUES (1)", "VALUES (1)"),
        ("table orders", "table orders"),
        ("(select 1) union select 2", "(select 1) union select 2"),
        ("select ';' as a", "select ';' as a"),
        ("""select 'with check option'""", """select 'with check option'"""),
    ],
)
def test_a_query_is_what_is_between_comments_and_semicolons(text: str, found: str) -> None:
    assert query(scalar(text), "a query") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "drop table orders",
        "selected",
        "select 1; drop table orders",
        "select 1) as x",
        "select (1",
        "select 'a",
        "select 1 as a with check option",
        "select 1 as a with cascaded check option;",
        "select 1 as a with no data",
        "select 1 as a with data",
        "insert into orders values (1)",
        "update orders set id = 1",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((NodeError, FragmentError)):
        query(scalar(text), "a query")


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("SELECT id FROM t WHERE a", "SELECT id FROM t"),
        ("SELECT id FROM t WHERE (a AND b)", "SELECT id FROM t WHERE b"),
        ("SELECT id FROM t WHERE (n > 5)", "SELECT id FROM t WHERE (n > 3)"),
        ("SELECT id FROM t", "SELECT id, name FROM t"),
        ("SELECT name, id FROM t ORDER BY id", "SELECT id, name FROM t"),
        ("SELECT a FROM t GROUP BY a LIMIT 3", "SELECT a, max(b) AS b FROM t GROUP BY a LIMIT 3"),
        ("SELECT t.id, u.a FROM t JOIN u ON (t.id = u.id) WHERE c", "SELECT t.id, u.a FROM t JOIN u ON (t.id = u.id)"),
    ],
)  # fmt: skip
def test_what_certainly_shows_no_more(new: str, old: str) -> None:
    assert shows_no_more(new, old)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("SELECT id FROM t", "SELECT id FROM t WHERE a"),
        ("SELECT id, name FROM t", "SELECT id FROM t"),
        ("SELECT id FROM u", "SELECT id FROM t"),
        ("SELECT a AS id FROM t", "SELECT id FROM t"),
        ("SELECT id FROM t WHERE a LIMIT 1", "SELECT id FROM t LIMIT 1"),
        ("SELECT a FROM t WHERE b GROUP BY a HAVING (max(b) < 2)", "SELECT a FROM t GROUP BY a HAVING (max(b) < 2)"),
        ("SELECT id FROM t WHERE a UNION SELECT id FROM u", "SELECT id FROM t WHERE a"),
        ("SELECT id FROM t WHERE a", "SELECT DISTINCT id FROM t"),
        ("SELECT id FROM t", "SELECT DISTINCT id, a FROM t"),
        ("SELECT a FROM t GROUP BY a, b", "SELECT a FROM t GROUP BY a"),
        ("SELECT a FROM t UNION SELECT b FROM u", "SELECT a, c FROM t UNION SELECT b, d FROM u"),
        ("WITH t AS (SELECT 1 AS id) SELECT id FROM t WHERE a", "SELECT id FROM t"),
        ("SELECT id FROM t WHERE (a OR b)", "SELECT id FROM t WHERE a"),
        ("SELECT rank() OVER (ORDER BY a) AS n FROM t WHERE a", "SELECT rank() OVER (ORDER BY a) AS n FROM t"),
        ("SELECT 1 AS a", "SELECT 1 AS a, 2 AS b"),
    ],
)  # fmt: skip
def test_what_may_show_more(new: str, old: str) -> None:
    assert not shows_no_more(new, old)


def test_a_name_of_with_keeps_the_schema_of_what_has_it() -> None:
    text = "WITH a AS (SELECT 1), b(x) AS MATERIALIZED (SELECT 2) SELECT * FROM public.a, public.b, public.c"
    expected = "WITH a AS (SELECT 1), b(x) AS MATERIALIZED (SELECT 2) SELECT * FROM public.a, public.b, c"
    assert unqualified(text, "public") == expected
