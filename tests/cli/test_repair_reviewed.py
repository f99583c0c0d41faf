"""`sessionaudit repair` where it could do harm: saved plans, the way back, odd names, rows' values in files."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

import inside
from mending import run_at_once, run_script
from servers import connect
from sessionaudit import errors
from sessionaudit.audits.runner import Options, run
from sessionaudit.postgres import catalog

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

    import psycopg

    from conftest import MakeDatabase

APPLY = ("--apply", "--yes", "--allow", "all")
SAVED = ("--apply", "--yes")  # a plan was made with what it may


class Place:
    """A database, a folder with its contract, and the command in it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def make(self, contract: str, sql: str) -> None:
        """Write the contract of tables and make the database."""
        (self.folder / "c.yaml").write_text(f"version: 1\n{contract}", encoding="utf-8")
        run_at_once(self.url, sql)

    def repair(self, *words: str, code: int = errors.EXIT_CLEAN, url: str = "") -> subprocess.CompletedProcess[str]:
        """Run `sessionaudit repair` and demand its exit code."""
        done = inside.run(
            [sys.executable, "-m", "sessionaudit", "repair", *(() if "-c" in words else ("-c", "c.yaml")), *words],
            cwd=self.folder,
            env={**os.environ, "DATABASE_URL": url or self.url},
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stderr
        return done

    def columns(self, table: str = "t") -> set[str]:
        """The columns of a table."""
        with connect(self.url) as connection:
            query = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            return {row[0] for row in connection.execute(query, (table,))}

    def rules(self) -> set[str]:
        """The rules of what the audit finds."""
        return {finding.rule.name for finding in run(self.url, self.folder / "c.yaml", Options()).findings}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Place:
    return Place(database, tmp_path)


TWO = "tables: {t: {columns: {id: int, note: text, extra: text, junk: absent}}}"


def test_a_saved_plan_is_all_that_is_applied(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair("--only", "public.t.note", "--save-plan", "plan.json")
    place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_FINDINGS)
    assert place.columns() == {"id", "junk", "note"}


def test_a_saved_plan_is_for_its_database_and_its_contract(place: Place, make_database: MakeDatabase) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair("--save-plan", "plan.json")
    other = make_database()
    run_at_once(other, "create table t (id int, junk text)")
    done = place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_CHANGED, url=other)
    assert "the database " in done.stderr
    (place.folder / "c.yaml").write_text(f"version: 1\n{TWO} # and more", encoding="utf-8")
    assert "the contract c.yaml" in place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_CHANGED).stderr
    assert place.columns() == {"id", "junk"}


def test_a_saved_plan_notes_what_it_carries_over(place: Place) -> None:
    place.make(
        "tables: {t: {columns: {id: bigint}}}",
        "create table t (id int); create view v as select id from t",
    )
    place.repair("--allow", "rewrite", "--save-plan", "plan.json")
    run_at_once(place.url, "create or replace view v as select id from t where id > 100")
    done = place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_CHANGED)
    assert "what depends on column public.t.id" in done.stderr


def test_another_value_than_the_planned_one_is_no_step_that_is_done(place: Place) -> None:
    """Nobody asked the server how it prints a default that was not there: any other one would pass for it."""
    place.make(
        "domains: {word: text default 'x'}\ntables: {t: {columns: {id: integer default 1, k: integer default 2}}}",
        "create domain word as text; create table t (id int, k int)",
    )
    place.repair("--save-plan", "plan.json")
    run_at_once(place.url, "alter table t alter k set default 2; alter table t alter id set default 9")
    run_at_once(place.url, "alter domain word set default 'y'")
    said = place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_CHANGED).stderr
    assert "changed since the plan was made: domain public.word, column public.t.id" in " ".join(said.split())
    run_at_once(place.url, "alter table t alter id drop default; alter domain word drop default")
    place.repair(*SAVED, "--plan", "plan.json")
    assert place.rules() == set()


def test_a_saved_plan_goes_on_from_where_it_ended(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair("--save-plan", "plan.json")
    run_at_once(place.url, "alter table t add column note text")
    place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_CLEAN)
    assert {"note", "extra"} <= place.columns()


