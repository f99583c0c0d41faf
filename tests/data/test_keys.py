"""Keys of every type that a table may be told apart by: found, mended, journalled and taken back by their values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rows import run
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

TYPES = """
create schema elsewhere;
create domain elsewhere.code as text check (value <> '');
create type elsewhere.colour as enum ('red', 'a"b\\c', 'green');
create collation elsewhere.any from "C";
"""
# A type, three keys, and how a person, or a repair, may spell the first of them otherwise.
KEYS: dict[str, tuple[str, str, str, str]] = {
    "uuid": (
        "62e91166-c36b-4bd5-bc51-5b168f1bd176",
        "00000000-0000-4000-8000-000000000000",
        "aa031ec2-a916-4b09-8242-da0f43bc4a76",
        "{62E91166-C36B-4BD5-BC51-5B168F1BD176}",
    ),
    "text": ("a", 'say "hi", {now} \\ %(keys)s', "line\nbreak", "a"),
    "character(5)": ("ab", "x", "abcde", "ab   "),
    '"char"': ("a", "b", "c", "a"),
    "name": ("one", "two", "three", "one"),
    "varchar(20)": ("a ", "a", " a", "a "),
    "boolean": ("true", "false", "", "yes"),
    "integer": ("7", "-1", "0", "007"),
    "bigint": ("9223372036854775807", "1", "2", "+9223372036854775807"),
    "numeric(10,2)": ("1.00", "2.50", "0.00", "1"),
    "double precision": ("0.1", "1e300", "-0.5", "1e-1"),
    "money": ("$1.00", "$2.00", "$3.00", "1"),
    "inet": ("10.0.0.1", "10.0.0.0/8", "::1", "10.0.0.1/32"),
    "cidr": ("10.0.0.0/8", "192.168.0.0/24", "::1/128", "10/8"),
    "macaddr": ("08:00:2b:01:02:03", "08:00:2b:01:02:04", "08:00:2b:01:02:05", "08002b:010203"),
    "date": ("2026-01-31", "infinity", "0044-03-15 BC", "31 January 2026"),
    "timestamp": ("2026-01-31 12:00:00.123456", "-infinity", "2026-02-01", "2026-01-31T12:00:00.123456"),
    "timestamptz": ("2026-01-31 12:00:00+00", "2026-06-30 00:00:00+05:30", "infinity", "2026-01-31 14:00:00+02"),
    "time": ("12:00", "23:59:59.9", "00:00", "12:00:00"),
    "timetz": ("12:00+00", "12:00+02", "00:00+00", "12:00:00+00:00"),
    "interval": ("1 day", "2 mons", "-00:00:01", "24 hours 0 seconds"),
    "bytea": ("\\x00ff", "\\x", "\\xdeadbeef", "\\x00FF"),
    "bit(3)": ("101", "000", "111", "101"),
    "bit varying(5)": ("101", "", "11111", "101"),
    "oid": ("4294967295", "1", "2", "4294967295"),
    "jsonb": ('{"a": 1, "b": [1, "x"]}', "null", '"\\\\"', '{"b":[1,"x"],"a":1.0}'),
    "int4range": ("[1,5)", "empty", "[7,8)", "[1,4]"),
    "elsewhere.code": ("k", "l", "m", "k"),
    "elsewhere.colour": ("red", 'a"b\\c', "green", "red"),
    'text collate elsewhere."any"': ("ä", "a", "z", "ä"),
}
CONTRACT = """version: 1
tables:
  parent: {}
  child: {}
invariants:
  parent_has_child:
    summary: Every parent has a child
    each: parent p
    has: child c
    on: c.parent_key = p.key
    repair: child.sql
