"""What the doctor says of a server, a role and a contract, and that the statements which it prints help."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from calls import call
from doctors import examined, role_of
from pooler import running_pooler
from rows import CONTRACT, MENDED
from servers import connect
from sessionaudit.demo import system
from sessionaudit.doctor import server as server_remarks
from sessionaudit.doctor.statements import advice_of
from standby import standby_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template
    from servers import DatabaseServer

ON_CONTRACT = ("-c", str(CONTRACT))
ROLE, OWNER = "doctor_patient", "doctor_owner"


def give(url: str, statements: list[str]) -> None:
    """Execute what was printed, as somebody who may."""
    with connect(url) as connection:
        for one in statements:
            connection.execute(one.encode())


def test_a_server_of_ones_own_is_fine(database: str, tmp_path: Path) -> None:
    found = examined(database, tmp_path)
    remarks = found.remarks()
    assert (found.code, found.lacking) == (0, {})
    assert all(state["ready"] for state in found.page["commands"].values())
    assert {remarks[name]["weight"] for name in ("pooler", "version", "encoding", "standby", "clock", "temporary")} <= {
        *("fine", "note")  # an old version is noted
    }
    assert "a superuser" in remarks["role"]["fact"]
    assert remarks["contract"]["consequence"] == "What its objects, rows and journeys need was not looked at."
    assert remarks["contract"]["commands"][0].startswith("sessionaudit snapshot")


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_pooler_and_its_mode_are_recognised(mode: str, database: str, tmp_path: Path) -> None:
    with running_pooler(database, size=2, mode=mode) as url:
        pooler = examined(url, tmp_path).remarks()["pooler"]
    assert (f"in {mode} mode" in pooler["fact"], pooler["weight"]) == (
        True,
        "note" if mode == "transaction" else "fine",
    )


@pytest.mark.thorough
def test_a_full_pooler_does_not_hang_it(database: str, tmp_path: Path) -> None:
    with running_pooler(database, size=1, mode="session") as url:
        assert "could not be told" in examined(url, tmp_path).remarks()["pooler"]["fact"]


@pytest.mark.thorough
def test_a_standby_lacks_what_changes_it(tmp_path: Path) -> None:
    with standby_of("create table t (id int)") as url:
        found = examined(url, tmp_path)
        assert examined(url, tmp_path, "check", "scan").code == 0
        assert examined(url, tmp_path, "repair").code == 1
    assert (found.code, found.not_ready) == (0, {"repair", "backfill", "undo"})


def test_an_encoding_that_lacks_characters_is_noted(server: DatabaseServer, tmp_path: Path) -> None:
    url = server.create()
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with connect(server.url) as connection:
        connection.execute(f"drop database {name}".encode())
        connection.execute(
            f"create database {name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0".encode()
        )
    try:
        encoding = examined(url, tmp_path).remarks("note")["encoding"]
        assert encoding["fact"] == "The database is encoded in LATIN1."
    finally:
        server.drop(url)


def test_a_clock_that_is_wrong_and_a_way_without_tls_are_noted(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    monkeypatch.setattr(server_remarks, "is_near", lambda _connection: False)
    noted = examined(database, tmp_path).remarks("note")
    assert "The server's clock is 3600" in noted["clock"]["fact"]
    assert "sslmode=verify-full" in noted["tls"]["consequence"]


def test_what_a_role_lacks_is_there_after_what_was_printed(
    template: Template, make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = make_database(template("broken", system.statements(system.BROKEN)))
    with role_of(url, ROLE) as poor:
        before = examined(poor, tmp_path, *ON_CONTRACT)
        assert before.code == 1
        assert before.not_ready == {"check", "repair", "trace", "backfill", "undo", "probe"}
        every = [one for remark in before.lacking.values() for one in remark["sql"]]
        assert f"grant usage on schema auth to {ROLE};" in every
        assert f"grant select, insert, update, delete on public.session_requests to {ROLE};" in every
        assert f"alter role {ROLE} bypassrls;" in every
        assert f"grant service_role to {ROLE};" in every
        give(url, every)
        after = examined(poor, tmp_path, *ON_CONTRACT)
        assert after.not_ready == {"check", "backfill"}, after.lacking  # rows cannot be counted without a column
        waiting = next(one for name, one in after.lacking.items() if name.startswith("skipped"))
        assert "The column metadata of public.session_requests does not exist" in waiting["fact"]
        assert "`sessionaudit repair" in waiting["consequence"]


LACKED = """
version: 1
tables:
  alone: {columns: {id: integer not null}}
  owned: {columns: {id: integer, more: text}}
  other: {columns: {id: integer, more: text}}