def test_what_a_person_must_decide_on_has_its_command_in_the_plan_and_after_it(place: Place) -> None:
    """`check` leads to `repair`, and `repair` to `check`: neither says how to end that."""
    place.make("tables: {t: {columns: {a: int, b: int}}}", "create table t (a int not null)")
    line = "To change public.t.a anyway: sessionaudit repair --only public.t.a --allow loosen -c c.yaml"
    joined = re.compile(r":\n +(?=sessionaudit)")
    assert line in joined.sub(": ", place.repair().stderr)
    done = joined.sub(": ", place.repair(*SAVED, code=errors.EXIT_FINDINGS).stderr)
    assert (line in done, "1 step held back." in done) == (True, True)
    assert line in joined.sub(": ", place.repair().stderr)  # nothing else is left
    assert line not in joined.sub(": ", place.repair("--allow", "loosen").stderr)
    place.repair("--only", "public.t.a", "--allow", "loosen", *SAVED)
    assert place.rules() == set()


def test_a_saved_plan_is_not_done_by_something_else_than_it_does(place: Place) -> None:
    """A default that differs from what the plan found is not the one that it sets."""
    place.make("tables: {t: {columns: {a: int default 2}}}", "create table t (a int)")
    place.repair("--only", "public.t.a", "--save-plan", "plan.json")
    run_at_once(place.url, "alter table t alter a set default 3")
    done = place.repair(*SAVED, "--plan", "plan.json", code=errors.EXIT_CHANGED)
    assert "changed since the plan was made: column public.t.a" in done.stderr
    run_at_once(place.url, "alter table t alter a set default 2")
    again = place.repair(*SAVED, "--plan", "plan.json")
    assert "already so" in again.stderr


def test_the_way_back_is_for_its_database(place: Place, make_database: MakeDatabase) -> None:
    """The printed command names no database: typed where another one is set, it would make the objects there."""
    place.make("tables: {t: {columns: {a: int default 2}}}", "create table t (a int default 1)")
    place.repair(*APPLY, "--before", "was.yaml")
    other = make_database()
    for words in ((), APPLY):
        refused = place.repair("-c", "was.yaml", *words, url=other, code=errors.EXIT_USAGE)
        assert "was.yaml is the state before a repair of another database: " in refused.stderr
    assert place.rules() == set()
    text = (place.folder / "was.yaml").read_text(encoding="utf-8")
    unbound = re.sub(r"^# Database: .*\n", "", text, flags=re.MULTILINE)
    assert unbound != text
    (place.folder / "free.yaml").write_text(unbound, encoding="utf-8")
    place.repair("-c", "free.yaml", url=other)
    place.repair("-c", "was.yaml", *APPLY)
    assert place.rules() == {"column-default"}


def test_the_way_back_is_never_overwritten(place: Place) -> None:
    place.make(
        "tables: {t: {columns: {a: int default 2, b: int default 2}}}", "create table t (a int default 1, b int)"
    )
    first = place.repair(*APPLY, "--only", "*.a", "--log", "r.log")
    second = place.repair(*APPLY, "--log", "r.log")
    assert "default 1" in (place.folder / "r.log.before.yaml").read_text(encoding="utf-8")
    lead = "to go back further, apply afterwards: r.log.before.yaml"
    assert lead not in first.stderr
    assert lead in second.stderr
    assert lead.capitalize() in (place.folder / "r.log.before.2.yaml").read_text(encoding="utf-8")