"""
REPAIR = """insert into child (parent_key)
select p.key from parent p
where p.key = any (%(keys)s::{cast}[]) and not exists (select from child c where c.parent_key = p.key)
returning key, parent_key as key"""


def prepare(url: str, folder: Path, type_: str, *, spelled: str = "parent_key") -> list[str]:
    """Tables whose keys are of a type, a contract over them, and a repair; the keys as the server spells them."""
    keys = [key for key in KEYS[type_][:3] if not (type_ == "boolean" and not key)]
    cast = type_.partition(" collate ")[0].replace("character(5)", "bpchar")
    with connect(url) as connection:
        connection.execute(TYPES.encode())
        connection.execute(f"create table parent (key {type_} primary key)".encode())
        connection.execute(f"create table child (key serial primary key, parent_key {type_})".encode())
        for key in keys:
            connection.execute(f"insert into parent values (%s::text::{type_})".encode(), (key,))
    text = REPAIR.replace("{cast}", cast).replace(
        "returning key, parent_key as key", f"returning key, {spelled} as key"
    )
    (folder / "child.sql").write_text(text, encoding="utf-8")
    (folder / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    return keys


def children(url: str) -> int:
    with connect(url) as connection:
        row = connection.execute("select count(*) from child c join parent p on p.key = c.parent_key").fetchone()
    assert row is not None
    return int(row[0])


def call(*words: str, url: str, cwd: Path, **environment: str) -> Any:
    return run(*words, url=url, cwd=cwd, **environment)


@pytest.mark.parametrize("type_", KEYS)
def test_one_is_mended_by_its_value_and_taken_back_under_another_time_zone(
    database: str, tmp_path: Path, type_: str
) -> None:
    keys = prepare(database, tmp_path, type_)
    mending = ("backfill", "-c", "c.yaml", "--format", "json", "--journal", "j.jsonl")
    # Spelled otherwise and named twice, and as the row has it.
    result = call(*mending, "--", KEYS[type_][3], keys[0], url=database, cwd=tmp_path, PGTZ="Asia/Tokyo")
    assert result.returncode == 0, result.stderr + result.stdout
    told = json.loads(result.stdout)["results"]
    assert [one["state"] for one in told] == ["created"], told
    assert children(database) == 1
    again = call(*mending, "--", KEYS[type_][3], url=database, cwd=tmp_path, PGTZ="America/New_York")
    assert [one["state"] for one in json.loads(again.stdout)["results"]] == ["already there"]
    undone = call(*UNDO, "j.jsonl", "--yes", url=database, cwd=tmp_path, PGTZ="America/New_York")
    assert (undone.returncode, children(database)) == (0, 0), undone.stderr


@pytest.mark.parametrize("type_", KEYS)
def test_all_are_mended_once_and_taken_back(database: str, tmp_path: Path, type_: str) -> None:
    keys = prepare(database, tmp_path, type_)
    mending = ("backfill", "--all", "--yes", "-c", "c.yaml", "--journal", "j.jsonl", "--format", "json")
    result = call(*mending, url=database, cwd=tmp_path, PGTZ="Asia/Tokyo")
    assert result.returncode == 0, result.stderr
    (told,) = json.loads(result.stdout)["invariants"]
    assert (told["made"], told["batches"], told["left"], told["failures"]) == (len(keys), 1, 0, [])
    assert children(database) == len(keys)
    undone = call(*UNDO, "j.jsonl", "--yes", url=database, cwd=tmp_path, PGTZ="America/New_York")
    assert (undone.returncode, children(database)) == (0, 0), undone.stderr


UNDO = ("undo",)


@pytest.mark.parametrize(
    ("type_", "spelled"),
    [
        ("uuid", "upper(parent_key::text)"),
        ("numeric(10,2)", "parent_key::numeric(20,7)"),
        (
            "timestamptz",
            "coalesce(nullif(parent_key, 'infinity')::timestamptz at time zone 'utc' || '+00', 'infinity')",
        ),
        ("inet", "parent_key::text"),
        ("boolean", "case when parent_key then 'on' else 'off' end"),
    ],
)
@pytest.mark.parametrize("all_", [False, True], ids=["one", "all"])
def test_a_repair_may_spell_its_key_in_its_own_way(
    database: str, tmp_path: Path, type_: str, spelled: str, all_: bool
) -> None:
    keys = prepare(database, tmp_path, type_, spelled=spelled)
    words = ("--all", "--yes") if all_ else keys
    result = call("backfill", "-c", "c.yaml", "--journal", "j.jsonl", *words, url=database, cwd=tmp_path)
    assert (result.returncode, children(database)) == (0, len(keys)), result.stderr


@pytest.mark.parametrize(("type_", "key"), [("int[]", "{1,2}"), ("pair", "(1,2)")])
def test_a_key_that_comes_apart_is_refused(database: str, tmp_path: Path, type_: str, key: str) -> None:
    (tmp_path / "child.sql").write_text(REPAIR.replace("{cast}", "int"), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    with connect(database) as connection:
        connection.execute("create type pair as (a int, b int)")
        connection.execute(f"create table parent (key {type_} primary key)".encode())
        connection.execute(f"create table child (key serial primary key, parent_key {type_})".encode())
        connection.execute(f"insert into parent values ('{key}')".encode())
    result = call("backfill", "--all", "--yes", "-c", "c.yaml", url=database, cwd=tmp_path)
    assert (result.returncode, "primary key of one column" in result.stderr) == (2, True)
    counted = call("check", "--only", "data", "-c", "c.yaml", "--format", "json", url=database, cwd=tmp_path)
    assert json.loads(counted.stdout)["findings"][0]["actual"] == f"1 row: {key}"


def test_citext_keys_are_equal_as_their_index_has_it(database: str, tmp_path: Path) -> None:
    (tmp_path / "child.sql").write_text(REPAIR.replace("{cast}", "ext.citext"), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    with connect(database) as connection:
        connection.execute("create schema ext")
        connection.execute("create extension citext schema ext")
        connection.execute("create table parent (key ext.citext primary key)")
        connection.execute("create table child (key serial primary key, parent_key text)")
        connection.execute("insert into parent values ('Anna')")
    named = ("-c", "c.yaml", "--format", "json", "--journal", "j.jsonl")
    result = call("backfill", *named, "aNNA", "ANNA", url=database, cwd=tmp_path, PGOPTIONS="")
    told = json.loads(result.stdout)["results"]
    assert [(one["id"], one["state"]) for one in told] == [("Anna", "created")], result.stderr


@pytest.mark.parametrize(
    ("type_", "given"),
    [("uuid", "not-a-uuid"), ("integer", "7x"), ("integer", "99999999999"), ("elsewhere.code", ""), ("date", "never"),
     ("elsewhere.colour", "blue"), ("inet", "10.0.0.999"), ("boolean", "perhaps")],
)  # fmt: skip
def test_what_is_no_value_of_the_type_is_malformed(database: str, tmp_path: Path, type_: str, given: str) -> None:
    prepare(database, tmp_path, type_)
    result = call("backfill", "-c", "c.yaml", "--format", "json", "--", given, url=database, cwd=tmp_path)
    assert (result.returncode, json.loads(result.stdout)["results"][0]["state"]) == (2, "malformed"), result.stderr
