"""The locks of one file: what each statement takes on what was there before it, and what is written anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from migrationcases import a_case
from rows import run as program
from sessionaudit.audits.migrations.history import HistoryOptions, replay_history
from sessionaudit.audits.migrations.model import Migration
from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.migrations.effects import MigrationLocks

TABLES = """
create table public.a (id int primary key, n int, t text);
create table public.b (id int primary key, a int);
create index b_a on public.b (a);
create view public.v as select id from public.a;
"""
NOWHERE = "postgresql://127.0.0.1:1/nothing"


def migration(text: str, number: int, *, transactional: bool = True) -> Migration:
    return Migration(
        version=str(number),
        name="",
        file=f"{number}.sql",
        text=text,
        whole_text=text,
        transactional=transactional,
    )


def locks(text: str, *, transactional: bool = True) -> MigrationLocks:
    """The locks of a file that runs after the tables are made."""
    files = (migration(TABLES, 1), migration(text, 2, transactional=transactional))
    asked = HistoryOptions(keep_going=True, observed=lambda one: one.version == "2")
    first, second = replay_history(files, asked).files
    assert first.locks is None
    assert second.state == "applied", second.failures
    assert second.locks is not None
    return second.locks


def told(found: MigrationLocks) -> list[tuple[int, str, str]]:
    return [(one.location.line, dotted(one.relation), str(one.level)) for one in found.taken]


def test_each_statement_has_its_locks_and_only_on_what_was_there_before() -> None:
    found = locks(
        "create index a_n on public.a (n);\n"
        "create table public.c (id int primary key, a int);\n"
        "alter table public.c add foreign key (a) references public.a;\n"
        "alter table public.b add column more text;\n"
        "insert into public.a values (1);\n"
        "alter table public.a alter n type bigint;\n"
    )
    assert told(found) == [
        (1, "public.a", "ShareLock"),
        (3, "public.a", "ShareRowExclusiveLock"),
        (4, "public.b", "AccessExclusiveLock"),
        (6, "public.a", "AccessExclusiveLock"),
    ]
    assert [dotted(path) for path in found.rewritten] == ["public.a"]
    assert found.unmeasured == ()


def test_what_is_not_written_anew_is_not_said_to_be() -> None:
    found = locks("alter table public.a add column d int default 1;\ncomment on table public.b is 'b';\n")
    assert told(found) == [(1, "public.a", "AccessExclusiveLock"), (2, "public.b", "ShareUpdateExclusiveLock")]
    assert found.rewritten == ()


def test_without_a_transaction_each_statement_is_looked_at_by_itself() -> None:
    """But for what runs in none: nobody can look into it."""
    found = locks(
        "alter table public.a add column d int;\n"
        "create index concurrently a_n on public.a (n);\n"
        "alter table public.a add column e int;\n",
        transactional=False,
    )
    assert told(found) == [(1, "public.a", "AccessExclusiveLock"), (3, "public.a", "AccessExclusiveLock")]
    assert [one.line for one in found.unmeasured] == [2]


def test_a_file_with_its_own_transactions_is_measured_in_them() -> None:
    found = locks(
        "begin;\nlock table public.a in share mode;\ncommit;\nbegin;\nlock table public.a in share mode;\ncommit;\n",
        transactional=False,
    )
    assert told(found) == [(2, "public.a", "ShareLock"), (5, "public.a", "ShareLock")]
    assert found.unmeasured == ()


@pytest.mark.parametrize("transactional", [True, False])
def test_it_does_the_same_as_without_a_look(transactional: bool) -> None:
    text = (
        "create type public.mood as enum ('a');\nalter type public.mood add value 'b';\n"
        "create table public.c (m public.mood);\ncreate policy p on public.c using (true);\n"
        "create table if not exists public.a (id int, other int);\nalter table public.b drop column a;\n"
    )
    files = (migration(TABLES, 1), migration(text, 2, transactional=transactional))
    plain = replay_history(files, HistoryOptions(keep_going=True)).files[1]
    watched = replay_history(files, HistoryOptions(keep_going=True, observed=lambda _: True)).files[1]
    assert (watched.state, watched.failures, watched.effects) == (plain.state, plain.failures, plain.effects)
    assert [one.ref for one in watched.met_existing] == [one.ref for one in plain.met_existing]


def test_a_rejected_file_has_the_locks_of_its_other_statements(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case", TABLES, "create type if not exists public.m as enum ('a');\ndrop index b_a;\n")
    words = ("migrations", "--files-only", "--contract", str(case / "contract.yaml"), "--file", "20240102000000_m2.sql")
    page = program(*words, url=NOWHERE)
    assert page.returncode == 1, page.stderr
    assert "     2    AccessExclusiveLock on public.b, which blocks reads and writes" in page.stdout
    data: dict[str, Any] = json.loads(program(*words, "--format", "json", url=NOWHERE).stdout)
    assert data["migrations"][0]["replay"]["locks"] == {
        "taken": [
            {
                "relation": "public.b",
                "lock": "AccessExclusiveLock",
                "blocks": "reads and writes",
                "location": {"file": "migrations/20240102000000_m2.sql", "line": 2, "column": 1},
            }
        ],
        "rewritten": [],
        "unmeasured": [],
    }


def test_of_other_files_they_are_not_measured(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case", TABLES)
    words = ("migrations", "--files-only", "--contract", str(case / "contract.yaml"), "--format", "json")
    data: dict[str, Any] = json.loads(program(*words, url=NOWHERE).stdout)
    assert data["migrations"][0]["replay"]["locks"] is None


def test_rows_that_a_file_changes_are_told_and_what_else_may_change_some(tmp_path: Path) -> None:
    text = (
        "insert into public.a (id, t) values (1, ','), (2, 'into public.b');\n"
        "update public.a set t = 'x' where id = 1;\n"
        'with old as (select id from public.a)\ndelete from only public . "a" as x using old where x.id = old.id;\n'
        "update public.b set a = 1;\n"
        "truncate table public.a, only public.b;\n"
        "do $$ begin insert into public.a values (3); end $$;\n"
        "create table public.c as select 1 as n;\n"
        "copy public.c from stdin;\n5\n6\n\\.\n"
        "select 'insert into public.a';\n"
    )
    case = a_case(tmp_path / "case", TABLES, text)
    options = ("--files-only", "--tool", "plain")  # whose psql sends the data of COPY
    words = ("migrations", *options, "--contract", str(case / "contract.yaml"), "--file", "20240102000000_m2.sql")
    page = program(*words, url=NOWHERE)
    assert page.returncode == 0, page.stderr
    told = [" ".join(line.split()) for line in page.stdout.splitlines()]
    assert [line for line in told if " rows" in line or " row " in line][:8] == [
        "1 changes rows of public.a: 2 rows inserted in the private server",
        "2 changes rows of public.a: 1 row updated in the private server",
        '3 changes rows of public."a": 2 rows deleted in the private server',
        "5 changes rows of public.b: 0 rows updated in the private server",
        "6 removes all rows of public.a, public.b",
        "7 not looked at: do …: rows are not looked at",
        "8 not looked at: create table public …: rows are not looked at",
        "9 changes rows of public.c: 2 rows copied in the private server",
    ]
    assert "AccessExclusiveLock on public.a, which blocks reads and writes" in page.stdout
    data: dict[str, Any] = json.loads(program(*words, "--format", "json", url=NOWHERE).stdout)
    rows = data["migrations"][0]["replay"]["rows"]
    assert [(one["deed"], one["count"]) for one in rows] == [
        ("insert", 2),
        ("update", 1),
        ("delete", 2),
        ("update", 0),
        ("truncate", None),
        ("copy", 2),
    ]