def test_a_log_is_appended_to_no_other_file(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair("--save-plan", "plan.json")
    (place.folder / "0001.sql").write_text("select 1;\n", encoding="utf-8")
    (place.folder / "link.log").symlink_to("c.yaml")
    before = {path: path.read_bytes() for path in place.folder.iterdir()}
    for name, words in (
        ("c.yaml", ()),
        ("link.log", ()),
        ("plan.json", ("--plan", "plan.json")),
        ("plan.json", ()),
        ("0001.sql", ()),
    ):
        refused = place.repair(*SAVED, *words, "--log", name, code=errors.EXIT_USAGE)
        assert f"--log would write into {name}, which" in refused.stderr
    for first, second in (("--output", "--log"), ("--before", "--log"), ("--output", "--before")):
        refused = place.repair(*SAVED, first, "new", second, "./new", code=errors.EXIT_USAGE)
        assert f"error: {first} and {second} both name new" in refused.stderr
    place.repair("--save-plan", "new", "--output", "new", code=errors.EXIT_USAGE)
    assert {path: path.read_bytes() for path in place.folder.iterdir()} == before
    assert place.columns() == {"id", "junk"}


def test_the_way_back_names_what_it_needs_and_leads_back(place: Place) -> None:
    place.make(
        "tables: {t: {columns: {a: int not null, b: int, c: date}}}",
        "create table t (a int, b int not null, c timestamp); insert into t values (1, 1, '2020-01-01')",
    )
    place.repair(*APPLY, "--before", "back it's.yaml")
    lines = (place.folder / "back it's.yaml").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("#   sessionaudit ")]
    words = shlex.split(line.removeprefix("#   sessionaudit "))
    assert words[:6] == ["repair", "--apply", "--allow", "loosen", "--allow", "rewrite"]
    place.repair(*words[1:], "--yes")
    with connect(place.url) as connection:
        found = connection.execute(
            "select attname, attnotnull, atttypid::regtype::text from pg_attribute"
            " where attrelid = 't'::regclass and attnum > 0 order by 1"
        ).fetchall()
    assert found == [
        ("a", False, "integer"),
        ("b", True, "integer"),
        ("c", False, "timestamp without time zone"),
    ]


