"""Reading from a live server: without rights, through a pooler, beside DDL, and never leaving a trace."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from psycopg import sql
from typer.testing import CliRunner

from marks import thorough
from pooler import running_pooler
from servers import connect, with_database
from sessionaudit.audits import runner
from sessionaudit.cli.app import app
from sessionaudit.demo.system import BROKEN, GOOD, contract, statements
from sessionaudit.errors import DatabaseError, SessionAuditError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import applier_session, catalog, protocol
from sessionaudit.postgres import connection as opening
from sessionaudit.postgres.connection import connect as open_connection
from sessionaudit.repair import propose
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from conftest import MakeDatabase, Template
    from servers import DatabaseServer
    from sessionaudit.core.report import Report

CONTRACT = contract().absolute()
CATALOGS = sorted({name for kind in KINDS for name in re.findall(r"pg_catalog\.(pg_[a-z_]+)\b(?! ?\()", kind.query)})


def check(url: str, contract_file: Path = CONTRACT, *, read_only: bool = False) -> Report:
    return runner.run(url, contract_file, runner.Options(read_only=read_only, without=("data", "behaviour")))


def said(report: Report) -> set[tuple[str, str, str, str | None, str | None]]:
    return {(f.rule.code, str(f.ref), f.facet, f.expected, f.actual) for f in report.findings}


def database_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture
def good(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("good", statements(GOOD)))


@pytest.fixture
def broken(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("broken", statements(BROKEN)))


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """A contract with an expression that only the server can tell to be the same."""
    file = tmp_path / "asking.yaml"
    check = "check (role operator(pg_catalog.=) any (array['customer', 'mechanic', 'admin']))"
    file.write_text(f"version: 1\ntables:\n  profiles:\n    constraints:\n      profiles_role_check: {check}\n")
    return file


# Without rights


@pytest.fixture
def stranger(server: DatabaseServer) -> Generator[str]:
    """A role that may do nothing, under a name that needs quoting; its password is its name."""
    name = f"Stranger; {secrets.token_hex(4)}"
    with connect(server.url) as admin:
        admin.execute(sql.SQL("create role {} login password {}").format(sql.Identifier(name), sql.Literal(name)))
        yield name
        admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def as_stranger(url: str, stranger: str) -> str:
    parts = urlsplit(url)
    return psycopg.conninfo.make_conninfo(
        host=parts.hostname, port=parts.port or 5432, dbname=database_of(url), user=stranger, password=stranger
    )


def shut(url: str) -> None:
    """Leave the public nothing but to connect."""
    with connect(url) as admin:
        admin.execute(sql.SQL("revoke temporary on database {} from public").format(sql.Identifier(database_of(url))))
        for schema in ("public", "auth"):
            admin.execute(sql.SQL("revoke all on schema {} from public").format(sql.Identifier(schema)))


@pytest.mark.parametrize("state", ["good", "broken"])
def test_a_role_without_rights_sees_the_same_drift(request: pytest.FixtureRequest, state: str, stranger: str) -> None:
    url: str = request.getfixturevalue(state)
    shut(url)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(as_stranger(url, stranger)) as connection:
        connection.execute("select from public.sessions")
    whole, seen = check(url), check(as_stranger(url, stranger))
    assert seen.skipped == ()
    assert said(seen) == said(whole)
    assert bool(whole.findings) == (state == "broken")


def test_a_role_that_may_become_no_other_says_which_steps_it_could_not_look_at(good: str, stranger: str) -> None:
    shut(good)
    seen = runner.run(as_stranger(good, stranger), CONTRACT, runner.Options(without=("data",)))
    assert seen.findings == ()
    assert {skipped.what.partition(" of ")[2] for skipped in seen.skipped} == {
        *("journey customer_asks_for_help", "journey mechanic_accepts", "journey customer_stays_customer"),
    }
    assert {skipped.reason for skipped in seen.skipped} >= {
        *(f"{stranger} is no member of authenticated", f"{stranger} may not look into schema public"),
    }


def test_a_role_that_may_not_ask_the_server_is_uncertain(good: str, stranger: str, asking: Path) -> None:
    whole = said(check(good, asking))
    shut(good)
    seen = check(as_stranger(good, stranger), asking)
    uncertain = [finding for finding in seen.findings if finding.rule.name == "uncertain"]
    assert [str(finding.ref) for finding in uncertain] == ["check public.profiles.profiles_role_check"]
    assert f'grant temporary on database {database_of(good)} to "{stranger}";' in uncertain[0].message
    assert said(seen) - whole == {(f.rule.code, str(f.ref), f.facet, f.expected, f.actual) for f in uncertain}


def test_the_grant_is_named_by_which_a_role_could_ask_the_server(database: str, stranger: str, tmp_path: Path) -> None:
    with connect(database) as admin:
        admin.execute("create schema s; create domain s.d as text")
        admin.execute("create table s.t (a s.d, constraint c check (length(a) > 1))")
    file = tmp_path / "contract.yaml"
    file.write_text("version: 1\nschema: s\ntables: {t: {constraints: {c: check (length(a) > 1)}}}\n", encoding="utf-8")
    (uncertain,) = check(as_stranger(database, stranger), file).findings
    assert "permission denied for schema s" in uncertain.message
    assert uncertain.message.endswith(f'grant usage on schema s to "{stranger}";')


def command(url: str, *arguments: str, contract_file: Path = CONTRACT) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check", "-d", url, "-c", str(contract_file), *arguments])
    return done.exit_code, done.output


CLOSED = """version: 1
schema: s
tables:
  t:
    columns: {id: integer}
    constraints: {c: "check (true and f(id))"}
    indexes: {i: using btree ((f(id)))}