"""


@pytest.mark.parametrize("mighty", [False, True])
def test_all_that_repair_lacks_is_told_at_once_and_with_what_helps(mighty: bool, database: str, tmp_path: Path) -> None:
    """A role that only checks is told it without a failure; what was typed is enough."""
    (tmp_path / "lacked.yaml").write_text(LACKED, encoding="utf-8")
    given = ("-c", "lacked.yaml")
    with role_of(database, ROLE) as poor, role_of(database, OWNER):
        owner = "current_user" if mighty else OWNER
        give(
            database,
            [
                "create table public.owned (id integer)",
                "create table public.other (id integer)",
                f"alter table public.owned owner to {OWNER}",
                f"alter table public.other owner to {owner}",
                "revoke create on schema public from public",  # which it has before PostgreSQL 15
                f"grant usage on schema public to {ROLE}",
            ],
        )
        assert examined(poor, tmp_path, *given).code == 0
        found = examined(poor, tmp_path, *given, "repair")
        assert found.code == 1
        (remark,) = found.lacking.values()
        for what in ("have CREATE on the schema public", "own", "public.owned", "public.other"):
            assert what in remark["fact"]
        if mighty:
            assert remark["sql"] == []
            assert "it is a superuser, and needs none of the rights that are lacking" in remark["consequence"]
            return
        assert remark["sql"] == [f"grant create on schema public to {ROLE};", f"grant {OWNER} to {ROLE};"]
        give(database, remark["sql"])
        assert examined(poor, tmp_path, *given, "repair").code == 0


@pytest.mark.thorough
def test_what_repair_lacks_is_enough_for_it(template: Template, make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database(template("broken", system.statements(system.BROKEN)))
    with role_of(url, ROLE) as poor:
        arguments = ("repair", "--apply", "--yes", "-d", poor, *ON_CONTRACT)
        assert call(*arguments, cwd=tmp_path).code == 5
        lacking = examined(poor, tmp_path, *ON_CONTRACT, "repair").lacking
        give(url, [one for remark in lacking.values() for one in remark["sql"]])
        assert examined(poor, tmp_path, *ON_CONTRACT, "repair").code == 0
        applied = call(*arguments, cwd=tmp_path)
        assert applied.code in {0, 1}, applied.err
        with connect(url) as connection:
            connection.execute("select metadata from public.session_requests")


@pytest.mark.thorough
def test_what_backfill_and_trace_lack_is_enough_for_them(
    template: Template, make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = make_database(template("mended", MENDED))
    with role_of(url, ROLE) as poor:
        before = examined(poor, tmp_path, *ON_CONTRACT, "backfill", "trace", "check")
        assert before.page["commands"].keys() == {"check", "backfill", "trace"}
        give(url, [one for remark in before.lacking.values() for one in remark["sql"]])
        after = examined(poor, tmp_path, *ON_CONTRACT, "backfill", "trace", "check")
        assert (after.code, after.lacking) == (0, {})
        done = call("backfill", "--all", "--yes", "-d", poor, *ON_CONTRACT, cwd=tmp_path)
        assert (done.code, "permission denied" in done.err) == (1, False), done.err  # one needs a person
        checked = call("check", "--only", "data", "--quiet", "-d", poor, *ON_CONTRACT, cwd=tmp_path)
        assert checked.code != 3, checked.err


OF_CATALOGS = {"access", "check", "migrations", "repair", "scan", "snapshot"}
DEPRIVED = {
    "temporary": ("revoke temporary on database {database} from public", {"check", "repair", "scan"}),
    "catalogs": ("revoke select on pg_catalog.pg_policy from public", OF_CATALOGS),
    "the role": ("revoke select on pg_catalog.pg_roles from public", OF_CATALOGS),
    "default_transaction_read_only": (
        "alter role {role} set default_transaction_read_only = on",
        {"repair", "backfill", "undo"},
    ),
}


@pytest.mark.parametrize("name", DEPRIVED)
def test_what_was_taken_away_is_told_and_given_back(name: str, database: str, tmp_path: Path) -> None:
    taking, commands = DEPRIVED[name]
    dbname = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with role_of(database, 'Doctor\'s "patient"') as poor:
        quoted = '"Doctor\'s ""patient"""'
        give(database, [taking.format(database=dbname, role=quoted)])
        found = examined(poor, tmp_path)
        assert (name in found.lacking, found.not_ready) == (True, commands)
        statements = [one for remark in found.lacking.values() for one in remark["sql"]]
        assert quoted in statements[0]
        give(database, statements)
        assert examined(poor, tmp_path).lacking == {}


