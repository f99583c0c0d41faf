"""A contract is made where little is allowed, through a pooler, while others write, and until somebody ends it."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from killing import end_after, start
from pooler import running_pooler
from servers import connect, with_database
from test_snapshot import SHOP, call

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from servers import DatabaseServer


@pytest.fixture
def shop(database: str) -> str:
    with connect(database) as connection:
        connection.execute(SHOP)
    return database


@pytest.fixture
def stranger(server: DatabaseServer, shop: str) -> Generator[str]:
    """The shop's address for a role that may do nothing."""
    name = f"stranger_{secrets.token_hex(4)}"
    with connect(server.url) as admin:
        admin.execute(sql.SQL("create role {} login password {}").format(sql.Identifier(name), sql.Literal(name)))
        parts = urlsplit(shop)
        yield f"postgresql://{name}:{name}@{parts.hostname}:{parts.port or 5432}{parts.path}"
        admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def made(url: str, *words: str) -> str:
    code, text, said = call("snapshot", "-d", url, *words)
    assert code == 0, said
    return text


def test_who_may_do_nothing_gets_the_same(shop: str, stranger: str) -> None:
    assert made(stranger) == made(shop)


def test_a_schema_without_rights_is_read_all_the_same(shop: str, stranger: str) -> None:
    with connect(shop) as admin:
        admin.execute("create schema inner_; create table inner_.t (n integer default 1)")
        admin.execute("revoke all on schema inner_ from public")
    assert "inner_.t:" in made(shop, "--schema", "public", "--schema", "inner_")
    assert made(stranger, "--schema", "inner_") == made(shop, "--schema", "inner_")


def test_a_catalog_without_rights_is_named_and_the_exit_code_says_so(shop: str, stranger: str, tmp_path: Path) -> None:
    with connect(shop) as admin:
        admin.execute("revoke select on pg_catalog.pg_trigger from public")
    file = tmp_path / "expected.yaml"
    code, _, said = call("snapshot", "-d", stranger, "-o", str(file))
    assert code == 3
    assert "triggers" in said
    assert "pg_trigger" in said
    assert "triggers:" not in file.read_text(encoding="utf-8")


def test_what_could_not_be_decided_is_named_and_never_waived(shop: str, stranger: str, tmp_path: Path) -> None:
    with connect(shop) as admin:
        admin.execute("create schema ref")
        admin.execute("create type ref.tone as enum ('low', 'high')")
        admin.execute(
            "create operator class ops for type ref.tone using hash as operator 1 =(anyenum, anyenum),"
            " function 1 hashenum(anyenum)"
        )
        admin.execute("create table tones (t ref.tone)")
        admin.execute("create index by_tone on tones using hash (t ops)")
    file = tmp_path / "expected.yaml"
    code, _, said = call("snapshot", "-d", stranger, "-o", str(file))
    assert code == 3
    assert "index public.tones.by_tone" in said
    assert "grant usage on schema ref to stranger_" in " ".join(said.split())
    assert "waivers:" not in file.read_text(encoding="utf-8")


def test_through_a_pooler_that_gives_each_transaction_another_connection(server: DatabaseServer, shop: str) -> None:
    database = urlsplit(shop).path.removeprefix("/")
    with running_pooler(server.url, size=2) as pooler:
        url = with_database(pooler, database)
        assert made(url) == made(shop)
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as other:
            left = "select current_setting('search_path'), current_setting('default_transaction_read_only')"
            assert other.execute(left).fetchone() == ('"$user", public', "off")


def test_a_sequence_whose_name_was_cut_is_that_of_a_serial_column(database: str, tmp_path: Path) -> None:
    """A name of more than 63 bytes is cut in both parts, or in the longer one; a repair makes the same."""
    tables = {"t" * 63: "c" * 63, "short": "d" * 63, "u" * 50: "nine char", "ends": "here", "é" * 30: "n"}
    add = "alter table {} add {} serial"
    with connect(database) as connection:
        for table, column in tables.items():
            connection.execute(sql.SQL("create table {} ()").format(sql.Identifier(table)))
            connection.execute(sql.SQL(add).format(sql.Identifier(table), sql.Identifier(column)))
        made = connection.execute("select relname from pg_class where relkind = 'S' order by 1").fetchall()
    file = tmp_path / "expected.yaml"
    assert call("snapshot", "-d", database, "-o", str(file))[0] == 0
    text = file.read_text(encoding="utf-8")
    assert text.count(": serial\n") == len(tables) - 1  # a name of several bytes a letter is not counted out
    with connect(database) as connection:
        for table, column in tables.items():
            connection.execute(sql.SQL("alter table {} drop {}").format(sql.Identifier(table), sql.Identifier(column)))
    assert call("repair", "-d", database, "-c", str(file), "--apply", "--yes", "--allow", "rewrite")[0] == 0
    with connect(database) as connection:
        assert connection.execute("select relname from pg_class where relkind = 'S' order by 1").fetchall() == made


def test_a_name_of_63_bytes_and_one_that_only_looks_like_a_number(database: str, tmp_path: Path) -> None:
    long = "ä" * 31 + "x"
    with connect(database) as connection:
        connection.execute(
            sql.SQL("create table {0} ({0} integer primary key, {1} text)").format(
                sql.Identifier(long), sql.Identifier("1e3")
            )
        )
    file = tmp_path / "expected.yaml"
    file.write_text(made(database), encoding="utf-8")
    assert call("check", "-d", database, "-c", str(file), "--fail-on", "note", "--quiet") == (0, "", "")


def test_a_state_that_never_was_is_never_written(shop: str, tmp_path: Path) -> None:
    """The two tables are only ever there together."""
    stop = threading.Event()

    def changes() -> None:
        with connect(shop) as connection:
            while not stop.is_set():
                connection.execute(
                    "begin; create table one (n integer primary key);"
                    " create table two (n integer references one); commit"
                )
                connection.execute("begin; drop table one, two; commit")

    writer = threading.Thread(target=changes)
    writer.start()
    seen = set[bool]()
    try:
        until = time.monotonic() + 1
        while time.monotonic() < until or not seen:
            code, text, said = call("snapshot", "-d", shop)
            # A table may go while its privileges are asked for; then it is said, and nothing is written.
            assert code == 0 or (code == 3 and not text), said
            if code == 0:
                assert ("  one:\n" in text) == ("  two:\n" in text)
                assert ("  one:\n" in text) == ("references one (n)" in text)
                seen.add("  one:\n" in text)
    finally:
        stop.set()
        writer.join()


@pytest.mark.parametrize("messages", [3, 8])
def test_a_line_that_is_cut_leaves_no_half_a_file(shop: str, tmp_path: Path, messages: int) -> None:
    ended, _ = end_after(["snapshot", "-o", "expected.yaml"], shop, tmp_path, messages)
    assert ended.code == 3
    assert "bug in sessionaudit" not in ended.err
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == []


def test_ctrl_c_leaves_no_half_a_file(shop: str, tmp_path: Path) -> None:
    with connect(shop) as holder:
        holder.execute("begin; lock table pg_catalog.pg_trigger in access exclusive mode")
        process = start(["snapshot", "-o", "expected.yaml"], shop, tmp_path)
        waiting = (
            "select 1 from pg_stat_activity"
            " where application_name = 'sessionaudit' and datname = current_database() and wait_event_type = 'Lock'"
        )
        with connect(shop) as watch:
            until = time.monotonic() + 30
            while not watch.execute(waiting).fetchone() and time.monotonic() < until:
                time.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert {path.name for path in tmp_path.iterdir()} <= {"state"}
    assert "Traceback" not in said
