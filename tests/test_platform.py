"""The private server has what migrations for a hosting platform expect: its extensions, its schemas and its rights."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from sessionaudit.audits.migrations.history import HistoryOptions, replay_history
from sessionaudit.audits.migrations.model import Migration
from sessionaudit.embedded import extensions
from sessionaudit.embedded.binaries import find_binaries
from sessionaudit.embedded.replay import SUPABASE, Replay, SqlFile, replaying

if TYPE_CHECKING:
    from collections.abc import Generator

_LENT = 18  # the major version since which a server finds extensions in another directory


@pytest.fixture(scope="module")
def project() -> Generator[Replay]:
    with replaying("platform", stub=SUPABASE) as replay:
        yield replay


def require_lent() -> None:
    """Skip where the server looks for extensions in no directory but its own; the embedded one of CI never does."""
    if find_binaries().major < _LENT:
        pytest.skip(f"extension_control_path came with PostgreSQL {_LENT}")


def refused(replay: Replay, text: str) -> str:
    """What the server says of a file; empty where it ran."""
    failure = replay.run(SqlFile(name="file.sql", text=text)).failure
    return f"{failure.state} {failure.message}" if failure else ""


def test_extensions_that_every_project_has_need_not_be_created(project: Replay) -> None:
    require_lent()
    for text in (
        "create table made (id uuid primary key default uuid_generate_v4(), token bytea default gen_random_bytes(8))",
        "insert into made default values",
        'create extension if not exists "uuid-ossp" with schema extensions',
        "do $$ begin assert (select octet_length(token) = 8 from made); end $$",
    ):
        assert not refused(project, text)


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("pg_cron", "select cron.schedule('nightly', '0 3 * * *', 'select 1'); select cron.unschedule('nightly')"),
        ("pg_net", "select net.http_post(url := 'http://127.0.0.1/', body := '{}'::jsonb)"),
        ("http", "select status from http_get('http://127.0.0.1/')"),
        ("pgjwt", "select sign('{}'::json, 'secret')"),
        ("supabase_vault", "select vault.create_secret('secret', 'name')"),
        ("pg_graphql", "select graphql.resolve('{ a }')"),
        ("pgsodium", "select id from pgsodium.key"),
        ("hypopg", "select hypopg_reset()"),
        ("index_advisor", "select * from index_advisor('select 1')"),
        (
            "moddatetime",
            "create table t (at timestamptz); create trigger g before update on t for each row "
            "execute function moddatetime(at)",
        ),
        ("pg_stat_statements", "create view v as select query from pg_stat_statements"),
        (
            "vector",
            "create table e (v vector(3)); insert into e values ('[1,2,3]'); "
            "create index on e using hnsw (v vector_l2_ops)",
        ),
        ("pg_trgm", "create table n (v text); create index on n using gin (v gin_trgm_ops)"),
    ],
)
def test_what_the_platform_lets_its_user_create(project: Replay, name: str, used: str) -> None:
    require_lent()
    assert not refused(project, f'create extension if not exists "{name}"; {used}')
    assert not project.lacking


def test_an_extension_with_a_schema_of_its_own_is_created_there_whatever_is_said(project: Replay) -> None:
    require_lent()
    assert not refused(project, "create extension if not exists pg_cron with schema extensions")
    assert not refused(project, "select cron.schedule('each minute', '* * * * *', 'select 1')")
    assert not project.lacking


def test_every_stand_in_is_one_that_can_be_created(project: Replay) -> None:
    require_lent()
    names = {control.stem for control in extensions.STAND_INS.glob("*.control")}
    for name in names:
        assert not refused(project, f'create extension if not exists "{name}"')
    with closing(psycopg.connect(project.url)) as connection:
        there = {name for (name,) in connection.execute("select extname from pg_extension")}
    assert names <= there


def test_what_reaches_outside_stays_with_the_superuser(project: Replay) -> None:
    for name in ("dblink", "postgres_fdw", "file_fdw", "refint", "bloom"):
        run = project.run(SqlFile(name="file.sql", text=f"create extension {name}"))
        assert run.failure is None  # passed over, as a lacking one
        assert name in project.lacking
        project.lacking.remove(name)
    assert refused(project, "select * from dblink('dbname=postgres', 'select 1') as t (a int)").startswith("42883")


def test_policies_are_written_for_tables_of_the_platform_and_nothing_else_is_done_with_them(project: Replay) -> None:
    mine = "create policy mine on storage.objects for select using (owner_id = auth.uid()::text)"
    assert not refused(project, mine)
    assert not refused(project, f"begin; drop policy mine on storage.objects; {mine}; commit")
    assert not refused(project, "insert into storage.buckets (id, name) values ('a', 'a')")
    assert refused(project, mine).startswith("42710")
    assert refused(project, "alter table storage.objects enable row level security").startswith("42501")
    assert refused(project, "create policy mine on pg_catalog.pg_class using (true)").startswith("42501")
    trigger = "drop trigger if exists on_user on auth.users"
    assert not refused(project, trigger)
    does = "for each row execute function suppress_redundant_updates_trigger()"
    assert not refused(project, f"create trigger on_user after update on auth.users {does}")
    assert not refused(project, trigger)
    # Neither a policy nor its failure leaves another role behind.
    assert not refused(project, "do $$ begin assert current_user = 'postgres' and session_user = 'postgres'; end $$")
    assert refused(project, f"{mine.replace('mine', 'other')}; {mine}; create table left_over ()").startswith("42710")
    assert refused(project, "select from left_over").startswith("42P01")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alter table storage.objects enable row level security", "belongs to the platform"),
        ("set search_path = public; select gen_salt('bf')", "There is extensions.gen_salt: write the schema"),
        (
            "set search_path = public; select extensions.gen_slat('bf')",
            "No file of the folder makes extensions.gen_slat",
        ),
        ("select objects.id from objects", "There is storage.objects: write the schema"),
        ("select config.id from auth.config", "No file of the folder makes auth.config"),
    ],
)
def test_what_to_write_instead_on_the_platform(text: str, told: str) -> None:
    if "gen_s" in text:
        require_lent()
    one = Migration(version="1", name="a", file="1_a.sql", text=text, whole_text=text, transactional=True)
    history = replay_history([one], HistoryOptions(stub=SUPABASE, keep_going=True))
    assert told in history.files[0].failures[0].advice


def test_the_servers_account_can_read_the_copies(tmp_path: Path) -> None:
    with replaying("copied") as replay, closing(replay.by_superuser()) as watcher:
        if replay.major < _LENT:
            assert not (tmp_path / "extensions").exists()
            return
        extensions.lend_extensions(watcher, replay.owner, tmp_path)
    files = list((tmp_path / "extensions" / "extension").iterdir())
    assert files
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in files)


def _pwned(where: Path) -> str:
    """SQL of plpgsql that leaves a file on this machine if it may."""
    return f"execute $x$copy (select 1) to program 'touch {where}/escaped'$x$"


@pytest.fixture
def outside() -> Generator[Path]:
    """A directory in which the server's account can make files."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        yield Path(made)


