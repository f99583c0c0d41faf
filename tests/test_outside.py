"""The one door for SQL from outside: one statement, read alone first, in a transaction that stays ours."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessionaudit.audits.data.transaction import transaction
from sessionaudit.core.node import Scalar
from sessionaudit.core.query import Part, Query, Sort, alone
from sessionaudit.errors import ContractError
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import connect
from sources import SOURCE, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import MakeDatabase
    from sessionaudit.postgres.connection import Connection


@pytest.fixture
def line(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        connection.execute("create table victim (id int primary key)")
        connection.execute("insert into victim select generate_series(1, 5)")
        yield connection


def rows(line: Connection) -> int:
    found = line.execute("select count(*) from public.victim").fetchone()
    assert found is not None
    return int(found[0])


# One statement


@pytest.mark.parametrize("second", ["delete from victim", "commit", "commit; delete from victim; begin", ";select 1"])
def test_no_text_holds_a_second_statement(line: Connection, second: str) -> None:
    text = f"select 1; {second}".encode()
    with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        line.execute(text)
    with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        line.execute(text, {})
    with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        line.cursor().execute(text)
    with pytest.raises(psycopg.errors.SyntaxError), line.cursor().copy(b"copy (select 1) to stdout;" + text) as copy:
        list(copy)
    with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        list(line.cursor().stream(text))
    assert rows(line) == 5


# Read alone

CLOSERS = [
    "true) or (true",
    "true) as b; commit; delete from public.victim; select (0",
    "true] || array[true",
    "true)) or ((true",
    "true) or array[(true",
    "true limit 1",
    "true union select 1",
    "true) union select (true",
    "true; delete from victim",
    "select true",
    "",
    "-- nothing",
    "true /*",
    "E'a'\n'\\'' ) or (true --'",
    "'a' -- b\n'\\') or (true --'",
    "true) from victim; delete from victim; select (true",
    "$a$ ) $a$) or ($a$ ( $a$ = ''",
    "U&'\\0027' uescape '!') or (true",
    "1, 2) or (true",
    "*",
]


@pytest.mark.parametrize("text", CLOSERS)
def test_what_is_no_expression_by_itself_is_refused(line: Connection, text: str) -> None:
    with pytest.raises(ContractError), transaction(line, "public", timeout=5):
        contract_sql.ask(line, Query("select count(*) from victim where ").fragment(scalar(text)))
    assert rows(line) == 5


@pytest.mark.parametrize(
    "text",
    ["true", "(true) and (false)", "id = 1 -- one", "id in (select 1)", "id = any (array[1, 2])", "E'a'\n'\\'' = 'a'''",
     "'a' -- b\n'b' = 'ab'", "case when true then id > 1 end", "U&'!0061' uescape '!' = 'a'", "$a$)$a$ = ')'"],
)  # fmt: skip
def test_what_is_an_expression_is_run(line: Connection, text: str) -> None:
    with transaction(line, "public", timeout=5):
        assert contract_sql.ask(line, Query("select count(*) from victim where ").fragment(scalar(text))).fetchone()


@pytest.mark.parametrize(
    "text",
    ["select 1) union (select 2", "select 1; select 2", "delete from victim returning id", "select 1 into x", "commit",
     "with gone as (delete from victim returning id) select id from gone", "select id from victim for update",
     "select id from victim with check option", "create table x as select 1", "(select 1",
     "select 1 for no key update"],
)  # fmt: skip
def test_what_is_no_query_that_only_reads_is_refused(line: Connection, text: str) -> None:
    with (
        pytest.raises((ContractError, psycopg.errors.SyntaxError, psycopg.errors.FeatureNotSupported)),
        transaction(line, "public", timeout=5),
    ):
        contract_sql.ask(line, Query("select count(*) from victim where id in ").query(scalar(text)))
    assert rows(line) == 5


@pytest.mark.parametrize("text", ["commit", "drop table victim", "select 1; select 2", "delete from victim; commit",
                                  "do $$ begin delete from victim; end $$", "copy victim to program 'true'",
                                  "update victim set id = 0 \0 where id = any (%(keys)s)"])  # fmt: skip
def test_a_statement_reads_or_changes_rows_and_is_one(line: Connection, text: str) -> None:
    with pytest.raises(ContractError, match=r"repair\.sql:1"), transaction(line, "public", timeout=5, write=True):
        contract_sql.ask(line, Query().statement(text, "repair.sql"), {"keys": [1]})
    assert rows(line) == 5


def test_a_statement_takes_keys_and_every_other_percent_sign_is_one(line: Connection) -> None:
    text = "delete from victim where id = any (%(keys)s) and 'a%b' like 'a%%b' and 5 % 2 = 1 returning id, 'b%'"
    with transaction(line, "public", timeout=5, write=True):
        assert contract_sql.ask(line, Query().statement(text, "r.sql"), {"keys": [2, 9]}).fetchall() == [(2, "b%")]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_text_that_passes_leaves_its_brackets(line: Connection, data: st.DataObject) -> None:
    """Whatever passes is a value: with `false and` before it and nothing after it, no row is found, ever."""
    pieces = [
        "(",
        ")",
        "[",
        "]",
        "'",
        "E'",
        "\\",
        "\n",
        "--",
        "/*",
        "*/",
        "$$",
        "$a$",
        "true",
        "or",
        "1",
        "=",
        ",",
        " ",
    ]
    text = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=14)))
    asked = Query("select count(*) from victim where false and ").fragment(scalar(text))
    try:
        with transaction(line, "public", timeout=5):
            found = contract_sql.ask(line, asked).fetchone()
    except (ContractError, psycopg.Error):
        return
    assert found == (0,)


def test_two_parts_cannot_help_each_other(line: Connection) -> None:
    asked = Query("select count(*) from victim where false and ").fragment(scalar("true) or (true /*"))
    asked = (asked + " and ").fragment(scalar("*/ or true"))
    with pytest.raises(ContractError), transaction(line, "public", timeout=5):
        contract_sql.ask(line, asked)


def test_a_part_is_read_once_on_a_connection(line: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    plain = contract_sql.read_alone

    def noted(line: Any, texts: Any) -> Any:
        read.extend(texts)
        return plain(line, texts)

    monkeypatch.setattr(contract_sql, "read_alone", noted)
    for _ in range(3):
        with transaction(line, "public", timeout=5):
            contract_sql.ask(line, Query("select ").fragment(scalar("1 + 1")))
    assert len(read) == len(alone(Part(Sort.EXPRESSION, "1 + 1")))


def test_what_the_server_says_is_placed(line: Connection) -> None:
    asked = Query("select %(x)s::int, ").fragment(scalar("1 + nothere"))
    with pytest.raises(psycopg.errors.UndefinedColumn) as caught, transaction(line, "public", timeout=5):
        contract_sql.ask(line, asked, {"x": 1})
    found = asked.culprit(int(caught.value.diag.statement_position or 0), parameters=True)
    assert found is not None
    assert found[0].text[found[1] :] == "nothere"


def test_a_part_that_is_refused_is_placed_in_its_file(line: Connection) -> None:
    text = "-- repairs\nupdate victim set id = id where id = any (%(keys)s);\ndelete from victim"
    with pytest.raises(ContractError, match=r"^repairs/x.sql:1:1: ") as caught, transaction(line, "public", timeout=5):
        contract_sql.ask(line, Query().statement(text, "repairs/x.sql"), {"keys": [1]})
    assert "a statement" in str(caught.value)


# Still ours


def test_a_transaction_that_is_not_ours_any_more_is_noticed(line: Connection) -> None:
    """Nothing that is known here ends it; whatever does one day must not pass for a clean answer."""
    with pytest.raises(ContractError, match="ended its transaction"):
        contract_sql.ask(line, Query("select ").fragment(scalar("1")))  # in no transaction
    assert line.closed


def test_another_transaction_in_its_place_is_noticed(line: Connection) -> None:
    line.execute("begin transaction read only")
    with pytest.raises(ContractError, match="ended its transaction"):
        contract_sql.ask(line, Query("select ").fragment(scalar("1")))


def test_a_reading_transaction_cannot_be_made_to_write(database: str, line: Connection) -> None:
    line.execute("create function public.writes() returns int language sql as 'delete from public.victim returning id'")
    line.execute(
        """create function public.opens() returns text language plpgsql as $$ begin
             perform pg_catalog.set_config('transaction_read_only', 'off', true);
             delete from public.victim; return ''; end $$"""
    )
    for call in ("writes() > 0", "opens() = ''"):
        with pytest.raises(psycopg.Error) as caught, transaction(line, "public", timeout=5):
            contract_sql.ask(line, Query("select ").fragment(scalar(call)))
        assert caught.value.sqlstate in {"25006", "25001"}
    assert rows(line) == 5


# Pieces


def test_a_result_comes_in_pieces(line: Connection) -> None:
    with transaction(line, "public", timeout=5):
        asked = Query("select id from victim where ").fragment(scalar("id <> 2")) + " and id < %(most)s order by id"
        found = [part.fetchall() for part in contract_sql.pieces(line, asked, {"most": 5}, block=2)]
        assert found == [[(1,), (3,)], [(4,)]]
        assert list(contract_sql.pieces(line, Query("select id from victim where false"))) == []
        for part in contract_sql.pieces(line, Query("select id from victim order by id"), block=1):
            assert part.fetchall() == [(1,)]
            break
        whole = next(contract_sql.pieces(line, Query("select id from victim order by id"), block=9))
        assert whole.fetchall()[-1] == (5,)


def test_through_a_pooler(make_database: MakeDatabase, server: Any) -> None:
    from urllib.parse import urlsplit

    from pooler import running_pooler
    from servers import with_database

    url = make_database()
    with running_pooler(server.url, size=1) as pooler:
        name = urlsplit(url).path.removeprefix("/")
        with connect(with_database(pooler, name)) as one, connect(with_database(pooler, name)) as other:
            for _ in range(3):
                for line in (one, other):
                    with transaction(line, "public", timeout=5):
                        asked = Query("select %(x)s::int + ").fragment(scalar("1"))
                        assert contract_sql.ask(line, asked, {"x": 1}).fetchone() == (2,)
                    with pytest.raises(ContractError), transaction(line, "public", timeout=5):
                        contract_sql.ask(line, Query("select ").fragment(scalar("1) + (1")))
                    with transaction(line, "public", timeout=5):
                        parts = contract_sql.pieces(line, Query("select generate_series(1, 3)"), block=2)
                        assert [part.fetchall() for part in parts][1] == [(3,)]


# No other door


def test_no_other_call_site_takes_the_text_of_a_query() -> None:
    """A Query cannot be sent but by `outside`: nobody else spells it, and psycopg does not take it."""
    for path, nodes in modules().items():
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        name = path.relative_to(SOURCE).as_posix()
        assert not used & {"_pieces", "with_parameters"} or name == "core/query.py", name
        calls = [(node.func, node.keywords) for node in nodes if isinstance(node, ast.Call)]
        if any(isinstance(func, ast.Attribute) and func.attr == "spelled" and keywords for func, keywords in calls):
            assert name == "postgres/contract_sql.py", name


def test_no_call_site_of_rows_sends_text_from_outside() -> None:
    """What the rooms of rows give psycopg holds no field in which the contract's SQL or a file's stands."""
    fields = {"sql", "text", "on", "where", "since", "violations", "claims", "show", "needed"}
    seen = 0
    rooms = [SOURCE / room for room in ("audits/data", "backfill", "story")]
    for path in (path for path in modules() if any(path.is_relative_to(room) for room in rooms)):
        for call in modules()[path]:
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr in {"execute", "copy", "executemany", "stream"}:
                seen += 1
                read = {node.attr for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute)}
                assert not read & fields, f"{path.name}:{call.lineno}"
    assert seen > 10


def test_sql_of_a_contract_is_no_part_of_our_own_text() -> None:
    with pytest.raises(TypeError):
        Query("select ") + scalar("1")


def test_connections_come_from_one_place() -> None:
    for path in SOURCE.rglob("*.py"):
        if "psycopg.connect(" in path.read_text(encoding="utf-8"):
            assert path.parent.name in {"demo", "embedded"}, path
    assert "force_extended" in inspect.signature(psycopg.Cursor._execute_send).parameters


def scalar(text: str) -> Scalar:
    return Scalar(text)
