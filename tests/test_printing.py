"""What a role or a database has set must not change what we see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from servers import connect, with_database
from sessionaudit.audits.runner import Options, run

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

SQL = r"""
create type mood as enum ('ok');
create function f(mood) returns integer language sql as 'select 1';
create table t (
  x double precision default '0.30000000000000004'::double precision,
  d date default '2020-02-01'::date,
  i interval default '1 day 02:03:04'::interval,
  e text constraint digits check (e ~ '^\\d+$'));
"""
CONTRACT = r"""
version: 1
functions:
  f(mood): returns integer language sql as 'select 1'
tables:
  t:
    columns:
      x: double precision default '0.30000000000000004'::double precision
      d: date default '2020-02-01'::date
      i: interval default '1 day 02:03:04'::interval
      e: text
    constraints:
      digits: check (e ~ '^\\d+$')
"""
SETTINGS = {
    "extra_float_digits": "0",
    "standard_conforming_strings": "off",
    "quote_all_identifiers": "on",
    "datestyle": "SQL, DMY",
    "intervalstyle": "sql_standard",
    "search_path": "nowhere",
    "default_transaction_isolation": "serializable",
    "row_security": "off",
    "client_encoding": "SQL_ASCII",
    "lc_messages": "C",
}


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "expected_schema.yaml"
    path.write_text(CONTRACT, encoding="utf-8")
    return path


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_changes_nothing(database: str, contract: Path, setting: str, *, read_only: bool) -> None:
    with connect(database) as connection:
        connection.execute(SQL.encode())
        name = connection.info.dbname
        connection.execute(f"alter database \"{name}\" set {setting} = '{SETTINGS[setting]}'".encode())
    assert run(database, contract, Options(read_only=read_only)).findings == ()


def test_a_setting_hides_no_drift(database: str, contract: Path) -> None:
    with connect(database) as connection:
        connection.execute(SQL.encode())
        connection.execute(b"alter table t alter column x set default '0.3'::double precision")
        connection.execute(f'alter database "{connection.info.dbname}" set extra_float_digits = 0'.encode())
    assert [finding.rule.name for finding in run(database, contract, Options()).findings] == ["column-default"]


def test_a_database_without_an_encoding(server: DatabaseServer, contract: Path) -> None:
    with connect(server.url) as connection:
        connection.execute(b"drop database if exists ascii_only")
        connection.execute(
            b"create database ascii_only encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'"
        )
    url = with_database(server.url, "ascii_only")
    with connect(url) as connection:
        connection.execute(SQL.encode())
    try:
        assert run(url, contract, Options()).findings == ()
    finally:
        server.drop("ascii_only")


@pytest.mark.parametrize("wrong", ["public.tt", "t.xx", "tt", "*.nothing"])
def test_a_slip_in_a_filter_is_not_clean(database: str, contract: Path, wrong: str) -> None:
    from sessionaudit.errors import UsageError

    for options in (Options(only=(wrong,)), Options(ignore=(wrong,))):
        with connect(database) as connection:
            connection.execute(b"drop schema public cascade; create schema public;" + SQL.encode())
        with pytest.raises(UsageError, match="is not a rule"):
            run(database, contract, options)


@pytest.mark.parametrize(
    ("word", "objects"), [("t", 6), ("public.t", 6), ("t.x", 1), ("public.t.x", 1), ("column-*", 4)]
)
def test_what_was_not_asked_for_is_not_counted(database: str, contract: Path, word: str, objects: int) -> None:
    with connect(database) as connection:
        connection.execute(SQL.encode())
    report = run(database, contract, Options(only=(word,)))
    assert report.filtered
    assert report.totals["object"] == objects