functions: {f(integer): returns boolean language sql immutable as 'select true'}
views: {v: {query: select x.id from t x where x.id is not null}}
"""


def test_what_could_not_be_examined_for_want_of_a_right_is_not_clean(
    database: str, stranger: str, tmp_path: Path
) -> None:
    with connect(database) as admin:
        admin.execute("create schema s; create table s.t (id integer)")
        admin.execute("create function s.f(integer) returns boolean language sql immutable as 'select true'")
        admin.execute("alter table s.t add constraint c check (s.f(id)); create index i on s.t ((s.f(id)))")
        admin.execute("create view s.v as select id from s.t where not id is null")
    file = tmp_path / "contract.yaml"
    file.write_text(CLOSED, encoding="utf-8")
    url = as_stranger(database, stranger)
    whole = {(code, ref) for code, ref, *_ in said(check(database, file))}
    assert whole == {("SA344", "check s.t.c"), ("SA234", "view s.v")}
    seen = check(url, file)
    # A name that is in a schema which may not be used is no mistake of the contract.
    assert {finding.rule.name for finding in seen.findings} == {"uncertain"}
    assert {one.what for one in seen.unchecked} == {"check s.t.c (expression)", "view s.v (query)"}
    grant = f'grant usage on schema s to "{stranger}";'
    assert {one.hint for one in seen.unchecked} == {grant}
    exit_code, output = command(url, "--only", "schema", contract_file=file)
    assert (exit_code, "2 parts not checked" in output, "Clean" in output) == (3, True, False), output
    exit_code, output = command(url, "--only", "schema", "--format", "json", contract_file=file)
    assert (exit_code, len(json.loads(output)["skipped"])) == (3, 2), output
    # Whoever accepts not to know has said so.
    assert command(url, "--ignore", "uncertain", "--only", "schema", contract_file=file)[0] == 0
    assert command(url, "--fail-on", "warning", "--only", "schema", contract_file=file)[0] == 1
    # Who may ask and is not asked keeps the exit code.
    assert command(database, "--read-only", "--only", "schema", contract_file=file)[0] == 0
    with connect(database) as admin:
        admin.execute(seen.unchecked[0].hint.encode())
    assert {(code, ref) for code, ref, *_ in said(check(url, file))} == whole
    with connect(database) as admin:
        admin.execute(sql.SQL("drop owned by {}").format(sql.Identifier(stranger)))


def test_a_missing_object_whose_names_may_be_in_a_closed_schema_is_no_mistake_of_the_contract(
    database: str, stranger: str, tmp_path: Path
) -> None:
    with connect(database) as admin:
        admin.execute("create schema s; create table s.t (id integer)")
        admin.execute("create function s.f(integer) returns boolean language sql immutable as 'select true'")
    file = tmp_path / "contract.yaml"
    file.write_text(CLOSED, encoding="utf-8")
    names = [
        {finding.rule.name for finding in check(url, file).findings}
        for url in (as_stranger(database, stranger), database)
    ]
    assert names == [{"missing-check", "missing-index", "missing-view"}] * 2


def test_policies_that_may_not_be_read_are_skipped(good: str, broken: str, stranger: str) -> None:
    for url, code in ((good, 3), (broken, 1)):
        with connect(url) as admin:
            admin.execute("revoke select on pg_catalog.pg_policy from public")
        whole, seen = check(url), check(as_stranger(url, stranger))
        assert whole.skipped == ()
        hint = f'grant select on pg_catalog.pg_policy to "{stranger}";'
        # What a role can do hangs on the policies that are for it, and on what these call.
        assert [(skipped.what, skipped.hint) for skipped in seen.skipped] == [("policies", hint), ("grants", hint)]
        assert stranger in seen.skipped[0].reason
        assert said(seen) == {finding for finding in said(whole) if not finding[1].startswith(("policy ", "grant "))}
        assert not {"policy", "grant"} & seen.checked.keys()
        exit_code, output = command(as_stranger(url, stranger))
        assert exit_code == code
        assert "what roles may do: the server says: permission denied for table pg_policy" in " ".join(output.split())
        assert f'grant select on pg_catalog.pg_policy to "{stranger}";' in " ".join(output.split())
        assert "Clean" not in output
        assert command(as_stranger(url, stranger), "--fail-on", "never")[0] == 3
        with connect(url) as admin:
            admin.execute(seen.skipped[0].hint.encode())
        assert said(check(as_stranger(url, stranger))) == said(whole)
        with connect(url) as admin:
            admin.execute(sql.SQL("drop owned by {}").format(sql.Identifier(stranger)))


@pytest.mark.parametrize("name", [*CATALOGS[:4], *map(thorough, CATALOGS[4:])])
def test_no_catalog_that_may_not_be_read_makes_us_see_drift(good: str, stranger: str, asking: Path, name: str) -> None:
    with connect(good) as admin:
        admin.execute(sql.SQL("revoke select on pg_catalog.{} from public").format(sql.Identifier(name)))
    for contract_file in (CONTRACT, asking):
        whole = said(check(good, contract_file))
        try:
            seen = check(as_stranger(good, stranger), contract_file)
        except DatabaseError as error:
            assert name in str(error)  # noqa: PT017 - either may come of it
            assert error.hint  # noqa: PT017 - either may come of it
        else:
            assert said(seen) <= whole | {f for f in said(seen) if f[0] == "SA002"}
            assert seen.skipped or said(seen) == whole


def test_a_connection_that_only_reads(good: str, broken: str, asking: Path) -> None:
    reading = "-c default_transaction_read_only=on"
    for url in (good, broken):
        assert said(check(psycopg.conninfo.make_conninfo(url, options=reading))) == said(check(url))
    seen = check(psycopg.conninfo.make_conninfo(good, options=reading), asking)
    assert {str(f.ref) for f in seen.findings if f.rule.name == "uncertain"} == {
        "check public.profiles.profiles_role_check"
    }
    assert "the connection is read-only" in next(f for f in seen.findings if f.rule.name == "uncertain").message


# Through a pooler


@pytest.fixture
def pooled(server: DatabaseServer) -> Iterator[Callable[[str], str]]:
    with running_pooler(server.url, size=2) as pooler:
        yield lambda url: with_database(pooler, database_of(url))


@pytest.mark.thorough
def test_many_checks_through_a_small_pool(broken: str, asking: Path, pooled: Callable[[str], str]) -> None:
    url = pooled(broken)
    expected, asked = said(check(broken)), said(check(broken, asking))
    wrong: list[object] = []
    stop = threading.Event()

    def audits() -> None:
        for _ in range(3):
            try:
                wrong.extend(said(check(url)) ^ expected)
                wrong.extend(said(check(url, asking)) ^ asked)
            except SessionAuditError as error:
                wrong.append(error)

    def application() -> None:
        """Another client, with settings of its own."""
        with psycopg.connect(url, autocommit=True, application_name="shop", prepare_threshold=None) as client:
            while not stop.is_set():
                row = client.execute(
                    "select current_setting('search_path'), current_setting('statement_timeout'),"
                    " current_setting('lock_timeout'), current_setting('default_transaction_read_only'),"
                    " current_setting('transaction_isolation'), current_setting('application_name'),"
                    " (select count(*) from pg_prepared_statements),"
                    " (select count(*) from public.sessions) > 0"
                ).fetchone()
                if row != ('"$user", public', "0", "0", "off", "read committed", "shop", 0, True):
                    wrong.append(row)

    clients = [threading.Thread(target=application) for _ in range(3)]
    auditors = [threading.Thread(target=audits) for _ in range(4)]
    for thread in (*clients, *auditors):
        thread.start()
    for thread in auditors:
        thread.join()
    stop.set()
    for thread in clients:
        thread.join()
    assert wrong == []
    with connect(broken) as admin:
        assert admin.execute("select count(*) from pg_class where relpersistence = 't'").fetchone() == (0,)
        backends = admin.execute(
            "select count(*), bool_and(state = 'idle') from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        ).fetchone()
    assert backends == (2, True)


def test_the_server_compiles_no_query_of_ours(broken: str) -> None:
    url = f"{broken}{'&' if '?' in broken else '?'}options=-c%20jit%3Don%20-c%20jit_above_cost%3D0"
    with closing(opening.connect(url)) as reading:
        found: list[object] = []

        def look() -> None:
            found.append(reading.execute("select current_setting('jit')").fetchone())

        catalog.read_all(reading, lambda: ["public"], schema=lambda: "public", statement_timeout=60, beside=look)
        look()
        with reading.transaction():
            opening.limit(reading, 0, 0)
            look()
    assert found == [("off",), ("on",), ("off",)]


# Beside DDL

STORM: tuple[tuple[LiteralString, ...], ...] = (
    (
        "create index storm_idx on public.session_requests (status) where status <> 'pending'",
        "drop index public.storm_idx",
    ),
    (
        "create policy storm on public.sessions for select using (status = 'live' and public.storm_ok())",
        "alter policy storm on public.sessions rename to storm_again",
        "drop policy storm_again on public.sessions",
    ),
    (
        "alter table public.mechanics add column storm public.storm_mood default 'calm'",
        "alter table public.mechanics add constraint storm_check check (storm <> 'wild')",
        "alter table public.mechanics rename column storm to storm_2",
        "alter table public.mechanics drop column storm_2",
    ),
    (
        "create trigger storm before update on public.intakes for each row when (old.* is distinct from new.*)"
        " execute function public.touch_updated_at()",
        "drop trigger storm on public.intakes",
    ),
    (
        "create or replace function public.touch_updated_at(storm int) returns int language sql as 'select 1'",
        "drop function public.touch_updated_at(int)",
    ),
    (
        "create table public.storm (id int primary key, a text default 'a' || 'b', check (a <> 'x'))",
        "alter table public.storm add foreign key (id) references public.storm (id)",
        "alter table public.storm enable row level security",
        "grant select on public.storm to anon",
        "create index on public.storm (lower(a))",
        "drop table public.storm",
    ),
    (
        "create type public.storm_type as enum ('a', 'b')",
        "alter table public.session_participants add column storm public.storm_type",
        "alter table public.session_participants drop column storm",
        "drop type public.storm_type",
    ),
)


@contextmanager
def storm(url: str) -> Iterator[None]:
    """DDL on the contract's tables and beside them, over and over."""
    stop = threading.Event()
    errors: list[psycopg.Error] = []
    with connect(url) as admin:
        admin.execute("create type public.storm_mood as enum ('calm', 'wild')")
        admin.execute("create function public.storm_ok() returns bool language sql as 'select true'")

    def blow(texts: tuple[LiteralString, ...]) -> None:
        with connect(url) as connection:
            while not stop.is_set():
                for text in texts:
                    try:
                        connection.execute(text)
                    except psycopg.errors.DeadlockDetected:
                        connection.execute("select 1")
                    except psycopg.Error as error:
                        errors.append(error)
                    time.sleep(0.03)

    threads = [threading.Thread(target=blow, args=(texts,)) for texts in STORM]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []


