"""Rows that reference a row by a foreign key: all of them are found, in the server, by the values of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from servers import connect
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.backfill.references import children
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres.connection import connect as connect_safely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.references import Child


def prepare(url: str, *statements: str) -> None:
    with connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def look(
    url: str, table: str, rows: Sequence[str], *, changed: Sequence[str] | None = None, schema: str = "public"
) -> dict[str, list[Child]]:
    with connect_safely(url) as connection, transaction(connection, "public", timeout=30, write=True):
        return children(connection, (schema, table), rows, changed=changed)


def told(found: dict[str, list[Child]]) -> dict[str, list[tuple[str, str]]]:
    return {row: [(".".join(child.table), child.key) for child in some] for row, some in found.items()}


TYPES = {
    "timestamptz": ["2026-03-01 12:00:00+02", "2026-03-01 11:00:00+00"],
    "char(4)": ["ab", "cd  "],
    "inet": ["10.0.0.1/32", "10.0.0.0/8"],
    "boolean": ["true", "f"],
    "numeric": ["1.00", "2.0"],
    "int[]": ["{1,2}", "{ 3,4 }"],
    "things.code": ["a", "b"],
    "things.lot": ["{1,2}", "{3}"],
    "things.letters": ["Ab", "cD"],
    "things.pair": ["(1,x)", '(2,"y z")'],
    "bytea": ["\\x00ff", "\\x01"],
    "bit(3)": ["101", "000"],
}


@pytest.mark.parametrize("type_", TYPES)
def test_keys_of_every_type_and_spelling_are_matched(database: str, type_: str) -> None:
    first, second = TYPES[type_]
    prepare(
        database,
        "create schema things",
        "create extension if not exists citext schema things",
        "create domain things.code as text check (value <> '')",
        "create domain things.lot as int[]",
        "create type things.pair as (a int, b text)",
        "create domain things.letters as things.citext",
        f"create table parent (id {type_} primary key)",
        f"create table child (id serial primary key, parent_id {type_} references parent)",
        f"insert into parent values ('{first}'), ('{second}')",
        f"insert into child (parent_id) values ('{second}')",
    )
    spelled = second.swapcase() if type_ == "things.letters" else second
    prepare(database, f"alter database {database.rpartition('/')[2].partition('?')[0]} set timezone to 'Asia/Tokyo'")
    assert told(look(database, "parent", [first, spelled])) == {spelled: [("public.child", "1")]}


def test_composite_keys_other_schemas_and_every_action(database: str) -> None:
    prepare(
        database,
        "create schema other",
        """create table parent (id int primary key, a int, b text, unique (b, a));
           insert into parent values (1, 1, 'x'), (2, 2, 'x'), (3, null, 'y')""",
        """create table other.child (u int, v text, parent_a int, parent_b text, primary key (u, v),
             constraint "By both" foreign key (parent_a, parent_b) references parent (a, b) on delete set null);
           insert into other.child values (7, 'q', 2, 'x'), (8, 'q', null, 'x'), (9, 'q', 3, null)""",
        """create table loose (parent_id int references parent on delete cascade on update set default);
           insert into loose values (1)""",
    )
    found = look(database, "parent", ["1", "2", "3"])
    assert told(found) == {"1": [("public.loose", "at (0,1)")], "2": [("other.child", "(7,q)")]}
    assert str(found["2"][0]) == (
        'other.child (7,q) references it by "By both": it would lose its reference (on delete set null)'
    )
    assert "on delete cascade" in str(found["1"][0])
    assert told(look(database, "parent", ["1", "2", "3"], changed=["b"])) == {"2": [("other.child", "(7,q)")]}
    assert "on update set default" in str(look(database, "parent", ["1"], changed=["id", "x"])["1"][0])
    assert look(database, "parent", ["1", "2", "3"], changed=["nothing"]) == {}


PARTITIONED = (
    "create table parent (id int primary key, n int) partition by range (id)",
    "create table parent_low partition of parent for values from (0) to (10)",
    "create table parent_high (n int, x int, id int not null primary key)",
    "alter table parent_high drop column x",
    "alter table parent attach partition parent_high for values from (10) to (20)",
    "insert into parent select n, n from generate_series(1, 19) n",
)


def test_partitions_on_either_side(database: str) -> None:
    prepare(
        database,
        *PARTITIONED,
        "create table child (id int primary key, parent_id int references parent) partition by hash (id)",
        "create table child_0 partition of child for values with (modulus 2, remainder 0)",
        "create table child_1 partition of child for values with (modulus 2, remainder 1)",
        "create table only_high (id int primary key, parent_id int references parent_high on delete cascade)",
        "insert into child select n, n from generate_series(2, 15) n",
        "insert into only_high values (1, 12), (2, 18)",
    )
    by_root = told(look(database, "parent", ["1", "2", "12", "18", "19"]))
    assert by_root == {
        "2": [("public.child", "2")],
        "12": [("public.child", "12"), ("public.only_high", "1")],
        "18": [("public.only_high", "2")],
    }
    assert told(look(database, "parent_high", ["12", "18", "19"])) == {key: by_root[key] for key in ("12", "18")}
    assert told(look(database, "parent_low", ["1", "2"])) == {"2": [("public.child", "2")]}


@pytest.mark.parametrize("partitioned", [False, True])
def test_rows_that_reference_each_other_go_together_or_not_at_all(database: str, partitioned: bool) -> None:
    made = PARTITIONED[:-1] if partitioned else ("create table parent (id int primary key, n int)",)
    prepare(
        database,
        *made,
        "alter table parent add column up int references parent on delete cascade",
        "insert into parent values (1, 0, null), (2, 0, 1), (3, 0, 2), (4, 0, 3), (5, 0, null), (11, 0, 5), (7, 0, 7)",
    )
    assert look(database, "parent", ["1", "2", "3", "4", "7"]) == {}
    assert told(look(database, "parent", ["1", "2", "3", "7"])) == {
        "1": [("public.parent", "2")],
        "2": [("public.parent", "3")],
        "3": [("public.parent", "4")],
    }
    assert list(look(database, "parent", ["5"])) == ["5"]
    assert look(database, "parent", ["11", "5"]) == {}


def test_children_of_many_are_counted_by_one_query_and_named_for_some(database: str) -> None:
    prepare(
        database,
        "create table parent (id int primary key)",
        "create table child (id serial primary key, parent_id int references parent)",
        "insert into parent select generate_series(1, 5000)",
        "insert into child (parent_id) select n from generate_series(1, 5000) n, generate_series(1, 5) where n % 2 = 0",
    )
    found = look(database, "parent", [str(number) for number in range(1, 5001)])
    assert sorted(map(int, found)) == list(range(2, 5001, 2))
    assert {len(some) for some in found.values()} == {3, 1}
    assert sum(len(some) == 3 for some in found.values()) == 20


@pytest.mark.parametrize("indexed", [True, False])
def test_a_child_is_not_read_once_for_each_row(database: str, indexed: bool) -> None:
    prepare(
        database,
        "create table parent (id int primary key)",
        "create table child (id serial primary key, parent_id int references parent)",
        "insert into parent select generate_series(1, 100000)",
        "insert into child (parent_id) select n from generate_series(50001, 100000) n",
        *(["create index on child (parent_id)"] if indexed else []),
        "analyze",
    )
    # What this very transaction has read: nothing that another session, or the making of the table, tells late.
    scans = b"select seq_scan from pg_catalog.pg_stat_xact_all_tables where relid = 'public.child'::regclass"
    with connect_safely(database) as connection, transaction(connection, "public", timeout=30, write=True):
        before = connection.execute(scans).fetchone()
        assert children(connection, ("public", "parent"), [str(n) for n in range(1, 51)]) == {}
        after = connection.execute(scans).fetchone()
    assert before is not None
    assert after is not None
    assert after[0] - before[0] == (0 if indexed else 1)


def test_who_sees_a_part_of_the_children_is_refused(database: str) -> None:
    role = "sa_sees_a_part"
    prepare(
        database,
        f"do $$ begin create role {role}; exception when duplicate_object then null; end $$",
        "create table parent (id int primary key); insert into parent values (1)",
        "create table child (id int primary key, parent_id int references parent); insert into child values (1, 1)",
        f"grant select, delete, update on parent to {role}",
    )
    try:
        for more in ("select 1", f"grant select on child to {role}; alter table child enable row level security"):
            prepare(database, more)
            with connect_safely(database) as connection, transaction(connection, "public", timeout=30, write=True):
                connection.execute(f"set local role {role}".encode())
                with pytest.raises(DatabaseError, match=r"public\.child.*child_parent_id_fkey.*cannot be checked"):
                    children(connection, ("public", "parent"), ["1"])
        prepare(database, "alter table child disable row level security")
        with connect_safely(database) as connection, transaction(connection, "public", timeout=30, write=True):
            connection.execute(f"set local role {role}".encode())
            assert told(children(connection, ("public", "parent"), ["1"])) == {"1": [("public.child", "1")]}
    finally:
        prepare(database, f"drop owned by {role}", f"drop role {role}")


def test_a_constraint_that_is_not_enforced_or_collates_otherwise(database: str) -> None:
    prepare(
        database,
        """create table parent (id text collate "C" primary key); insert into parent values ('a'), ('b')""",
        """create table child (id int primary key, parent_id text collate "POSIX" references parent);
           insert into child values (1, 'b')""",
    )
    assert list(look(database, "parent", ["a", "b"])) == ["b"]
    try:
        prepare(database, "alter table child add constraint lax foreign key (parent_id) references parent not enforced")
    except psycopg.errors.SyntaxError:
        pytest.skip("constraints that are not enforced came with PostgreSQL 18")
    prepare(database, "alter table child drop constraint child_parent_id_fkey")
    assert list(look(database, "parent", ["a", "b"])) == ["b"]