def test_a_role_that_cannot_be_taken_on_is_told_with_its_grant(database: str, tmp_path: Path) -> None:
    with role_of(database, ROLE) as poor, role_of(database, "doctor_other"):
        refused = examined(poor, tmp_path, "--role", "doctor_other")
        assert (refused.code, refused.lacking["--role"]["sql"]) == (1, [f"grant doctor_other to {ROLE};"])
        give(database, refused.lacking["--role"]["sql"])
        found = examined(poor, tmp_path, "--role", "doctor_other")
        assert (found.code, found.remarks()["role"]["fact"]) == (
            0,
            f"The role is doctor_other, which {ROLE} takes on: no superuser, and subject to row security.",
        )
        assert "no such role" in examined(poor, tmp_path, "--role", "nobody_at_all").lacking["--role"]["consequence"]


API = """
create table public.t (id int primary key);
alter default privileges in schema public grant select, insert on tables to anon;
alter role authenticator in database {database} set pgrst.db_schemas = 'public, api';
create function public.watch() returns event_trigger language plpgsql as $$ begin end $$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function public.watch();
create event trigger pgrst_drop_watch on sql_drop execute function public.watch();
"""


def test_the_api_of_a_platform_is_told(template: Template, make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database(template("good", system.statements(system.GOOD)))
    bare = examined(url, tmp_path).remarks()
    assert bare["watching"]["sql"] == ["notify pgrst, 'reload schema';"]
    assert bare["default privileges"]["weight"] == "fine"
    with connect(url) as connection:
        connection.execute("do $$ begin create role authenticator; exception when duplicate_object then null; end $$")
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        connection.execute(API.format(database=name).encode())
        try:
            found = examined(url, tmp_path).remarks()
        finally:
            connection.execute(f"alter role authenticator in database {name} reset all".encode())
    assert found["exposed"]["fact"] == "PostgREST exposes public, api."
    assert found["watching"]["weight"] == "fine"
    assert "is granted to anon at once" in found["default privileges"]["fact"]


CONTRACT_TEXT = """\
version: 1
extensions: [citext, no_such_extension]
tables:
  t: {columns: {id: integer not null, m: integer not null default 1}}
migrations: {folder: migrations, tool: dbmate}
invariants:
  t_is_small:
    summary: It is small
    of: t
    violations: select id from t where m > 1
    repair: repairs/small.sql
"""


def test_what_is_not_there_is_not_called_fine(database: str, tmp_path: Path) -> None:
    found = examined(database, tmp_path, *ON_CONTRACT)
    assert not {"journeys", "repairs", "trace"} & {*found.remarks("fine")}
    assert "is not known: there is no such table" in found.remarks("note")["trace"]["fact"]


ADVICE = {
    "grant usage on schema a to b; grant select on a.c to b; or connect as d.": (
        ("grant usage on schema a to b;", "grant select on a.c to b;"),
        "or connect as d.",
    ),
    'grant "x;y" to "z\'s";': (('grant "x;y" to "z\'s";',), ""),
    "Connect as its owner.": ((), "Connect as its owner."),
    "It isn't there: grant it.": ((), "It isn't there: grant it."),
    "Run `sessionaudit repair`.": ((), "Run `sessionaudit repair`."),
    "alter publication p owner to r;": (("alter publication p owner to r;",), ""),
}


@pytest.mark.parametrize("hint", ADVICE)
def test_statements_are_taken_out_of_a_hint(hint: str) -> None:
    assert advice_of(hint) == ADVICE[hint]


def test_extensions_ledgers_and_sequences(database: str, tmp_path: Path, looking: psycopg.Connection[Any]) -> None:
    (tmp_path / "expected_schema.yaml").write_text(CONTRACT_TEXT, encoding="utf-8")
    for name, text in (
        ("migrations/20240101000000_t.sql", "-- migrate:up\ncreate table t (id int);\n-- migrate:down\n"),
        ("repairs/small.sql", "insert into u (t_id) select unnest(%(keys)s::int[]) returning id, t_id as key"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    looking.execute(
        b"create table t (id int primary key, m int not null default 1);"
        b"create table u (id serial primary key, t_id int references t);"
        b"create table v (id int primary key, u_id int references u);"
        b"create table schema_migrations (version varchar(128) primary key)"
    )
    with role_of(database, ROLE) as poor:
        found = examined(poor, tmp_path)
        told = found.remarks()
        assert "the server does not have its files" in told["no_such_extension"]["fact"]
        assert told["citext"]["sql"] == ["create extension citext;"]
        assert "which this role may not read" in told["public.schema_migrations"]["fact"]
        assert told["ledger"]["sql"][-1] == f"grant select on public.schema_migrations to {ROLE};"
        assert f"grant usage on sequence public.u_id_seq to {ROLE};" in told["repairs"]["sql"]
        assert f"grant select on public.v to {ROLE};" in told["repairs"]["sql"]
        give(database, [one for remark in found.lacking.values() for one in remark["sql"]])
        after = examined(poor, tmp_path)
        assert set(after.lacking) == {"no_such_extension"}, after.lacking


def test_a_private_server_that_cannot_be_started_is_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(database, tmp_path, SESSIONAUDIT_PG_BIN="/nowhere")
    assert found.remarks("note")["programs"]["commands"] == ["pip install 'sessionaudit[demo]'"]
    assert found.code == 0


def test_defaults_are_told_with_their_places(database: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.sessionaudit]\nstatement-timeout = 7\n[tool.sessionaudit.scan]\nfail-on = 'never-ever'\n"
    )
    said = call("doctor", "-d", database, cwd=tmp_path, SESSIONAUDIT_CHECK_EXPLAIN="1", SESSIONAUDIT_FROMAT="x")
    assert said.code == 1
    told = " ".join(said.out.split())
    assert "--statement-timeout 7, from pyproject.toml:2: check, repair, trace" in told
    assert "--explain 1, from SESSIONAUDIT_CHECK_EXPLAIN: check" in told
    assert "✗ pyproject.toml:4: --fail-on: 'never-ever' is not one of" in told
    assert "SESSIONAUDIT_FROMAT is set, and no command reads it. Did you mean “SESSIONAUDIT_FORMAT”?" in told


WRONG = {
    ("snapsot",): "“snapsot” is no command that uses a database",
    ("rule",): "“rule” is no command that uses a database",
    ("-c", "nothere.yaml"): "the contract nothere.yaml does not exist",
    ("-d", "postgresql://a:hid%den@h/d"): "the database URL is not valid",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_call_ends_with_2(words: tuple[str, ...], database: str, tmp_path: Path) -> None:
    said = call("doctor", "-d", database, *words, cwd=tmp_path)
    assert (said.code, WRONG[words] in said.err) == (2, True), said.err
    assert "hid%den" not in said.err


@pytest.mark.parametrize("width", [80, pytest.param(140, marks=pytest.mark.thorough)])
def test_the_page_fits_and_statements_can_be_copied(
    width: int, template: Template, make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = make_database(template("broken", system.statements(system.BROKEN)))
    with role_of(url, ROLE) as poor:
        short = call("doctor", "-d", poor, *ON_CONTRACT, cwd=tmp_path, COLUMNS=str(width))
        whole = call("doctor", "-d", poor, *ON_CONTRACT, "-v", cwd=tmp_path, COLUMNS=str(width))
    statements = [line for line in short.out.splitlines() if line.startswith(" " * 8) and line.endswith(";")]
    assert any(line.strip() == f"alter role {ROLE} bypassrls;" for line in statements)
    long = [line for line in short.out.splitlines() if len(line) > width and line not in statements]
    assert [line for line in long if "`sessionaudit " not in line] == []
    head = short.out.splitlines()
    assert head[0].endswith(f", as {ROLE}")
    assert head[1].split() == ["Ready:", "snapshot,", "migrations,", "scan,", "access."]
    assert head[2].startswith("Lacking: check (")
    assert "What is lacking\n  ✗ " in short.out
    assert "statement_timeout is" not in short.out
    assert "  · statement_timeout is 0 (from PostgreSQL)." in whole.out
    coloured = call("doctor", "-d", url, cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="", COLUMNS=str(width))
    assert "\x1b[32m" in coloured.out