@pytest.mark.thorough
def test_ddl_meanwhile_makes_neither_errors_nor_nonsense(broken: str, tmp_path: Path) -> None:
    text = CONTRACT.read_text().replace(
        "tables:\n", "tables:\n  storm:\n    columns: {id: int not null, a: \"text default 'a' || 'b'\"}\n", 1
    )
    file = tmp_path / "c.yaml"
    file.write_text(text)
    before = said(check(broken))
    patience = time.monotonic() + 4
    seen: set[tuple[str, str, str, str | None, str | None]] = set()
    checks = 0
    with storm(broken):
        while time.monotonic() < patience or checks < 3:
            checks += 1
            found = said(check(broken, file))
            assert before <= found, before - found
            seen |= found - before
    strange = {finding for finding in seen if "storm" not in f"{finding[1]} {finding[4]}"}
    assert strange == set()
    assert said(check(broken)) == before


# Leaving nothing behind

LOCKS = """
select distinct l.mode
  from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
  join pg_class c on c.oid = l.relation
 where a.application_name = 'sessionaudit' and a.datname = current_database()
   and l.database = (select oid from pg_database where datname = current_database())
   and c.relnamespace in ('public'::regnamespace, 'auth'::regnamespace)"""


def test_no_lock_that_blocks_and_nothing_left_behind(broken: str, asking: Path) -> None:
    modes: set[str] = set()
    stop = threading.Event()

    def watch() -> None:
        with connect(broken) as connection:
            while not stop.is_set():
                modes.update(row[0] for row in connection.execute(LOCKS))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(5):
            check(broken)
            check(broken, asking)
    finally:
        stop.set()
        watcher.join()
    assert modes <= {"AccessShareLock", "RowExclusiveLock"}  # the latter while a statement that writes is explained
    with connect(broken) as admin:
        assert admin.execute("select count(*) from pg_class where relpersistence = 't'").fetchone() == (0,)
        left = "select count(*) from pg_stat_activity where application_name = 'sessionaudit' and state <> 'idle'"
        assert admin.execute(left).fetchone() == (0,)


