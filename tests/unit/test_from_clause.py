"""The relations that are told to be read by a query are among those that PostgreSQL says the query reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.from_clause import relations_read

if TYPE_CHECKING:
    import psycopg

TABLES = ("a", "b", "c", "d", '"user"', '"rows"', '"from"', '"A b"', '"first"', '"only"', '"lateral"', "s.a")
# What is read: a word that begins with “?” may be left untold, but nothing else may be told.
QUERIES = {
    "select x from a": "a",
    "select a.x from a, b": "a ?b",
    "select x from s.a": "s.a",
    "select 1 from only b": "?b",
    "select 1 from only (b)": "?b",
    "table b": "?b",
    "values (1)": "",
    "values ((select x from b))": "b",
    "select 'x from a' as q from b": "b",
    "select $$ from a $$ as q from b -- from c": "b",
    "select /* from a /* from c */ from d */ 1 from b": "b",
    "select E'\\' from a' as q from b": "b",
    "with a as (select 1 as x) select x from a": "",
    "with c as (select x from a) select x from c join b using (x)": "a b",
    "with recursive c (n) as (select 1 union all select n + 1 from c where n < 5) select n from c": "",
    "with c as materialized (select 1 as x), d as (select x from c) select d.x from d, b": "?b",
    "select q.x from (select x from a) as q": "a",
    "select q.x from ((select x from a) union (select x from b)) as q": "a b",
    "select q.x from b cross join lateral (select b.x + a.x as x from a) as q": "a b",
    "select i from generate_series(1, 2) as i": "",
    "select i.x from b cross join generate_series(1, b.x) as i (x)": "b",
    "select i from rows from (generate_series(1, 2), generate_series(1, 3)) as i (i, j)": "",
    "select q.usr from session_user as q (usr)": "",
    "select q.usr from user as q (usr)": "",
    'select x from "user"': "user",
    'select x from "A b"': "A b",
    'select x from "only"': "only",
    "select x from A": "a",
    'select x from U&"\\0061"': "?a",
    "select extract(year from q.at) as y from (select now() as at) as q": "",
    "select extract(year from a.at) as y from a": "a",
    "select substring(t from 'a') as y from b": "b",
    "select substring(a from b.x for 1) as y from (select 'a' as a) as q, b": "?b",
    "select trim(both from t) as y, trim(t from t) as z from b": "b",
    "select overlay(t placing t from 1) as y from b": "b",
    "select b.x is distinct from a.x as y from b cross join a": "a b",
    "select b.x is not distinct from (select x from a limit 1) as y from b": "a b",
    "select 1 as from, x as join from b": "b",
    'select "from".x from "from"': "from",
    'select q.from from (select x as "from" from b) as q': "b",
    "select exists (select from a) as y, array(select x from b) as z": "a b",
    "select count(*) filter (where x in (select x from a)) over (partition by x order by x) as y from b": "a b",
    "select x from (a join b using (x)) join c using (x)": "?a b c",
    "select x from b tablesample system (10)": "b",
    "select x from a union select x from b intersect select x from c": "a b c",
    "select relname from pg_class": "",
    'select "first".x from "first" natural join b for update of b': "first b",
}


def test_nothing_is_told_that_is_not_read(looking: psycopg.Connection) -> None:
    looking.execute("create schema s")
    for table in TABLES:
        looking.execute(f"create table {table} (x int, t text, at timestamptz)")
    for query, words in QUERIES.items():
        view = "create view v as " + query
        looking.execute(view.encode())
        read = {
            (schema, name)
            for schema, name in looking.execute(
                "select relnamespace::regnamespace::text, relname from pg_catalog.pg_depend as d "
                "join pg_catalog.pg_rewrite as r on r.oid = d.objid and r.ev_class = 'v'::regclass "
                "join pg_catalog.pg_class as c on c.oid = d.refobjid and c.oid <> r.ev_class"
            )
        }
        looking.execute("drop view v")
        told = {(schema or "public", name) for schema, name in relations_read(query) if not name.startswith("pg_")}
        assert told <= read, query
        expected = [("s", "a") if one == "s.a" else ("public", one) for one in words_of(words)]
        assert told == set(expected), query


def words_of(said: str) -> list[str]:
    """Those that are told; a name with a blank stands alone."""
    return [said] if said == "A b" else [word for word in said.split() if not word.startswith("?")]


def test_all_relations_of_the_catalog_begin_alike(looking: psycopg.Connection) -> None:
    """An unqualified name that does not begin so is none of pg_catalog, which is searched first."""
    (count,) = looking.execute(
        "select count(*) from pg_catalog.pg_class where relnamespace = 'pg_catalog'::regnamespace and relname !~ '^pg_'"
    ).fetchone() or (None,)
    assert count == 0