def test_no_way_back_is_written_where_nothing_is_done(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair("--save-plan", "plan.json")
    for _ in range(3):
        place.repair(*SAVED, "--plan", "plan.json", "--before", "back.yaml")
    assert [path.name for path in place.folder.glob("back*")] == ["back.yaml"]


def test_no_way_back_stays_where_a_repair_could_not_begin(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    words = ("--apply", "--yes", "--before", "back.yaml")
    place.repair(*words, "--log", "missing/r.log", code=errors.EXIT_USAGE)
    assert not [*place.folder.glob("back*")]
    with connect(place.url) as other:
        other.execute("select pg_advisory_lock(x'5e551084'::int4, x'0a0d17'::int4)")  # as `postgres/locks.py` does
        done = place.repair(*words, code=errors.EXIT_REPAIR)
        assert "another sessionaudit process" in done.stderr
        assert "Nothing was changed, so back.yaml was removed." in done.stderr
    assert not [*place.folder.glob("back*")]
    place.repair(*words)
    assert [path.name for path in place.folder.glob("back*")] == ["back.yaml"]


def test_a_repair_that_leaves_what_is_found_ends_as_check_does(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair("--apply", "--yes", "--fail-on", "warning", code=errors.EXIT_FINDINGS)
    place.repair("--apply", "--yes", "--fail-on", "never")
    place.repair("--fail-on", "warning", code=errors.EXIT_USAGE)


def test_a_plan_is_saved_to_be_applied_and_not_its_script(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    said = place.repair("--save-plan", "my plan.json", "--output", "fix.sql").stderr
    said = " ".join(said.replace("\\\n", "").split())
    assert "After reviewing it: sessionaudit repair --apply --plan 'my plan.json' -c c.yaml" in said
    assert "psql" not in said


def test_a_script_is_printed_beside_a_saved_plan(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    alone = place.repair("--transactional").stdout
    assert "add column note text" in alone
    beside = place.repair("--transactional", "--save-plan", "plan.json")
    assert beside.stdout == alone
    assert place.repair("--transactional", "--save-plan", "again.json", "--quiet").stdout == alone
    assert (place.folder / "plan.json").is_file()


def test_the_way_back_from_a_dropped_column_has_what_stood_on_it(place: Place) -> None:
    place.make(
        "tables: {t: {columns: {code: absent}}}",
        "create table t (id int not null default 0, code text constraint u unique constraint c check (code <> ''));"
        " create index i on t (code)",
    )
    place.repair(*APPLY, "--before", "b.yaml")
    place.repair("-c", "b.yaml", *APPLY)
    with connect(place.url) as connection:
        query = "select conname from pg_constraint where conrelid = 't'::regclass and contype in ('c', 'u') order by 1"
        assert connection.execute(query).fetchall() == [("c",), ("u",)]
        assert connection.execute("select to_regclass('public.i') is not null").fetchone() == (True,)
        blocked = "select attnotnull from pg_attribute where attrelid = 't'::regclass and attname = 'id'"
        assert connection.execute(blocked).fetchone() == (True,), "a column that was not touched keeps its NOT NULL"


def test_the_way_back_has_what_was_in_and_on_what_is_dropped_or_recreated(place: Place) -> None:
    place.make(
        """views: {v: absent}
materialized_views: {m: absent}
tables: {gone: absent, parted: absent, t: {columns: {k: absent}}}
types: {c: absent}
publication_settings: {dropped: absent, widened: {all_tables: true}}""",
        """create table t (id int, a text, k text); create table gone (z serial, id int primary key, a int);
        grant insert (a, z) on gone to pg_monitor; grant usage on sequence gone_z_seq to pg_monitor;
        create view v as select id, a from t; create materialized view m as select id, a from t;
        create unique index of_m on m (id); grant select on v, m to pg_monitor;
        create function f() returns trigger language plpgsql as 'begin return null; end';
        create trigger io instead of insert on v for each row execute function f();
        create type c as (x int);
        comment on column v.a is 'a'; comment on index of_m is 'i'; comment on trigger io on v is 't';
        comment on column t.k is 'k'; comment on column c.x is 'x';
        create table parted (id int, a text) partition by list (id);
        create table parted_more partition of parted default partition by list (id);
        create table parted_most partition of parted_more for values in (2); create index on parted_most (a);
        grant select on parted_most to pg_monitor;
        create publication dropped for table t, gone; comment on publication dropped is 'p';
        create publication widened for table t""",
    )
    columns = "alter publication widened set table t (id) where (id > 4), gone"
    with connect(place.url) as connection:
        if connection.info.server_version >= 150000:
            run_at_once(place.url, columns)
        before = everything(connection)
    done = place.repair(*APPLY, "--before", "b.yaml")
    assert "index public.m.of_m" not in done.stderr
    assert "not restore" not in done.stderr
    (back,) = re.findall(r"^To go back: sessionaudit repair (.*)$", done.stderr.replace("\\\n", ""), re.MULTILINE)
    with connect(place.url) as connection:
        assert len(everything(connection)["comment"]) == 0
        place.repair(*shlex.split(back), "--yes")
        after = everything(connection)
        assert after == before
        orders = [[path for path in one["column"] if path[1] == "gone"] for one in (before, after)]
        assert orders[0] == orders[1]


def everything(connection: psycopg.Connection) -> Mapping[str, Mapping[tuple[str, ...], object]]:
    """All objects of the schema public, and those that are in no schema.

    The seal of a partition's bound tells where it stood in a statement, before PostgreSQL 14.
    """
    schemas = ["public"]
    found = catalog.read_all(connection, lambda: schemas, schema=lambda: "public", statement_timeout=30).objects
    tables = {
        path: replace(table, partitioning=replace(table.partitioning, seal=""))
        for path, table in found["table"].items()
    }
    return {**found, "table": tables}


def test_the_way_back_of_a_policy_leaves_the_row_security_of_its_table(place: Place) -> None:
    place.make(
        "tables: {t: {row_security: enabled, policies: {p: {for: select, using: id = 1}}}}",
        "create table t (id int); create policy p on t for select using (id = 2)",
    )
    place.repair(*APPLY, "--only", "policy-using", "--before", "b.yaml")
    place.repair("-c", "b.yaml", *APPLY)
    with connect(place.url) as connection:
        assert connection.execute("select qual from pg_policies").fetchall() == [("(id = 2)",)]
        off = "select relrowsecurity from pg_class where oid = 't'::regclass"
        assert connection.execute(off).fetchone() == (False,)


def test_the_way_back_from_a_view_that_was_not_there_is_that_it_is_not(place: Place) -> None:
    place.make(
        "tables: {t: {columns: {a: int not null}, constraints: {k: primary key (a)}}}\n"
        "materialized_views:\n"
        "  m: {query: select a from t, indexes: {m_a: unique using btree (a)}, grants: {public: [select]}}",
        "create table t (a int not null constraint k primary key)",
    )
    place.repair(*APPLY, "--before", "b.yaml")
    place.repair("-c", "b.yaml", *APPLY)
    with connect(place.url) as connection:
        assert connection.execute("select to_regclass('public.m') is null").fetchone() == (True,)


def test_a_function_comes_back_with_its_arguments_names(place: Place) -> None:
    place.make(
        'functions: {"f(a int, c int)": "returns int language sql as $$ select a + c $$"}',
        "create function f(a int, b int) returns int language sql as $$ select a + b $$",
    )
    place.repair(*APPLY, "--before", "b.yaml")
    place.repair("-c", "b.yaml", *APPLY)
    with connect(place.url) as connection:
        assert connection.execute("select f(a => 1, b => 2)").fetchone() == (3,)


def test_the_way_back_of_several_rounds_is_one_file(place: Place) -> None:
    place.make(
        """tables: {t: {columns: {v: varchar(10) default f()}}}
functions:
  f(): returns text language plpgsql security invoker as 'begin return (select count(*) from t); end'""",
        """create table t (v text); create function f() returns text language plpgsql security definer
        as 'begin return (select count(*) from t); end'""",
    )
    done = place.repair(*APPLY, "--before", "b.yaml")
    assert len(set(re.findall(r"^  1  (.*)$", done.stderr, re.MULTILINE))) == 2, "two rounds"
    (back,) = re.findall(r"^To go back: sessionaudit repair (.*)$", done.stderr.replace("\\\n", ""), re.MULTILINE)
    assert [path.name for path in place.folder.glob("b*.yaml")] == ["b.yaml"]
    place.repair(*shlex.split(back), "--yes")
    with connect(place.url) as connection:
        now = "select prosecdef, (select atttypid::regtype::text from pg_attribute where attrelid = 't'::regclass"
        query = f"{now} and attnum = 1), exists (select from pg_attrdef) from pg_proc where proname = 'f'"
        assert connection.execute(query.encode()).fetchone() == (True, "text", False)


def test_the_way_back_revokes_what_a_repair_granted(place: Place) -> None:
    place.make(
        """schemas: {public: {grants: {pg_monitor: [create]}}}
sequences: {s: {grants: {pg_monitor: [usage]}}}
default_privileges: {for role pg_monitor in schema public: {tables: {pg_read_all_stats: [select]}}}
tables: {t: {grants: {pg_monitor: [select]}}}""",
        "create sequence s; create table t (id int)",
    )
    query = """select n.nspacl, s.relacl, t.relacl, (select count(*) from pg_default_acl)
        from pg_namespace n, pg_class s, pg_class t
        where n.nspname = 'public' and s.oid = 's'::regclass and t.oid = 't'::regclass"""
    with connect(place.url) as connection:
        place.repair(*APPLY, "--before", "b.yaml")
        assert "pg_monitor" in str(connection.execute(query).fetchone())
        place.repair("-c", "b.yaml", *APPLY)
        found = connection.execute(query).fetchone()
        assert found is not None
        assert "pg_monitor" not in str(found)
        assert found[3] == 0


def test_the_way_back_has_nothing_that_a_round_left_behind(place: Place) -> None:
    place.make(
        "tables: {t: {columns: {v: varchar(10)}, constraints: {c: check (v <> '')}}}",
        "create table t (v text constraint c check (v <> '')); insert into t values ('a')",
    )
    done = place.repair(*APPLY, "--before", "b.yaml")
    assert "Validate" in done.stderr
    assert "not restore" not in done.stderr
    text = (place.folder / "b.yaml").read_text(encoding="utf-8")
    assert "c: check (v <> ''::text)" in text
    assert "not valid" not in text


def test_what_the_way_back_does_not_restore_is_said(place: Place) -> None:
    place.make(
        """domains: {d: "text default 'k'"}
tables:
  t: {constraints: {c: check (a > 0), k: absent}, grants: {pg_monitor: absent}}
functions:
  f(): {definition: "returns int language sql as 'select 1'", grants: {pg_monitor: absent, public: [execute]}}""",
        """create domain d as text; create table t (a int, constraint k check (a > 1));
        alter table t add constraint c check (a > 0) not valid; grant select on t to pg_monitor with grant option;
        create function f() returns int language sql as 'select 1';
        grant execute on function f() to pg_monitor with grant option""",
    )
    done = place.repair(*APPLY, "--before", "b.yaml")
    lost = re.findall(r"^It does not restore this: (.*)$", done.stderr, re.MULTILINE)
    assert len(lost) == 3
    assert [
        word for word in ("WITH GRANT OPTION", "grant EXECUTE", "stays validated") if word not in "".join(lost)
    ] == []
    assert "".join(f"# - {one}\n" for one in lost) in (place.folder / "b.yaml").read_text(encoding="utf-8")
    place.repair("-c", "b.yaml", *APPLY)
    with connect(place.url) as connection:
        query = "select typdefault from pg_type where typname = 'd'"
        assert connection.execute(query).fetchone() == (None,)
        assert connection.execute("select count(*) from pg_constraint where conname = 'k'").fetchone() == (1,)


def test_what_the_way_back_turns_out_not_to_restore_is_said_beside_its_command(place: Place) -> None:
    place.make(
        """domains: {d: "text constraint c check (value <> 'b')"}
collations: {gone: absent}
tables: {t: {constraints: {f: {definition: foreign key (p) references t (id), repair: fill.sql}}}}""",
        """create domain d as text not null constraint c check (value <> ''); create collation gone from "C";
        create table t (id int primary key, p int, many d[]); insert into t values (1, 9)""",
    )
    fill = "update t set p = 1 where id = any (%(keys)s::int[]) returning id, id as key, p as p_was"
    (place.folder / "fill.sql").write_text(fill, encoding="utf-8")
    done = place.repair(*APPLY, "--with-data", "--before", "b.yaml")
    before, after = done.stderr.split("[1/", 1)
    said = "It does not restore this: "
    assert f"{said}Rows that the repair fill.sql changes keep their new values." in before
    told = [line.removeprefix(said) for line in after.splitlines() if line.startswith(said)]
    assert sum("has it in an array" in line for line in told) == 2  # neither its check nor NOT NULL
    assert [line for line in told if "collation public.gone" in line] != []
    assert len(told) == 3
    assert "".join(f"# - {line}\n" for line in told) in (place.folder / "b.yaml").read_text(encoding="utf-8")


def test_the_way_back_names_what_its_later_steps_need(place: Place) -> None:
    place.make(
        """enums: {e: [a, b]}
views: {v: "select id, x from t where m = 'b'"}""",
        """create type e as enum ('a'); create table t (id int, m e, x int);
        create view v as select id from t where m = 'a'""",
    )
    with connect(place.url) as connection:
        before = everything(connection)
        done = place.repair(*APPLY, "--before", "b.yaml")
        assert "Going back may ask for more to be allowed" in done.stderr
        (back,) = re.findall(r"^To go back: sessionaudit repair (.*)$", done.stderr.replace("\\\n", ""), re.MULTILINE)
        place.repair(*shlex.split(back), "--yes")
        assert everything(connection) == before


@pytest.mark.parametrize("way", ["apply", "script", "transaction"])
def test_names_that_mean_something_elsewhere(place: Place, way: str) -> None:
    place.make(
        "tables:\n  t:\n    columns: {found: boolean, 'a$sa$b': text, 'c$repair$d %s': text}\n"
        "    constraints: {seen: check (found or id > 0)}\n",
        "create table t (id int, found boolean); insert into t values (1, true)",
    )
    if way == "apply":
        place.repair(*APPLY)
    else:
        words = ("--transactional",) if way == "transaction" else ()
        (run_at_once if words else run_script)(place.url, place.repair(*words).stdout)
    assert place.rules() <= {"unexpected-column"}


def test_values_of_rows_do_not_get_into_a_script(place: Place) -> None:
    place.make(
        "tables:\n  t:\n    constraints:\n      u: unique (email)\n      c: check (code::int > 0)\n",
        "create table t (email text, code text);"
        " insert into t values ('a@b.example', 'sk_secret'), ('a@b.example', '1')",
    )
    done = place.repair("--output", "fix.sql")
    text = (place.folder / "fix.sql").read_text(encoding="utf-8")
    assert "a@b.example" not in text
    assert "sk_secret" not in text + done.stderr
    assert "Held back" in text


def test_json_tells_of_every_step_of_every_round(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    data = json.loads(place.repair(*APPLY, "--format", "json", "--quiet").stdout)
    assert data["applied"]
    assert {step["outcome"] for step in data["steps"]} == {"applied"}


def test_a_file_that_cannot_be_written_is_found_before_the_first_change(place: Place) -> None:
    place.make(TWO, "create table t (id int, junk text)")
    place.repair(*APPLY, "--output", "nowhere/x.sql", code=errors.EXIT_USAGE)
    assert place.columns() == {"id", "junk"}