def test_a_table_that_somebody_holds_locked(broken: str, asking: Path) -> None:
    whole = {CONTRACT: said(check(broken)), asking: said(check(broken, asking))}
    with psycopg.connect(broken) as holder:
        for table in ("sessions", "session_requests", "profiles", "mechanics", "session_participants"):
            holder.execute(sql.SQL("lock table public.{} in access exclusive mode").format(sql.Identifier(table)))
        for contract_file, found in whole.items():
            began = time.monotonic()
            refusal = ""
            try:
                assert said(check(broken, contract_file)) == found
            except DatabaseError as error:  # the pg_get_expr of newer releases waits for the table's lock
                refusal = str(error)
            assert not refusal or "another session holds a lock" in refusal
            assert time.monotonic() - began < 5
        holder.rollback()


WRITTEN = """
select pg_stat_clear_snapshot() is null, tup_inserted, tup_updated, tup_deleted, temp_files
  from pg_stat_database where datname = current_database()"""
DIGEST = """
select md5(string_agg(t::text, ',' order by t::text)) from (
    select c.oid, c.xmin, c.ctid, 'class' from pg_class c
    union all select a.attrelid, a.xmin, a.ctid, a.attname from pg_attribute a
    union all select t.oid, t.xmin, t.ctid, 'type' from pg_type t
    union all select d.objid, d.xmin, d.ctid, 'depend' from pg_depend d) t"""


