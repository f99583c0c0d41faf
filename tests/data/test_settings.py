"""What a role, a database or a name may bring: settings, encodings, quoted names, triggers at the commit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from parents import ALL, INSERT, ONE, UNDO, outcome, prepare, rows, told
from rows import run
from servers import connect, with_database
from sessionaudit.embedded.server import temporary_server

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

SETTINGS = {
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "idle_in_transaction_session_timeout": "50ms",
    "track_counts": "off",
    "session_replication_role": "replica",
    "search_path": "pg_temp",
    "statement_timeout": "2s",
    "lock_timeout": "1ms",
    "datestyle": "German, DMY",
    "standard_conforming_strings": "off",
    "transform_null_equals": "on",
}
TWIN = """create function twin() returns trigger language plpgsql as $$ begin
    insert into child (parent_id, note) select new.parent_id, 'twin' where new.note = 'ours'; return null; end $$"""
REFUSE = """create function refuse() returns trigger language plpgsql as $$ begin
    if new.parent_id = 2 then raise exception 'not for 2'; end if; return null; end $$"""
TAKE = """create function take() returns trigger language plpgsql as $$ begin
    delete from child where id = new.id; return null; end $$"""


def test_settings_of_the_database_change_nothing(database: str, tmp_path: Path) -> None:
    """All of them at once: none may stand in the way of another's proof."""
    prepare(database, tmp_path, number=1500)
    name = urlsplit(database).path[1:]
    with connect(database) as connection:
        for setting, value in SETTINGS.items():
            shown = value if setting == "search_path" else f"'{value}'"
            connection.execute(f"alter database {name} set {setting} to {shown}".encode())
    result = run(*ALL, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "It holds now" in result.stderr
    assert outcome(run(*ONE, "1", url=database, cwd=tmp_path).stdout)[0] == "already there"
    result = run(*UNDO, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    with connect(database) as connection:
        connection.execute("set search_path to public")
        assert connection.execute("select count(*) from child").fetchone() == (0,)


def test_a_connection_that_was_idle_for_too_long_costs_no_proof(database: str, tmp_path: Path) -> None:
    """That of the preview, while others do the work; firewalls close idle ones too."""
    prepare(
        database,
        tmp_path,
        "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$",
        "create trigger slow after insert on child for each statement execute function slow()",
    )
    with connect(database) as connection:
        if connection.info.server_version < 140000:
            pytest.skip("idle_session_timeout came with PostgreSQL 14")
        connection.execute(f"alter database {urlsplit(database).path[1:]} set idle_session_timeout to '400ms'".encode())
    result = run(*ALL, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "It holds now" in result.stderr


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_need_not_be_in_utf8(server: DatabaseServer, tmp_path: Path, encoding: str) -> None:
    name = f"sa_{encoding.lower()}_{time.time_ns()}"
    with connect(server.url) as connection:
        made = f"create database {name} encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0"
        connection.execute(made.encode())
    url = with_database(server.url, name)
    try:
        prepare(
            url,
            tmp_path,
            r"insert into parent values (U&'\00e9'), ('a')"
            if encoding == "LATIN1"
            else "insert into parent values ('a')",
            tables="""create table parent (id text primary key);
                      create table child (id serial primary key, parent_id text, note text)""",
            repair=INSERT.replace("int[]", "text[]").replace("'ours'", "'o\u00fcrs'"),
            number=0,
        )
        result = run(*ALL, url=url, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        result = run(*ONE, "\u20ac", url=url, cwd=tmp_path)
        assert outcome(result.stdout)[0] == ("malformed" if encoding == "LATIN1" else "not found")
        assert run(*UNDO, url=url, cwd=tmp_path).returncode == 0
        assert rows(url, "select * from child") == []
        assert run("check", "-c", "c.yaml", url=url, cwd=tmp_path).returncode == 1
    finally:
        server.drop(url)


PARENT, CHILD = '"Weird; Table%(keys)s"', '"chi""ld%s"'
SCHEMA = '"S%(x)s"'
QUOTED_TABLES = f"""create schema {SCHEMA};
create table {SCHEMA}.{PARENT} ("a%b" text primary key, "c%(y)s" int, "sel""ect" text);
create table {SCHEMA}.{CHILD} ("i%d" int generated by default as identity primary key, "a%b" text unique, "n%%" text);
create table {SCHEMA}."note%%id" (id serial primary key, ref int references {SCHEMA}.{CHILD} on delete cascade);
insert into {SCHEMA}.{PARENT} select 'k%' || n || ';', n % 2 from generate_series(1, 6) n"""
QUOTED_CONTRACT = f"""version: 1
schema: S%(x)s
tables: {{'{PARENT}': {{}}, '{CHILD}': {{}}}}
invariants:
  parent_has_child:
    summary: Every parent has a child
    each: '{SCHEMA}.{PARENT} p'
    where: {{"c is odd, 100%": 'p."c%(y)s" % 2 = 1'}}
    has: '{SCHEMA}.{CHILD} c'
    "on": 'c."a%b" = p."a%b"'
    repair: repair.sql
"""
QUOTED_REPAIR = f"""-- it's 100% %(keys)s
insert into {SCHEMA}.{CHILD} ("a%b", "n%%")
select p."a%b", 'x% %(z)s' from {SCHEMA}.{PARENT} p
where p."a%b" = any (%(keys)s::text[]) and p."c%(y)s" % 2 = 1
"""


@pytest.mark.parametrize("upserts", [False, True], ids=["insert", "upsert"])
@pytest.mark.parametrize("words", [ALL, (*ONE, "k%1;", "k%3;", "k%5;")], ids=["all", "ids"])
def test_names_may_look_like_parameters(database: str, tmp_path: Path, upserts: bool, words: tuple[str, ...]) -> None:
    upsert = 'on conflict ("a%b") do update set "n%%" = excluded."n%%"' if upserts else ""
    repair = f'{QUOTED_REPAIR}{upsert} returning "i%d", "a%b" as key'
    prepare(database, tmp_path, repair=repair, contract=QUOTED_CONTRACT, tables=QUOTED_TABLES, number=0)
    result = run(*words, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    asked = f'select "a%b", "n%%" from {SCHEMA}.{CHILD} order by 1'
    assert rows(database, asked) == [(f"k%{n};", "x% %(z)s") for n in (1, 3, 5)]
    with connect(database) as connection:
        connection.execute(f'insert into {SCHEMA}."note%%id" (ref) select max("i%d") from {SCHEMA}.{CHILD}'.encode())
    result = run(*UNDO, url=database, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert len(rows(database, asked)) == 1


@pytest.mark.parametrize(
    ("trigger", "said", "left"),
    [
        (TWIN, "more than one row was created", []),
        (TAKE, "the repair had no effect", []),
        (REFUSE, "not for 2", [(1, "ours"), (3, "ours")]),
    ],
    ids=["a twin", "taken away", "refused"],
)
def test_what_triggers_do_at_the_commit_is_seen_before_it(
    database: str, tmp_path: Path, trigger: str, said: str, left: list[tuple[int, str]]
) -> None:
    name = trigger.split()[2]
    deferred = f"""create constraint trigger late after insert on child deferrable initially deferred
                   for each row execute function {name}"""
    prepare(database, tmp_path, trigger, deferred)
    result = run(*ONE, "2", url=database, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert said in outcome(result.stdout)[1]
    assert rows(database, "select * from child") == []
    result = run(*ALL, url=database, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    found = told(result.stdout)
    assert (found["made"], found["failed"]) == (len(left), 3 - len(left))
    assert all(said in one for one in found["failures"])
    assert rows(database, "select parent_id, note from child order by 1") == left


@pytest.mark.slow
def test_a_prepared_transaction_is_a_writer_like_others(tmp_path: Path) -> None:
    with temporary_server(settings={"max_prepared_transactions": "2"}) as server:
        url = server.url()
        prepare(url, tmp_path)
        with connect(url) as connection:
            connection.execute("begin")
            connection.execute("insert into child (parent_id, note) values (1, 'prepared')")
            connection.execute("prepare transaction 'x'")
            result = run(*ALL, url=url, cwd=tmp_path)
            assert (result.returncode, "is still open" in result.stderr) == (3, True), result.stderr
            result = run(*ONE, "1", url=url, cwd=tmp_path)
            assert (result.returncode, "is still open" in result.stderr) == (3, True), result.stderr
            connection.execute("commit prepared 'x'")
        result = run(*ALL, url=url, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert (told(result.stdout)["made"], told(result.stdout)["gave_way"]) == (0, 1)
        assert rows(url, "select note from child where parent_id = 1") == [("prepared",)]
