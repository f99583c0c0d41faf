"""Keys of every type that a table may be told apart by: found, mended, journalled and taken back by their values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from marks import one_in
from rows import Heard, run
from servers import connect
from sessionaudit.backfill.session import BackfillOptions, BackfillSession, Prepared
from sessionaudit.backfill.undo_session import UndoOptions, undo
from sessionaudit.contract.loader import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.contract.model import Contract

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
HEAD = """version: 1
tables: {parent_0: {}}
invariants:
"""
INVARIANT = """  parent_has_child_{n}:
    summary: Every parent has a child
    each: parent_{n} p
    has: child_{n} c
    on: c.parent_key = p.key
    repair: child_{n}.sql
"""
REPAIR = """insert into child_{n} (parent_key)
select p.key from parent_{n} p
where p.key = any (%(keys)s::{cast}[]) and not exists (select from child_{n} c where c.parent_key = p.key)
returning key, {spelled} as key"""
# How a repair may spell the keys that it returns.
SPELLED = {
    "uuid": "upper(parent_key::text)",
    "numeric(10,2)": "parent_key::numeric(20,7)",
    "timestamptz": "coalesce(nullif(parent_key, 'infinity') at time zone 'utc' || '+00', 'infinity')",
    "inet": "parent_key::text",
    "boolean": "case when parent_key then 'on' else 'off' end",
}


def keys_of(type_: str) -> list[str]:
    return [key for key in KEYS[type_][:3] if not (type_ == "boolean" and not key)]


def prepare(url: str, folder: Path, types: Iterable[str], *, foreign: bool = False) -> Path:
    """Tables whose keys are of the types, and a contract with an invariant over each, with a repair."""
    contract = HEAD
    with connect(url) as connection:
        connection.execute(TYPES.encode())
        for n, type_ in enumerate(types):
            cast = type_.partition(" collate ")[0].replace("character(5)", "bpchar")
            connection.execute(f"create table parent_{n} (key {type_} primary key)".encode())
            connection.execute(f"create table child_{n} (key serial primary key, parent_key {type_})".encode())
            for key in keys_of(type_):
                connection.execute(f"insert into parent_{n} values (%s::text::{type_})".encode(), (key,))
            spelled = SPELLED.get(type_, "parent_key") if foreign else "parent_key"
            text = REPAIR.format(n=n, cast=cast, spelled=spelled)
            (folder / f"child_{n}.sql").write_text(text, encoding="utf-8")
            contract += INVARIANT.format(n=n)
    (folder / "c.yaml").write_text(contract, encoding="utf-8")
    return folder / "c.yaml"


def children(url: str, n: int = 0) -> int:
    with connect(url) as connection:
        row = connection.execute(
            f"select count(*) from child_{n} c join parent_{n} p on p.key = c.parent_key".encode()
        ).fetchone()
    assert row is not None
    return int(row[0])


def zoned(url: str, zone: str) -> str:
    """The same database, in a session of another time zone."""
    return f"{url}?options=-c%20timezone%3D{zone}"


def states(url: str, contract: Contract, journal: Path, *ids: str) -> list[str]:
    """What becomes of ids by the first invariant of a contract."""
    options = BackfillOptions(url=url, contract=Path(contract.file), journal=journal)
    prepared = Prepared(options=options, contract=contract, invariants=contract.invariants[:1], findings=())
    session = BackfillSession(prepared, Heard())
    session.run(ids)
    return [str(one.state) for one in session.outcomes]


@pytest.mark.parametrize("type_", one_in(2, KEYS))
def test_one_is_mended_by_its_value_and_taken_back_under_another_time_zone(
    database: str, tmp_path: Path, type_: str
) -> None:
    contract = load(prepare(database, tmp_path, [type_]))
    journal = tmp_path / "j.jsonl"
    otherwise = KEYS[type_][3]
    # Spelled otherwise and named twice, and as the row has it.
    assert states(zoned(database, "Asia/Tokyo"), contract, journal, otherwise, keys_of(type_)[0]) == ["created"]
    assert children(database) == 1
    assert states(zoned(database, "America/New_York"), contract, journal, otherwise) == ["already there"]
    undone = undo(UndoOptions(url=zoned(database, "America/New_York"), journal=journal), Heard())
    assert undone is not None
    assert undone.done.total.deleted == 1
    assert children(database) == 0


@pytest.mark.parametrize(
    "foreign", [pytest.param(False, id="own", marks=pytest.mark.thorough), pytest.param(True, id="otherwise")]
)
def test_all_are_mended_once_and_taken_back(database: str, tmp_path: Path, foreign: bool) -> None:
    """However the repair spells the keys that it returns."""
    types = list(SPELLED if foreign else KEYS)
    prepare(database, tmp_path, types, foreign=foreign)
    mending = ("backfill", "--all", "--yes", "-c", "c.yaml", "--journal", "j.jsonl", "--format", "json")
    result = run(*mending, url=database, cwd=tmp_path, PGTZ="Asia/Tokyo")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)["invariants"]
    for type_, one in zip(types, told, strict=True):
        found = (type_, one["made"], one["batches"], one["left"], one["failures"])
        assert found == (type_, len(keys_of(type_)), 1, 0, [])
    assert [children(database, n) for n in range(len(types))] == [len(keys_of(type_)) for type_ in types]
    undone = run("undo", "j.jsonl", "--yes", url=database, cwd=tmp_path, PGTZ="America/New_York")
    assert undone.returncode == 0, undone.stderr
    assert [children(database, n) for n in range(len(types))] == [0] * len(types)


@pytest.mark.parametrize("type_", SPELLED)
def test_a_repair_may_spell_the_key_of_one_in_its_own_way(database: str, tmp_path: Path, type_: str) -> None:
    contract = load(prepare(database, tmp_path, [type_], foreign=True))
    keys = keys_of(type_)
    assert states(database, contract, tmp_path / "j.jsonl", *keys) == ["created"] * len(keys)


@pytest.mark.parametrize(("type_", "key"), [("int[]", "{1,2}"), ("pair", "(1,2)")])
def test_a_key_that_comes_apart_is_refused(database: str, tmp_path: Path, type_: str, key: str) -> None:
    with connect(database) as connection:
        connection.execute("create type pair as (a int, b int)")
        connection.execute(f"create table parent_0 (key {type_} primary key)".encode())
        connection.execute(f"create table child_0 (key serial primary key, parent_key {type_})".encode())
        connection.execute(f"insert into parent_0 values ('{key}')".encode())
    (tmp_path / "child_0.sql").write_text(REPAIR.format(n=0, cast="int", spelled="parent_key"), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(HEAD + INVARIANT.format(n=0), encoding="utf-8")
    result = run("backfill", "--all", "--yes", "-c", "c.yaml", url=database, cwd=tmp_path)
    assert (result.returncode, "primary key of one column" in result.stderr) == (2, True)
    counted = run("check", "--only", "data", "-c", "c.yaml", "--format", "json", url=database, cwd=tmp_path)
    assert json.loads(counted.stdout)["findings"][0]["actual"] == f"1 row: {key}"


def test_citext_keys_are_equal_as_their_index_has_it(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("create schema ext")
        connection.execute("create extension citext schema ext")
        connection.execute("create table parent_0 (key ext.citext primary key)")
        connection.execute("create table child_0 (key serial primary key, parent_key text)")
        connection.execute("insert into parent_0 values ('Anna')")
    (tmp_path / "child_0.sql").write_text(REPAIR.format(n=0, cast="ext.citext", spelled="parent_key"), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(HEAD + INVARIANT.format(n=0), encoding="utf-8")
    result = run("backfill", "-c", "c.yaml", "--format", "json", "aNNA", "ANNA", url=database, cwd=tmp_path)
    told = json.loads(result.stdout)["results"]
    assert [(one["id"], one["state"]) for one in told] == [("Anna", "created")], result.stderr


@pytest.mark.parametrize(
    ("type_", "given"),
    [("uuid", "not-a-uuid"), ("integer", "7x"), ("integer", "99999999999"), ("elsewhere.code", ""), ("date", "never"),
     ("elsewhere.colour", "blue"), ("inet", "10.0.0.999"), ("boolean", "perhaps")],
)  # fmt: skip
def test_what_is_no_value_of_the_type_is_malformed(database: str, tmp_path: Path, type_: str, given: str) -> None:
    contract = load(prepare(database, tmp_path, [type_]))
    assert states(database, contract, tmp_path / "j.jsonl", given) == ["malformed"]


def test_what_is_malformed_ends_in_exit_2(database: str, tmp_path: Path) -> None:
    prepare(database, tmp_path, ["uuid"])
    result = run("backfill", "-c", "c.yaml", "--format", "json", "--", "not-a-uuid", url=database, cwd=tmp_path)
    assert (result.returncode, json.loads(result.stdout)["results"][0]["state"]) == (2, "malformed"), result.stderr