def settled(connection: psycopg.Connection) -> tuple[object, ...]:
    time.sleep(0.3)  # in which the statistics of those who left arrive
    row = connection.execute(WRITTEN).fetchone()
    digest = connection.execute(DIGEST).fetchone()
    assert row is not None
    assert digest is not None
    return (*row, *digest)


def test_reading_writes_nothing(broken: str, asking: Path) -> None:
    with connect(broken) as admin:
        settled(admin)
        before = settled(admin)
        check(broken, read_only=True)
        check(broken, asking, read_only=True)
        assert settled(admin) == before
        check(broken, asking)
        assert settled(admin)[-1] == before[-1]


def test_nothing_but_what_is_tried_out_begins_as_what_may_write(
    broken: str, asking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: set[str] = set()
    execute = protocol.Connection.execute

    def noted(line: protocol.Connection, query: str | bytes, *rest: Any, **more: Any) -> object:
        text = query.decode() if isinstance(query, bytes) else query
        if text.startswith("begin"):
            begun.add(text)
        return execute(line, query, *rest, **more)

    monkeypatch.setattr(protocol.Connection, "execute", noted)
    runner.run(broken, CONTRACT, runner.Options(read_only=True))
    assert "begin transaction isolation level repeatable read, read only" in begun  # the catalogs, in one snapshot
    assert {text for text in begun if not text.endswith("read only")} == set()
    check(broken, asking)
    propose.propose(broken, CONTRACT, propose.PlanOptions())
    assert {text for text in begun if not text.endswith("read only")} == {"begin"}


def test_a_look_of_whoever_applies_cannot_write(broken: str) -> None:
    with open_connection(broken) as line, applier_session.reading(line, 1), pytest.raises(psycopg.Error) as caught:
        line.execute("delete from public.sessions")
    assert caught.value.sqlstate == "25006"


def test_no_statement_is_prepared(broken: str) -> None:
    """Which a pooler would hand to another client."""
    with open_connection(broken) as line:
        for number in range(10):
            line.execute("select %s::int", (number,))
        assert line.execute("select name from pg_catalog.pg_prepared_statements").fetchall() == []


# Odd names

NAMES = (
    "Weird; Table",
    "a.b.c",
    'quo"te""s',
    "it's",
    "per%cent %s %(name)s %%",
    "new\nline",
    "tab\there",
    "back\\slash",
    "select",
    "{} {0} {name}",
    "$$ -- /* ",
    " edges ",
    "é" * 31,
    "💥" * 15,
    "(parentheses)",
    "no",
    "1",
    "[link](x)",
    "absent",
)


def odd_system(name: str, role: str) -> tuple[list[sql.Composed], dict[str, object]]:
    """The statements that make a schema in which everything has the name, and the contract of it."""
    other = f"{name[:-1]}E"  # for what may not share a name with the table
    names = {
        "n": sql.Identifier(name),
        "e": sql.Identifier(other),
        "r": sql.Identifier(role),
        "l": sql.Literal(name),
    }
    texts: tuple[LiteralString, ...] = (
        "create schema {n}",
        "create type {n}.{e} as enum ({l}, 'other')",
        "create function {n}.{n}(int) returns int language sql as 'select 1'",
        "create function {n}.{n}() returns trigger language plpgsql as 'begin return new; end'",
        "create table {n}.t (id int primary key)",
        "create table {n}.{n} ({n} text not null default {l}, mood {n}.{e} default {l},"
        " constraint {n} check ({n} <> {l}), id int constraint {e} references {n}.t (id))",
        "create index {e} on {n}.{n} (id, {n}) where {n} <> {l}",
        "alter table {n}.{n} enable row level security",
        "create policy {n} on {n}.{n} for select to {r} using ({n} <> {l})",
        "create trigger {n} before update of {n} on {n}.{n} for each row execute function {n}.{n}()",
        "grant usage on schema {n} to {r}",
        "grant select on {n}.{n} to {r}",
        "alter table {n}.{n} replica identity full",
        "create publication {n} for table {n}.{n}",
    )
    n, e = ('"' + text.replace('"', '""') + '"' for text in (name, other))
    said = f"{n} <> " + "E'" + name.replace("\\", "\\\\").replace("'", "''") + "'"
    default = said.partition("<> ")[2]
    table = {
        "columns": {n: f"text not null default {default}", "mood": f"{e} default {default}", "id": "int"},
        "constraints": {n: f"check (({said}))", e: "foreign key (id) references t (id)"},
        "indexes": {e: f"using btree (id, {n}) where ({said})"},
        "row_security": "enabled",
        "policies": {n: {"for": "select", "to": [role], "using": said}},
        "triggers": {n: f"before update of {n} for each row execute function {n}()"},
        "grants": {role: ["select"]},
    }
    return [sql.SQL(text).format(**names) for text in texts], {
        "version": 1,
        "schema": name,
        "enums": {e: [name, "other"]},
        "functions": {f"{n}()": "returns trigger language plpgsql as 'begin return new; end'"},
        "tables": {"t": {"columns": {"id": "int not null"}, "constraints": {"t_pkey": "primary key (id)"}}, n: table},
        "publications": {n: [n]},
    }


@pytest.mark.parametrize("name", [*NAMES[:6], *map(thorough, NAMES[6:])])
def test_odd_names(server: DatabaseServer, database: str, tmp_path: Path, name: str) -> None:
    role = f"{name[:12]}x{secrets.token_hex(3)}"  # never what YAML reads as a number
    made, declared = odd_system(name, role)
    file = tmp_path / "c.yaml"
    file.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False))
    with connect(database) as admin:
        admin.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
        try:
            for statement in made:
                admin.execute(statement)
            report = check(database, file)
            assert said(report) == set()
            assert report.totals["object"] == 16
            admin.execute(sql.SQL("alter table {0}.{0} drop column {0} cascade").format(sql.Identifier(name)))
            report = check(database, file)
            found = {finding.rule.name for finding in report.findings}
            assert {"missing-column", "missing-check", "missing-policy"} <= found
            for format_ in FORMATS:
                format_.render(report, Canvas(width=80, colour=False, verbose=True))
        finally:
            admin.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
            admin.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