def test_what_a_file_sets_for_the_database_does_not_hold_for_the_superuser(outside: Path) -> None:
    trap = f"""
        create schema evil;
        grant usage on schema evil to public;
        create function evil.eq(a text, b text) returns boolean language plpgsql as $f$ begin
          if (select rolsuper from pg_catalog.pg_roles where rolname operator(pg_catalog.=) current_user) then
            {_pwned(outside)};
          end if;
          return a operator(pg_catalog.=) b;
        end $f$;
        create operator evil.= (leftarg = text, rightarg = text, function = evil.eq);
        create operator evil.<> (leftarg = text, rightarg = text, function = evil.eq);
        create operator evil.!~ (leftarg = text, rightarg = text, function = evil.eq);
        create function evil.eq(a name, b text) returns boolean language sql as 'select evil.eq(a::text, b)';
        create operator evil.<> (leftarg = name, rightarg = text, function = evil.eq);
        create operator evil.!~ (leftarg = name, rightarg = text, function = evil.eq);
        """
    settings = ("search_path = evil, pg_catalog", "role = postgres", "default_transaction_read_only = on")
    texts = [trap, *(f"alter database replay set {each}" for each in settings), "create table t (a int)"]
    texts.insert(2, "alter role all in database replay set search_path = evil, pg_catalog")
    migrations = [
        Migration(version=str(at), name="a", file=f"{at}_a.sql", text=text, whole_text=text, transactional=True)
        for at, text in enumerate(texts)
    ]
    history = replay_history(migrations, HistoryOptions(stub=SUPABASE, keep_going=True, observed=lambda _: True))
    assert history.files[1].state == history.files[-1].state == "applied"
    assert not list(outside.iterdir())


