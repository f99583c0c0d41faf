"""The SQL of what is missing of a migration: it makes all of it, twice run changes nothing, and tells what it lacks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles, traces
from dumping import require_program
from marks import thorough
from mending import run_script
from migrationcases import CASES, build
from rows import run as program
from servers import connect
from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace, examining_migrations
from sessionaudit.core.step import Hazard
from sessionaudit.repair import migration_script
from sessionaudit.repair.propose import PlanOptions

if TYPE_CHECKING:
    from conftest import MakeDatabase
    from migrationcases import MakeProject
    from servers import DatabaseServer
    from sessionaudit.repair.migration_script import MigrationScript

MANY = CASES / "clean_many_kinds"
FIRST, SECOND = "20240101000000", "20240102000000"
EVERY = frozenset(Hazard)


def made(case: Path, url: str, version: str, allowed: frozenset[Hazard] = frozenset()) -> MigrationScript:
    place = MigrationsPlace(url, case / "contract.yaml")
    with examining_migrations(place, MigrationsPart(), MigrationOptions()) as run:
        return migration_script.propose_missing(run, version, PlanOptions(allowed=allowed))


def lacking(case: Path, url: str, version: str) -> list[str]:
    """What is missing of a migration."""
    place = MigrationsPlace(url, case / "contract.yaml")
    with examining_migrations(place, MigrationsPart(), MigrationOptions()) as run:
        found = next(one for one in run.examined.verdicts.migrations if one.version == version)
        assert found.standing is not None
        return [f"{one.ref} {one.facet}" for one in found.standing.lacking]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("violation_older_table", SECOND),
        thorough("violation_older_table_outside", FIRST),
        ("violation_facet", SECOND),
        thorough("violation_left", SECOND),
        thorough("violation_unrecorded", SECOND),
    ],
)
def test_the_script_makes_what_is_missing_and_nothing_the_second_time(
    name: str, version: str, server: DatabaseServer, make_database: MakeDatabase
) -> None:
    make_roles(server.url)
    url, case = make_database(), CASES / name
    build(case, url)
    before = traces(url)
    assert lacking(case, url, version)
    found = made(case, url, version, EVERY)
    assert traces(url) == before
    assert found.is_whole, found.left_out
    text = migration_script.rendered(found)
    run_script(url, text)
    after = traces(url)
    assert after != before
    run_script(url, text)
    assert traces(url) == after
    assert lacking(case, url, version) == []
    assert made(case, url, version).is_empty


def test_psql_takes_it(server: DatabaseServer, make_database: MakeDatabase) -> None:
    psql = require_program("psql", server.major)
    url, case = make_database(), MANY
    make_roles(server.url)
    for version in (FIRST, SECOND):
        text = migration_script.rendered(made(case, url, version))
        call = [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url]
        for _ in range(2):
            done = subprocess.run(call, input=text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


def test_many_kinds_are_made_from_nothing(server: DatabaseServer, make_database: MakeDatabase) -> None:
    make_roles(server.url)
    url = make_database()
    for version in (FIRST, SECOND):
        found = made(MANY, url, version)
        text = migration_script.rendered(found)
        assert found.is_whole, text
        run_script(url, text)
        run_script(url, text)
        assert lacking(MANY, url, version) == []


def test_it_is_the_end_of_the_history_and_no_copy_of_the_file(make_project: MakeProject) -> None:
    """A later file widens the column and renames nothing: the script makes it as it is after that."""
    url, case = make_project(
        "create table public.t (id int primary key, gone text);\n",
        "alter table public.t add column n int;\n",
        "alter table public.t alter n type bigint;\nalter table public.t drop column gone;\n",
        there="create table public.t (id int primary key)",
    )
    text = migration_script.rendered(made(case, url, SECOND))
    assert "add column n bigint;" in text
    head = " ".join(text.partition("\n\n")[0].replace("--", "").split())
    assert "what it makes is as it is after the last of all migrations, in a replay." in head
    assert "pgrst" not in text  # the contract says that there is no platform
    assert "contract" not in text
    first = made(case, url, FIRST)
    assert first.is_empty  # the column that a later file drops is not missed


@pytest.mark.parametrize(
    ("second", "third"),
    [
        ("create table public.n (id bigserial);\n", "alter table public.n rename to n2;\n"),
        ("create table public.n (id bigserial);\n", "create schema s;\nalter table public.n set schema s;\n"),
        ("create schema s;\ncreate table s.n (id bigserial);\n", "alter schema s rename to s2;\n"),
    ],
)
def test_what_is_called_otherwise_since_is_left_to_the_files(
    make_project: MakeProject, second: str, third: str
) -> None:
    """Its sequences, keys and partitions are named after what it was called when it was made."""
    url, case = make_project("create table public.t (id int);\n", second, third, there="create table public.t (id int)")
    found = made(case, url, SECOND)
    assert not found.is_whole
    assert any("m3.sql renames or moves what it is on" in reason for reason in found.left_out)
    before = traces(url)
    run_script(url, migration_script.rendered(found))
    assert [name for name in traces(url) if name not in before and "n" in name] == []


def test_a_name_that_is_used_again_is_not_taken_for_what_it_was(make_project: MakeProject) -> None:
    """Another column has the name since: its type is not one that a statement has not changed."""
    url, case = make_project(
        "create table public.t (id int, b text, c int);\n",
        "alter table public.t rename column b to bb;\nalter table public.t rename column c to b;\n",
        there="create table public.t (id int, b text, c int)",
    )
    assert lacking(case, url, SECOND) == []
    found = made(case, url, SECOND)
    assert found.proposal.plan.steps == ()
    assert any("m2.sql gives names of it to other objects" in reason for reason in found.left_out)
    assert not found.is_whole


def test_what_another_migration_makes_is_asked_for(make_project: MakeProject) -> None:
    url, case = make_project(
        "create table public.t (id int primary key);\ncreate type public.mood as enum ('a');\n",
        "alter table public.t add column m public.mood;\n",
        there="create table public.t (id int primary key)",
    )
    found = made(case, url, SECOND)
    assert not found.is_whole
    assert [one.reason for one in found.proposal.plan.held] == [
        "it needs the enum public.mood, which migrations/20240101000000_m1.sql makes"
    ]
    run_script(url, migration_script.rendered(made(case, url, FIRST)))
    run_script(url, migration_script.rendered(made(case, url, SECOND, EVERY)))
    assert lacking(case, url, SECOND) == []


def test_rows_and_what_is_no_kind_of_ours_are_told(make_project: MakeProject) -> None:
    url, case = make_project(
        "create table public.t (id int primary key);\n"
        "insert into public.t values (1);\n"
        "create text search configuration public.c (copy = simple);\n"
        "do $$ begin perform 1; end $$;\n"
        "select pg_catalog.set_config('search_path', '', false);\n"
    )
    words = ("migrations", "--contract", str(case / "contract.yaml"), "--sql", FIRST)
    told = program(*words, url=url)
    assert told.returncode == 3, told.stderr
    heading = " ".join(told.stdout.partition("-- 1. ")[0].replace("\n-- ", " ").split())
    assert "sql:2:1: insert into public ...: rows are not looked at." in heading
    assert "sql:3:1: create text search ...: text search configurations are not looked at." in heading
    assert "sql:4:1: do ...: what it did was not seen." in heading
    assert "set_config" not in heading
    assert "insert into" not in told.stdout.partition("-- 1. ")[2]
    assert "Not in the script: migrations/20240101000000_m1.sql:2:1" in told.stderr


def test_what_is_rejected_is_told(make_database: MakeDatabase) -> None:
    url, case = make_database(), CASES / "violation_rejected"
    build(case, url)
    told = program("migrations", "--contract", str(case / "contract.yaml"), "--sql", SECOND, url=url)
    assert told.returncode == 3
    assert "-- Not in this script: migrations/20240102000000_note.sql:2:16: PostgreSQL rejects" in told.stdout
    assert "create table public.notes" in told.stdout


def test_nothing_to_do_is_said(make_database: MakeDatabase, tmp_path: Path) -> None:
    url, case = make_database(), CASES / "violation_unrecorded"
    build(case, url)
    output = tmp_path / "missing.sql"
    words = ("migrations", "--contract", str(case / "contract.yaml"), "--sql", FIRST, "--output", str(output))
    told = program(*words, url=url)
    assert (told.returncode, told.stdout) == (0, ""), told.stderr
    assert "there is nothing to do" in told.stderr
    assert "there is nothing to do" in output.read_text(encoding="utf-8")
    run_script(url, output.read_text(encoding="utf-8"))


def test_a_hazard_waits_until_it_is_allowed(make_database: MakeDatabase) -> None:
    url, case = make_database(), CASES / "violation_left"
    build(case, url)
    words = ("migrations", "--contract", str(case / "contract.yaml"), "--sql", SECOND)
    held = program(*words, url=url)
    assert (held.returncode, "drop column" in held.stdout.replace("-- ", "")) == (3, False), held.stdout
    assert "--allow data-loss" in held.stderr
    allowed = program(*words, "--allow", "data-loss", url=url)
    assert (allowed.returncode, "drop column state" in allowed.stdout) == (0, True), allowed.stderr


def test_what_is_wrong_is_refused(make_database: MakeDatabase, tmp_path: Path) -> None:
    url, case = make_database(), CASES / "violation_unrecorded"
    build(case, url)
    words = ("migrations", "--contract", str(case / "contract.yaml"), "--sql")
    unknown = program(*words, "20240102000001", url=url)
    assert unknown.returncode == 2
    assert "the folder has no migration “20240102000001”" in unknown.stderr
    assert "Did you mean “20240102000000”?" in unknown.stderr
    for option in ("--files-only", "--file=a", "--format=json", "--fail-on=note", "--only=a", "--verbose"):
        told = program(*words, SECOND, option, url=url)
        assert (told.returncode, "has no effect with --sql" in told.stderr) == (2, True), told.stderr
    doubled = CASES / "violation_duplicate"
    other = make_database()
    build(doubled, other)
    version = next((doubled / "migrations").glob("*.sql")).name[:14]
    told = program("migrations", "--contract", str(doubled / "contract.yaml"), "--sql", version, url=other)
    assert (told.returncode, "several migrations are called" in told.stderr) == (2, True), told.stderr


def test_a_program_is_not_made(make_database: MakeDatabase, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "ledgers" / "alembic" / "migrations", tmp_path / "migrations")
    told = program("migrations", "--folder", str(tmp_path / "migrations"), "--sql", "bbbbbbbbbbbb", url=make_database())
    assert (told.returncode, "is a program" in told.stderr) == (3, True), told.stderr


def test_what_has_another_name_is_not_dropped(make_project: MakeProject) -> None:
    base = (
        "create table public.pt (i int);\n"
        'create policy "Own" on public.pt using (true);\n'
        "create function public.f() returns trigger language plpgsql as 'begin return new; end';\n"
        "create trigger tr before insert on public.pt for each row execute function public.f();\n"
        "create table public.later (a int, b text);\n"
    )
    url, case = make_project(
        base,
        'alter policy "Own" on public.pt rename to own_rows;\n'
        "create policy other on public.pt using (false);\n"
        "alter trigger tr on public.pt rename to tr2;\n"
        "alter table public.later rename to later2;\n"
        "alter function public.f() rename to f2;\n"
        "do $$ begin execute 'drop function if exists public.gone()'; end $$;\n",
        there=base,
    )
    found = made(case, url, SECOND, EVERY)
    assert not found.is_whole
    text = migration_script.rendered(found)
    assert "drop " not in "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    said = " ".join(found.left_out)
    for old, new in (
        ('public.pt."Own"', "public.pt.own_rows"),
        ("public.pt.tr", "public.pt.tr2"),
        ("public.later", "public.later2"),
        ("public.f()", "public.f2()"),
    ):
        assert f"{old}: rename it to {new}, which this script does not do." in said
    assert "public.later.a:" not in said
    run_script(url, text)
    assert "policy public.pt.other " not in lacking(case, url, SECOND)


def test_what_only_code_drops_is_not_dropped(make_project: MakeProject) -> None:
    base = "create table public.t (i int);\ncreate view public.v as select i from public.t;\n"
    url, case = make_project(base, "do $$ begin execute 'drop view public.v'; end $$;\n", there=base)
    found = made(case, url, SECOND, EVERY)
    assert not found.proposal.plan.steps
    assert "view public.v: no statement of the file names it to drop it" in " ".join(found.left_out)


def test_no_privilege_is_given_that_no_statement_gives(make_project: MakeProject) -> None:
    url, case = make_project(
        "create role app_a;\ncreate role app_b;\ncreate role app_c;\ncreate role app_d;\n"
        "alter default privileges grant all on tables to app_a, app_b, app_c;\n",
        "create table public.secrets (id int primary key);\n"
        "revoke all on table public.secrets from app_a;\n"
        "grant select on table public.secrets to app_c, app_d;\n"
        "alter table public.secrets owner to app_d;\n",
    )
    with connect(url) as connection:
        for role in "abcd":
            connection.execute(
                f"do $$ begin create role app_{role}; exception when duplicate_object then null; end $$".encode()
            )
        connection.execute("create table public.secrets (id int primary key)")
    text = migration_script.rendered(found := made(case, url, SECOND, EVERY))
    said = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert "app_b" not in said
    assert "grant all" not in said.lower()
    assert "by default the role would also have" in " ".join(found.left_out)


def test_what_was_held_back_is_not_forgotten(make_project: MakeProject) -> None:
    url, case = make_project(
        "create table public.t (id int primary key);\n", "alter table public.t add column c int not null;\n"
    )
    with connect(url) as connection:
        connection.execute("create table public.t (id int primary key)")
        connection.execute("insert into public.t values (1)")
    for _ in range(2):
        found = made(case, url, SECOND, EVERY)
        assert not found.is_whole
        assert "no c" in found.proposal.plan.held[0].reason
        run_script(url, migration_script.rendered(found))
    with connect(url) as connection:
        connection.execute("update public.t set c = 1")
    run_script(url, migration_script.rendered(made(case, url, SECOND, EVERY)))
    assert made(case, url, SECOND).is_empty
    with connect(url) as connection:
        connection.execute("alter table public.t alter c set default 7")
    changed = made(case, url, SECOND, EVERY)
    assert (changed.is_empty, changed.proposal.plan.steps) == (False, ())
    assert "the default of column public.t.c: it is 7, not " in " ".join(changed.left_out)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table public.t alter column c set statistics 500",
        "alter table public.t cluster on t_pkey",
        "alter table public.t disable trigger all",
        "alter sequence public.s restart 1000",
        "alter table public.t alter column c set storage external",
        "drop cast (public.e as int)",
        "refresh materialized view public.m",
        "do $$ begin create table public.x1 (a int); insert into public.t values (9); end $$",
        "do $$ declare n bigint := setval('public.s', 7); begin create table public.x1 (a int); end $$",
        "with gone as (delete from public.t returning id) select * from gone",
        "create table public.x1 as select 1 as a",
        "select 1 as a into public.x1",
        "select pg_catalog.setval('public.s', 7)",
        "create table public.x1 (a text); alter table public.x1 alter column a set storage external",
    ],
)
def test_what_no_catalog_shows_is_not_taken_for_done(statement: str, make_project: MakeProject) -> None:
    base = (
        "create table public.t (id int primary key, c text);\ncreate sequence public.s;\n"
        "create type public.e as enum ('a');\ncreate cast (public.e as int) with inout;\n"
        "create materialized view public.m as select 1 as a;\n"
    )
    url, case = make_project(base, f"{statement};\n")
    with connect(url) as connection:
        connection.execute(base.encode())
        connection.execute("create table public.x1 (a text)")
    found = made(case, url, SECOND)
    assert not found.is_whole
    assert not found.is_empty
    assert "not looked at" in " ".join(found.left_out) or "what it did was not seen" in " ".join(found.left_out)


def test_what_only_tidies_up_is_no_remark(make_project: MakeProject) -> None:
    text = (
        "set lock_timeout = '1s';\nbegin;\nlock table public.t;\n"
        "create temp table aside as select 1 as a;\ncommit;\nanalyze public.t;\nnotify pgrst, 'reload schema';\n"
        "create table public.u (id int generated always as identity, b text);\n"
        "alter table public.u alter b set not null;\ndrop view if exists public.none;\n"
        "comment on table public.u is 'x';\ncreate table public.v as select 1 as a with no data;\n"
    )
    base = "create table public.t (id int primary key);\n"
    url, case = make_project(base, text, there=base)
    assert made(case, url, SECOND, EVERY).left_out == ()


def test_what_a_revoke_took_is_held_against_what_the_role_has(make_project: MakeProject) -> None:
    text = (
        "create table public.secrets (id int primary key);\n"
        "revoke all on table public.secrets from app_a;\n"
        "create function public.admin_f() returns int language sql security definer as 'select 1';\n"
        "revoke execute on function public.admin_f() from public, app_a;\n"
    )
    url, case = make_project("create role app_a;\n", text)
    with connect(url) as connection:
        connection.execute("do $$ begin create role app_a; exception when duplicate_object then null; end $$")
        connection.execute(text.encode())
    assert made(case, url, SECOND, EVERY).is_empty
    with connect(url) as connection:
        connection.execute("grant all on table public.secrets to app_a")
        connection.execute("grant execute on function public.admin_f() to app_a")
    found = made(case, url, SECOND, EVERY)
    assert not found.is_empty
    said = " ".join(found.left_out)
    assert "m2.sql:2:1: the grants of table public.secrets: it is app_a: delete, insert" in said
    assert "m2.sql:4:1: the grants of function public.admin_f(): it is app_a: execute, not app_a: nothing" in said
    with connect(url) as connection:
        connection.execute("revoke execute on function public.admin_f() from app_a")
        connection.execute("grant execute on function public.admin_f() to public")
    assert "admin_f(): it is public: execute, not public: nothing" in " ".join(made(case, url, SECOND, EVERY).left_out)


@pytest.mark.parametrize(
    "before",
    ["set search_path = other, public;\n", "create temp table b (zz int);\n", "create table public.b (i int);\n"],
)
def test_what_has_several_candidates_is_not_said_to_be_met(before: str, make_project: MakeProject) -> None:
    base = "create schema other;\ncreate table other.b (i int);\n"
    if "temp" in before:
        base = "create table public.b (i int);\n"
    url, case = make_project(base, f"{before}create table if not exists b (i int, k int);\n", there=f"{base}{before}")
    assert [one for one in lacking(case, url, SECOND) if one.startswith("column")] == []
    found = made(case, url, SECOND, EVERY)
    assert found.proposal.plan.steps == ()
    assert "whether it met another object is not known" in " ".join(found.left_out)


def test_columns_come_in_the_order_of_the_file(make_project: MakeProject) -> None:
    url, case = make_project(
        "create table public.items (sku text, qty int, id int primary key);\n"
        "alter table public.items add column b int, add column a int;\n"
        "alter table public.items alter qty type bigint;\n",
        "alter table public.items add column aa int;\nalter table public.items alter b type bigint;\n",
    )
    text = migration_script.rendered(made(case, url, FIRST))
    assert "The type of column public.items.b is here as it is after migrations/20240102000000_m2.sql:2:1" in " ".join(
        text.replace("\n-- ", " ").split()
    )
    run_script(url, text)
    with connect(url) as connection:
        found = connection.execute(
            "select attname::text from pg_attribute"
            " where attrelid = 'public.items'::regclass and attnum > 0 order by attnum"
        ).fetchall()
    assert [name for (name,) in found] == ["sku", "qty", "id", "b", "a"]
    run_script(url, migration_script.rendered(made(case, url, SECOND)))
    assert lacking(case, url, SECOND) == []
