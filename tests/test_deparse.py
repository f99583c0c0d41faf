"""The server's own answers: whatever the table, the role and the connection are like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from servers import connect
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import DatabaseError
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.check import model as check
from sessionaudit.kinds.column import model as column
from sessionaudit.kinds.index import model as index
from sessionaudit.kinds.policy import model as policy
from sessionaudit.kinds.trigger import model as trigger
from sessionaudit.postgres.trial import Question, Verdict, ask
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    Connection = psycopg.Connection[Any]

FACETS = {kind.name: kind.attributes for kind in KINDS}

SCHEMA = '''
create type mood as enum ('a', 'b');
create domain email as text check (value like '%@%');
create type pair as (x integer, y integer);
create table t (id integer, m mood, ms mood[], e email, p pair, c text collate "C", total integer generated always as
  (id * 2) stored, name text not null);
create table "T %s ""x"" USING" (id integer, "a ""b""" text);
create table parts (id integer, at timestamptz) partition by range (at);
create view v as select * from t;
create function touch() returns trigger language plpgsql as 'begin return new; end';
create function loud(integer) returns integer volatile language plpgsql as $$
  begin perform nextval('heard'); return 1; end $$;
create function is_open(t) returns boolean language sql stable as 'select true';
create sequence heard;
create schema closed;
create function closed.f(integer) returns boolean language sql immutable as 'select true';
create table members (id integer)
'''


@pytest.fixture
def connection(database: str) -> Generator[Connection]:
    with connect(database) as connection:
        for statement in SCHEMA.split(";\n"):
            connection.execute(statement.encode())
        connection.execute("set search_path to ''")
        yield connection


def checking(expected: str, actual: str, table: str = "t") -> Question:
    attribute: Any = FACETS["check"][0]
    models = check.Check(expression=expected), check.Check(expression=actual)
    return Question(ObjectRef("check", ("public", table, "k")), attribute, *models)


def verdicts(connection: Connection, *questions: Question, timeout: float = 5) -> list[Verdict]:
    return [answer.verdict for answer in ask(connection, questions, schema="public", statement_timeout=timeout)]


def test_columns_of_any_type(connection: Connection) -> None:
    questions = [
        checking("m = 'a'", "(m = 'a'::public.mood)"),
        checking("'a' = any (ms)", "('a'::public.mood = ANY (ms))"),
        checking("e <> ''", "((e)::text <> ''::text)"),
        checking("(p).x = 1", "((p).x = 1)"),
        checking("total > 1", "(total > 1)"),
        checking("m = 'b'", "(m = 'a'::public.mood)"),
        checking("missing = 1", "(id = 1)"),
        checking("m = 'nonsense'", "(m = 'a'::public.mood)"),
    ]
    same, different, invalid = Verdict.SAME, Verdict.DIFFERENT, Verdict.INVALID
    assert verdicts(connection, *questions) == [same] * 5 + [different, invalid, invalid]


def test_a_column_keeps_its_collation(connection: Connection) -> None:
    attribute: Any = FACETS["index"][0]

    def asking(expected: str, actual: str) -> Question:
        models = index.parse(f"using btree {expected}"), index.Index(unique=False, definition=f"btree {actual}")
        return Question(ObjectRef("index", ("public", "t", "i")), attribute, *models)

    questions = asking('(c collate "C")', "(c)"), asking("(c)", "(c)"), asking('(name collate "C")', "(name)")
    assert verdicts(connection, *questions) == [Verdict.SAME, Verdict.SAME, Verdict.DIFFERENT]


@pytest.mark.parametrize("table", ['T %s "x" USING', "parts"])
def test_tables_of_any_name_and_sort(connection: Connection, table: str) -> None:
    found: Any = FACETS["index"][0]
    models = index.parse("using btree (((id + 1)))"), index.Index(unique=False, definition="btree (((id + 1)))")
    indexed = Question(ObjectRef("index", ("public", table, 'i "USING" %')), found, *models)
    questions = checking("id>1", "(id > 1)", table), checking("id>2", "(id > 1)", table), indexed
    assert verdicts(connection, *questions) == [Verdict.SAME, Verdict.DIFFERENT, Verdict.SAME]


def test_policies_triggers_and_generated_columns(connection: Connection) -> None:
    using: Any = next(a for a in FACETS["policy"] if a.facet == "using")
    when: Any = FACETS["trigger"][0]
    generated: Any = next(a for a in FACETS["column"] if a.facet == "generation")
    define = "before update for each row when ({}) execute function touch()"
    stored: dict[str, Any] = {"type": "integer", "storage": "stored"}
    questions = [
        Question(
            ObjectRef("policy", ("public", "t", "own one")),
            using,
            policy.Policy(using="exists (select 1 from members m where m.id = t.id)"),
            policy.Policy(using="(EXISTS ( SELECT 1\n   FROM public.members m\n  WHERE (m.id = t.id)))"),
        ),
        Question(
            ObjectRef("policy", ("public", "t", "own two")),
            using,
            policy.Policy(using="id in (select other.id from t other)"),  # the table itself, not its copy
            policy.Policy(using="(id IN ( SELECT other.id\n   FROM public.t other))"),
        ),
        Question(
            ObjectRef("trigger", ("public", "t", "t r")),
            when,
            trigger.parse(define.format("new.id > 1"), "public"),
            trigger.parse(define.format("(new.id > 1)"), "public"),
        ),
        Question(
            ObjectRef("column", ("public", "t", "total")),
            generated,
            column.Column(generated="2*id", **stored),
            column.Column(generated="(id * 2)", **stored),
        ),
    ]
    assert verdicts(connection, *questions) == [Verdict.SAME, Verdict.SAME, Verdict.SAME, Verdict.DIFFERENT]


def test_nothing_is_run_and_nothing_stays(connection: Connection) -> None:
    before = connection.execute("select count(*), max(oid) from pg_class where relkind <> 't'").fetchone()
    questions = [checking(f"public.loud(id) = {n % 3}", "(public.loud(id) = 1)") for n in range(200)]
    answers = verdicts(connection, *questions)
    assert answers[:3] == [Verdict.DIFFERENT, Verdict.SAME, Verdict.DIFFERENT]
    assert len(answers) == 200
    assert connection.execute("select count(*), max(oid) from pg_class where relkind <> 't'").fetchone() == before
    assert connection.execute("select is_called from public.heard").fetchone() == (False,)
    assert connection.info.transaction_status.name == "IDLE"
    assert connection.execute("show search_path").fetchone() == ('""',)


@pytest.mark.parametrize(
    ("expected", "actual", "verdict"),
    [
        ("is_open(t)", "public.is_open(t.*)", Verdict.SAME),
        ("is_open(t.*) and ID>1", "(public.is_open(t.*) AND (id > 1))", Verdict.SAME),
        ('public . IS_OPEN("t")  is true', "(public.is_open(t.*) IS TRUE)", Verdict.SAME),
        ("not is_open(t)", "public.is_open(t.*)", Verdict.DIFFERENT),
        ("is_open(t) and id > 2", "(public.is_open(t.*) AND (id > 1))", Verdict.DIFFERENT),
        ("is_open(null::t)", "public.is_open(t.*)", Verdict.DIFFERENT),
        ("is_open(null)", "public.is_open(t.*)", Verdict.DIFFERENT),
        ("is_shut(t)", "public.is_open(t.*)", Verdict.INVALID),
        ("is_open(id)", "public.is_open(t.*)", Verdict.INVALID),
        # Another thing may have the name, and a row in a row is printed otherwise.
        ("is_open(t) and row(t.*) is null", "public.is_open(t.*)", Verdict.UNKNOWN),
        ("exists (select from v t where is_open(t))", "public.is_open(t.*)", Verdict.UNKNOWN),
        ("is_open((null::public.t[])[1]) and is_open(t)", "public.is_open(t.*)", Verdict.UNKNOWN),
    ],
)
def test_a_row_as_a_whole(connection: Connection, expected: str, actual: str, verdict: Verdict) -> None:
    assert verdicts(connection, checking(expected, actual)) == [verdict]


def test_a_column_of_the_tables_name_is_no_row(connection: Connection) -> None:
    connection.execute("create table public.n (n integer)")
    for type_ in ("integer", "public.n"):
        create = f"create function public.odd({type_}) returns boolean language sql immutable as 'select true'"
        connection.execute(create.encode())
    questions = checking("odd(N)", "public.odd(n)", "n"), checking("odd(N)", "public.odd(n.*)", "n")
    assert verdicts(connection, *questions) == [Verdict.SAME, Verdict.DIFFERENT]


def test_rows_of_a_trigger(connection: Connection) -> None:
    when: Any = FACETS["trigger"][0]
    define = "before update for each row when ({}) execute function touch()"

    def asking(expected: str, actual: str) -> Question:
        models = (trigger.parse(define.format(text), "public") for text in (expected, actual))
        return Question(ObjectRef("trigger", ("public", "t", "r")), when, *models)

    questions = [
        asking("is_open(new) and not is_open(Old)", "(public.is_open(new.*) AND (NOT public.is_open(old.*)))"),
        asking("is_open(old) and not is_open(new)", "(public.is_open(new.*) AND (NOT public.is_open(old.*)))"),
    ]
    assert verdicts(connection, *questions) == [Verdict.SAME, Verdict.DIFFERENT]


def test_what_has_no_columns_or_is_no_table(connection: Connection) -> None:
    connection.execute("create table public.nothing (); create materialized view public.m as select 1 as id, 'a' as x")
    for table in ("v", "m"):
        assert verdicts(connection, checking("id>1", "(id > 1)", table)) == [Verdict.SAME]
    assert verdicts(connection, checking("1>0", "(1 > 0)", "nothing")) == [Verdict.SAME]
    assert verdicts(connection, checking("1>1", "(1 > 0)", "nothing")) == [Verdict.DIFFERENT]


def test_one_refusal_leaves_the_others_alone(connection: Connection, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = checking("id>1", "(id > 1)"), checking("id >", "(id > 1)")
    assert verdicts(connection, good, bad, good) == [Verdict.SAME, Verdict.INVALID, Verdict.SAME]
    assert not any(capfd.readouterr())


def test_a_read_only_connection_says_so(connection: Connection) -> None:
    connection.execute("set default_transaction_read_only to on")
    (answer,) = ask(connection, [checking("id>1", "(id > 1)")], schema="public", statement_timeout=5)
    assert answer.verdict is Verdict.UNKNOWN
    assert "read-only" in answer.reason


def test_what_a_role_lacks_is_said(connection: Connection) -> None:
    role, name = identifier(f"poor {connection.info.dbname}"), identifier(connection.info.dbname)
    connection.execute(f"create role {role}".encode())
    connection.execute(f"revoke temporary on database {name} from public".encode())
    try:
        connection.execute(f"set role {role}".encode())
        (answer,) = ask(connection, [checking("id>1", "(id > 1)")], schema="public", statement_timeout=5)
        assert answer.verdict is Verdict.UNKNOWN
        assert answer.hint.startswith("grant temporary")
        connection.execute("reset role")
        connection.execute(f"grant temporary on database {name} to {role}".encode())
        connection.execute(f"set role {role}".encode())
        questions = checking("id>1", "(id > 1)"), checking("closed.f(id)", "closed.f(id)  ")
        assert verdicts(connection, *questions) == [Verdict.SAME, Verdict.UNKNOWN]
    finally:
        connection.execute("reset role")
        connection.execute(f"revoke all on database {name} from {role}".encode())
        connection.execute(f"drop role {role}".encode())


def test_a_slow_server_is_not_waited_for(connection: Connection) -> None:
    connection.execute("create function public.slow() returns event_trigger language plpgsql as "
                       "'begin perform pg_catalog.pg_sleep(5); end'")  # fmt: skip
    connection.execute("create event trigger slow on ddl_command_end when tag in ('ALTER TABLE')"
                       " execute function public.slow()")  # fmt: skip
    (answer,) = ask(connection, [checking("id>1", "(id > 1)")], schema="public", statement_timeout=0.1)
    assert answer.verdict is Verdict.UNKNOWN


def test_a_lost_connection_is_an_error(connection: Connection, database: str) -> None:
    pid = connection.info.backend_pid
    with connect(database) as other:
        other.execute("select pg_terminate_backend(%s)", (pid,))
    with pytest.raises(DatabaseError, match="lost"):
        ask(connection, [checking("id>1", "(id > 1)")], schema="public", statement_timeout=5)