@pytest.mark.parametrize("platform", [False, True])
def test_a_superuser_who_comes_later_is_not_moved(outside: Path, platform: bool) -> None:
    with replaying("moved", stub=SUPABASE if platform else None) as replay:
        for what in (
            "search_path = evil, pg_catalog",
            "role = postgres",
            "session_authorization = postgres",
            "default_transaction_read_only = on",
            "local_preload_libraries = evil",
        ):
            refused(replay, f"alter database moved set {what}")
        refused(replay, "alter database moved set session_preload_libraries = evil")
        with closing(replay.by_superuser()) as connection:
            row = connection.execute(
                "select current_user::text, current_setting('search_path'), current_setting('is_superuser'),"
                " current_setting('transaction_read_only'), current_setting('local_preload_libraries')"
            ).fetchone()
        assert row == ("sessionaudit_server", "pg_catalog", "on", "off", "")
    assert not list(outside.iterdir())


def test_no_role_of_the_platform_leads_out_of_the_server(project: Replay, outside: Path) -> None:
    trap = f"""
        create function evil(a text) returns boolean language plpgsql as $f$ begin
          begin execute 'set role supabase_storage_admin'; exception when others then null; end;
          begin execute 'grant pg_execute_server_program to postgres'; exception when others then null; end;
          begin {_pwned(outside)}; exception when others then null; end;
          return true;
        end $f$;
        create domain evil_text as text check (evil(value));
        create policy p on storage.objects using ('{{a}}'::evil_text[] is not null);
        drop policy p on storage.objects;
        """
    assert not refused(project, trap)
    with closing(psycopg.connect(project.url, autocommit=True)) as connection:
        roles = [
            name
            for (name,) in connection.execute(
                "select rolname from pg_roles where pg_has_role(current_user, oid, 'member') or rolsuper"
            )
        ]
    assert not {role for role in roles if role.startswith(("supabase", "pg_")) and role != "pg_database_owner"}
    for role in ("supabase_storage_admin", "supabase_auth_admin", "dashboard_user", "pg_read_all_data"):
        for text in (
            f"set role {role}",
            f"set role {role}; grant pg_execute_server_program to postgres",
            f"create policy p on storage.objects using (true); set role {role}",
        ):
            assert refused(project, text), text
    assert refused(project, f"do $$ begin {_pwned(outside)}; end $$").startswith("42501")
    assert not list(outside.iterdir())


def test_what_the_owner_may_for_a_policy_it_may_for_nothing_after_it(project: Replay) -> None:
    policy = "create policy once on storage.objects using (true)"
    for after in ("alter table storage.objects add column evil int", "alter policy once on public.nothing rename to a"):
        for begun in ("", "begin; select 1; "):
            assert refused(project, f"{begun}{policy}; drop policy once on storage.objects; {after}")
    assert refused(project, f"{policy}; alter table storage.objects add column evil int").startswith("42501")
    assert refused(project, "alter table storage.objects disable row level security").startswith("42501")
    # Nor where the connection is lost in the statement.
    late = """
        create or replace function late(a text) returns boolean language plpgsql as
          $f$ begin perform pg_terminate_backend(pg_backend_pid()); return true; end $f$;
        create domain late_text as text check (late(value));
        create policy p on storage.objects using ('{a}'::late_text[] is not null)"""
    assert refused(project, f"begin; {late}")
    with closing(project.by_superuser()) as connection:
        row = connection.execute(
            "select count(*) from pg_auth_members where member = 'postgres'::regrole"
            " and roleid::regrole::text like any (array['supabase%', 'pg_%'])"
        ).fetchone()
    assert row == (0,)
