"""The private server has what migrations for a hosting platform expect: its extensions, its schemas and its rights."""

from __future__ import annotations

from contextlib import closing
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
    from pathlib import Path

_LENT = 18  # the major version since which a server finds extensions in another directory


@pytest.fixture(scope="module")
def project() -> Generator[Replay]:
    with replaying("platform", stub=SUPABASE) as replay:
        yield replay


def refused(replay: Replay, text: str) -> str:
    """What the server says of a file; empty where it ran."""
    failure = replay.run(SqlFile(name="file.sql", text=text)).failure
    return f"{failure.state} {failure.message}" if failure else ""


def test_extensions_that_every_project_has_need_not_be_created(project: Replay) -> None:
    if find_binaries().major < _LENT:
        pytest.skip(f"PostgreSQL {find_binaries().major} finds no extensions but its own")
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
    if find_binaries().major < _LENT:
        pytest.skip(f"PostgreSQL {find_binaries().major} finds no extensions but its own")
    assert not refused(project, f'create extension "{name}"; {used}')
    assert not project.lacking


def test_every_stand_in_is_one_that_can_be_created(project: Replay) -> None:
    if find_binaries().major < _LENT:
        pytest.skip(f"PostgreSQL {find_binaries().major} finds no extensions but its own")
    names = {control.stem for control in extensions.STAND_INS.glob("*.control")}
    for name in names:
        assert not refused(project, f'create extension if not exists "{name}"')
    with closing(psycopg.connect(project.url)) as connection:
        there = {name for (name,) in connection.execute("select extname from pg_extension")}
    assert names <= there


def test_what_reaches_outside_stays_with_the_superuser(project: Replay) -> None:
    for name in ("dblink", "postgres_fdw", "file_fdw"):
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
    if "gen_s" in text and find_binaries().major < _LENT:
        pytest.skip(f"PostgreSQL {find_binaries().major} finds no extensions but its own")
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
