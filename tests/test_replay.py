"""A contract is made of files: they run in a private server, which they cannot leave, nor fill, nor hold up."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from dumping import require_program
from private_server import own_servers
from sessionaudit.cli.app import app
from sessionaudit.contract import FOR_EDITORS
from sessionaudit.core import sqlstate
from sessionaudit.demo import system
from sessionaudit.embedded import bounded
from sessionaudit.embedded.binaries import find_binaries
from sessionaudit.embedded.bounded import ReplayLimits
from sessionaudit.embedded.replay import Replay, SqlFile, replaying
from sessionaudit.errors import UsageError
from sessionaudit.snapshot import sources
from sessionaudit.snapshot.taking import SnapshotOptions
from sessionaudit.sql.statements import UnsplitError, statements

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from conftest import MakeDatabase, Template
    from servers import DatabaseServer


def call(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["snapshot", *words])
    return result.exit_code, result.stdout, " ".join(result.stderr.split())


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def said(contract: str) -> str:
    return contract[contract.index("version:") :]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A folder for the private servers of a test, and of nobody else."""
    folder = Path(tempfile.mkdtemp(prefix="sa", dir="/tmp"))
    folder.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with own_servers():
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


SPLIT = r"""-- a comment; with a semicolon
\restrict abc
set x = ';'; ;
create function f() returns int begin atomic select case when true then 1 end; select 2; end;
create or replace function g() returns int language plpgsql as $body$ begin; end; $body$;
copy t (a) from stdin;
1;
'x
\.
/* ; /* ; */ */ create rule r as on insert to t do (select 1; select 2); select 3"""


def test_a_file_is_cut_as_psql_does() -> None:
    found = list(statements(SPLIT))
    assert [one.words[0] for one in found] == ["set", "create", "create", "copy", "create", "select"]
    assert found[3].data == "1;\n'x\n"
    assert [SPLIT[one.start : one.start + len(one.text)] for one in found] == [one.text for one in found]
    alone = "create index concurrently i on t (a); vacuum t; alter type e add value 'x'; begin; drop database d"
    assert all(one.alone for one in statements(alone))
    assert not any(one.alone for one in statements("create index i on t (a); alter type e owner to x; select begin()"))


@pytest.mark.parametrize(
    ("text", "start", "word"),
    [("select 1;\n\\connect other\n", 10, "\\connect"), ("\\i x.sql", 0, "\\i"), ("select '", 7, "unterminated")],
)
def test_what_cannot_be_cut_is_told(text: str, start: int, word: str) -> None:
    with pytest.raises(UnsplitError) as caught:
        list(statements(text))
    assert (caught.value.start, word in str(caught.value)) == (start, True)


def test_migrations_run_in_the_order_of_their_names(tmp_path: Path, servers: Path) -> None:
    written(
        tmp_path,
        **{
            "0002_more": "alter type mood add value 'great';\nalter table a add m mood default 'great';",
            "0001_first": "create type mood as enum ('sad');\ncreate table a (id integer primary key);",
            "0003_index": "create index concurrently a_m on a (m);\n-- migrate:down\ndrop table a;",
            "0004_copy": "copy a (id) from stdin;\n1\n2\n\\.\nalter table a alter id set not null;\nvacuum a;",
        },
    )
    (tmp_path / "notes.txt").write_text("no SQL")
    code, contract, told = call("--migrations", str(tmp_path))
    assert code == 0, told
    assert "mood: [sad, great]" in contract
    assert "m: mood default 'great'" in contract
    assert "a_m: using btree (m)" in contract
    assert f"# Made from the migrations in {tmp_path} by sessionaudit snapshot." in contract
    assert "$schema" not in contract  # no user has the file that it would name
    assert FOR_EDITORS in contract.splitlines()
    file = tmp_path / "expected.yaml"
    assert call("--migrations", str(tmp_path), "-o", str(file))[0] == 0
    assert said(file.read_text(encoding="utf-8")) == said(contract)
    assert list(servers.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "run"),
    [
        ("R__v V10__c V2__b V1.2__d V1__a U2__b V1.10__e", "V1__a V1.2__d V1.10__e V2__b V10__c R__v"),
        ("V1__a V2 U2__b", "U2__b V1__a V2"),
        ("20240101_b/migration 20230101_a/migration 20230101_a/other", "20230101_a/migration 20240101_b/migration"),
        ("00_b/up 00_b/down", "00_b/up"),
        ("a below/up", "a"),
        ("b.up b.down a.up", "a.up b.up"),
    ],
)
def test_migrations_of_every_tool_run_in_its_order(
    there: str, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flyway's versions are numbers, and what undoes one is not run; Prisma has a directory for each."""
    for name in there.split():
        path = tmp_path / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found: list[str] = []

    def taken(files: Sequence[SqlFile], _asked: SnapshotOptions) -> NoReturn:
        found.extend(file.name for file in files)
        raise UsageError("no more is needed")

    monkeypatch.setattr("sessionaudit.snapshot.sources._made", taken)
    with pytest.raises(UsageError, match="no more"):
        sources.of_migrations(tmp_path, SnapshotOptions())
    assert found == [f"{tmp_path}/{name}.sql" for name in run.split()]


def test_an_error_is_told_with_its_place_and_nothing_is_written(tmp_path: Path) -> None:
    written(
        tmp_path,
        a="create table a (id integer);",
        b="create table b (id integer);\n\ncreate table c (\n  id integer,\n  m mod\n);\n",
    )
    output = tmp_path / "expected.yaml"
    code, out, told = call("--migrations", str(tmp_path), "-o", str(output))
    assert (code, out, output.exists()) == (2, "", False)
    assert told.startswith(f'error: {tmp_path}/b.sql:5:5: type "mod" does not exist (42704), in “create table c (')


@pytest.mark.parametrize(
    ("name", "text"),
    [("none", None), ("folder", ""), ("latin", "select 'é'")],
)
def test_what_is_no_file_of_sql_is_refused(name: str, text: str | None, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.sql"
    if name == "folder":
        path.mkdir()
    elif text is not None:
        path.write_bytes(text.encode("latin-1"))
    code, _, told = call("--sql", str(path))
    assert (code, str(path) in told) == (2, True)
    assert call("--migrations", str(tmp_path / "nowhere"))[0] == 2


def test_supabases_names_are_there(tmp_path: Path) -> None:
    text = """
        create extension if not exists "nowhere_at_all" with schema extensions;
        create table public.notes (id bigint primary key, owner uuid not null references auth.users default auth.uid());
        alter table public.notes enable row level security;
        create policy own on public.notes for select to authenticated using (owner = auth.uid());
        grant select on public.notes to authenticated;
    """
    written(tmp_path, a=text)
    code, contract, told = call("--migrations", str(tmp_path), "--platform", "supabase")
    assert code == 3
    assert "the extension nowhere_at_all cannot be created" in told
    assert "auth.uid()" in contract
    assert "  auth.users:\n    unnamed: ignore\n    columns:\n      id: uuid not null\n" in contract
    code, _, told = call("--migrations", str(tmp_path))
    assert (code, "nowhere_at_all" in told or "--platform supabase" in told) == (2, True)


def after_the_head(contract: str) -> str:
    return contract[contract.index("\nversion:") :].strip()


def test_a_dump_of_the_system_makes_its_contract(
    tmp_path: Path, server: DatabaseServer, template: Template, make_database: MakeDatabase
) -> None:
    program = require_program("pg_dump", server.major)
    url = make_database(template("good", system.statements(system.GOOD)))
    dump = tmp_path / "dump.sql"
    done = subprocess.run(
        [program, "-s", "-n", "public", url, "-f", str(dump)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    code, contract, told = call("--sql", str(dump), "--platform", "supabase")
    assert code == 0, told
    _, original, _ = call("-d", url, "--schema", "public", "--platform", "supabase")
    # A dump of one schema has no publications, and none says who is a member of a role; all else is the same to
    # the letter, what is granted above all.
    for section in ("publication_settings", "memberships", "publications"):
        original = re.sub(rf"^{section}:\n(?: .*\n)+\n?", "", original, flags=re.MULTILINE)
    assert after_the_head(contract) == after_the_head(original)


def test_a_dump_says_nothing_of_members_of_roles_nor_whether_a_materialized_view_is_filled(tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "-- PostgreSQL database dump\n\n-- Dumped from database version 12.9\n\n"
        "create table t (a int); alter table t owner to app_owner; alter table t enable row level security;\n"
        "create policy p on t to reader using (true);\n"
        "grant usage on schema public to app_owner; grant create on schema public to app_owner;\n"
        "grant select on t to reader;\n"
        "create materialized view m as select a from t with no data;\n"
        "create materialized view n as select a from m with no data;\n"
    )
    code, contract, told = call("--sql", str(dump))
    assert code == 0, told
    assert "memberships:" not in contract
    assert "populated" not in contract
    assert "the dump is of PostgreSQL 12, and the private server is" in told


@pytest.fixture(scope="module")
def private() -> Generator[Replay]:
    limits = ReplayLimits(seconds=3, disk=400 * 1024**2, temporary=20 * 1024**2)
    with own_servers(), replaying("hostile", limits=limits) as replay:
        yield replay


@pytest.mark.parametrize(
    "text",
    [
        "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'touch /tmp/sessionaudit-hostile'",
        "create table h (t text); copy h from program 'id'",
        "create table h (t text); copy h from '/etc/passwd'",
        "copy (select 1) to '/tmp/sessionaudit-hostile'",
        "select lo_import('/etc/passwd')",
        "select pg_ls_dir('/')",
        "grant pg_execute_server_program to current_user",
        "grant pg_read_server_files to current_user; select pg_read_file('/etc/passwd')",
        "alter role current_user superuser",
        "create role h superuser",
        "create extension file_fdw; create foreign data wrapper h",
        "alter system set shared_preload_libraries = 'x'",
        "load '/tmp/x.so'",
        "reset session authorization; set role sessionaudit_server",
        "create function h() returns int language c as '/lib/x86_64-linux-gnu/libc.so.6', 'abs'",
        "select * from pg_authid",
        "\\! touch /tmp/sessionaudit-hostile",
        "select pg_stat_file('/etc/passwd')",
        "select pg_read_binary_file('PG_VERSION')",
        "select pg_ls_logdir()",
        "select lo_export(1, '/tmp/sessionaudit-hostile')",
        "select current_setting('data_directory')",
        "select * from pg_hba_file_rules",
        "select pg_reload_conf()",
        "alter system set work_mem = '1MB'",
        "load 'auto_explain'",
        "set session_preload_libraries = 'auto_explain'",
        "alter role current_user set session_preload_libraries = 'auto_explain'",
        "set dynamic_library_path = '/tmp'",
        "create tablespace h location '/tmp'",
        "create language plpython3u",
        "create extension plpython3u; create function h() returns int language plpython3u as 'x'",
        "create extension dblink; select dblink('host=127.0.0.1', 'select 1')",
        "create extension dblink; select dblink_connect_u('host=127.0.0.1')",
        "create extension postgres_fdw; create server h foreign data wrapper postgres_fdw options (host '127.0.0.1')",
        "create foreign data wrapper h",
        "create subscription h connection 'host=127.0.0.1 password=x' publication p",
        "select pg_create_physical_replication_slot('h')",
        "create database h",
        "grant sessionaudit_server to current_user",
        "alter role sessionaudit_server password 'x'",
    ],
)
def test_nothing_leads_out_of_the_server(text: str, private: Replay) -> None:
    outcome = private.run(SqlFile(name="h.sql", text=text))
    assert outcome.failure is not None
    assert not Path("/tmp/sessionaudit-hostile").exists()


def test_what_is_listened_for_is_heard_by_nobody(private: Replay) -> None:
    outcome = private.run(SqlFile(name="h.sql", text="listen h; notify h, 'x'; select pg_notify('h', 'y')"))
    assert outcome.failure is None
    assert private.run(SqlFile(name="after.sql", text="select 1")).failure is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_no_other_user_of_the_machine_can_connect(private: Replay) -> None:
    socket = next(Path(unquote(private.url.partition("host=")[2].partition("&")[0])).glob(".s.PGSQL.*[0-9]"))
    assert asked(socket, "nobody") == 0  # who runs the server
    assert asked(socket, "daemon") == errno.EACCES


def asked(socket: Path, user: str) -> int:
    """Connect as a user of the machine; the number of the error, or 0."""
    text = "import socket, sys; sys.exit(socket.socket(socket.AF_UNIX).connect_ex(sys.argv[1]))"
    command = ["/usr/bin/env", "python3", "-c", text, str(socket)]
    return subprocess.run(command, user=user, group="nogroup", extra_groups=[], cwd="/", check=False).returncode


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc, which Linux alone has")
def test_what_a_killed_program_left_running_ends_by_itself(tmp_path: Path, servers: Path) -> None:
    """The server itself is removed by the next program that needs one."""
    if find_binaries().major < 14:
        pytest.skip("client_connection_check_interval came with PostgreSQL 14")
    written(tmp_path, a="set statement_timeout = 0;\ndo $$ begin loop end loop; end $$;")
    command = [sys.executable, "-m", "sessionaudit", "migrations", "--files-only", "--folder", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path)
    patience = time.monotonic() + 30
    while not looping(servers) and time.monotonic() < patience:
        time.sleep(0.1)
    assert looping(servers)
    process.kill()
    process.wait()
    patience = time.monotonic() + 10
    while looping(servers) and time.monotonic() < patience:
        time.sleep(0.1)
    assert not looping(servers)
    with replaying("next"):
        assert len(list(servers.iterdir())) == 1


def looping(servers: Path) -> bool:
    """Whether a backend of a server below this folder runs a block."""
    try:
        found = {
            path.read_text(encoding="ascii").partition("\n")[0] for path in servers.glob("*/run/data/postmaster.pid")
        }
        running = [pid for pid in found if pid.isdigit()]  # while initdb is at work, it is a negative number
        told = [Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split() for pid in running]
        titles = [Path(f"/proc/{child}/cmdline").read_bytes() for children in told for child in children]
    except OSError:
        return False
    return any(title.rstrip(b"\0 ").endswith(b" DO") for title in titles)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        "set statement_timeout = 0; select 1; do $$ begin loop end loop; end $$",
        "set statement_timeout = 0;\ndo $$ begin loop begin perform pg_sleep(100);"
        " exception when query_canceled then null; end; end loop; end $$",
        "set statement_timeout = 0; select repeat('x', 1000), generate_series(1, 1000000000000)",
        "set statement_timeout = 0; copy (select repeat('x', 1000), generate_series(1, 1000000000000)) to stdout",
        "set statement_timeout = 0; do $$ begin loop raise warning 'x'; end loop; end $$",
    ],
)
def test_what_never_ends_is_ended(text: str, private: Replay) -> None:
    begun = time.monotonic()
    outcome = private.run(SqlFile(name="h.sql", text=text))
    assert outcome.failure is not None
    assert (outcome.failure.state, "longer than 3 s" in outcome.failure.message) == (sqlstate.ADMIN_SHUTDOWN, True)
    assert time.monotonic() - begun < 30
    assert private.run(SqlFile(name="after.sql", text="select 1")).failure is None


def test_what_fills_the_disk_is_ended(private: Replay) -> None:
    text = "create table full_ as select repeat('x', 1900), generate_series(1, 1000000000)"
    outcome = private.run(SqlFile(name="h.sql", text=text))
    assert outcome.failure is not None
    assert outcome.failure.state in {sqlstate.ADMIN_SHUTDOWN, "57014"}
    text = "select count(*) from (select n, repeat(md5(n::text), 20) from generate_series(1, 100000000) n order by 2) x"
    outcome = private.run(SqlFile(name="h.sql", text=text))
    assert outcome.failure is not None
    assert outcome.failure.state in {"53400", sqlstate.ADMIN_SHUTDOWN, "57014"}


def test_what_takes_too_long_is_ended_by_whoever_watches(private: Replay) -> None:
    said = run_within(private, ReplayLimits(seconds=0.1), "select pg_sleep(20)")
    assert said is not None
    assert (said.ours, said.message) == (True, "it took longer than 0.1 s, and was stopped")


def test_the_disk_is_watched(private: Replay) -> None:
    said = run_within(private, ReplayLimits(disk=2**20), "select pg_sleep(20)")  # which all databases fill already
    assert said is not None
    assert (said.ours, said.message) == (True, "it took more than 1 MiB of the disk, and was stopped")


def test_the_memory_of_a_session_is_watched(private: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operating system does not limit it: what is told of the process is enough."""
    monkeypatch.setattr(bounded, "_memory_of", lambda _pid: 2**21)
    said = run_within(private, ReplayLimits(memory=2**20), "select pg_sleep(20)", limited=False)
    assert said is not None
    assert (said.ours, said.message) == (True, "it took more than 1 MiB of the memory, and was stopped")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of another process")
def test_the_operating_system_is_asked_to_limit_the_memory(private: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not do so for everybody: a container may have taken the right from root."""
    import resource

    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(resource, "prlimit", lambda *about: asked.append(about))
    with closing(private.open()) as connection:
        most = ReplayLimits().memory
        assert asked == [(connection.pid, resource.RLIMIT_AS, (most, most))]


def run_within(
    replay: Replay, limits: ReplayLimits, statement: str, *, limited: bool = True
) -> bounded.ReplayRefusal | None:
    """What is said of a statement that runs within some limits."""
    with pytest.MonkeyPatch.context() as patch, replay.by_superuser() as watcher:
        if not limited:
            patch.setattr(bounded, "_limit_memory", lambda _pid, _most: None)
        with closing(bounded.BoundedConnection(replay.url, watcher, limits)) as connection:
            return connection.run(statement)


@pytest.mark.thorough
def test_ctrl_c_leaves_nothing(tmp_path: Path, servers: Path) -> None:
    written(tmp_path, a="select pg_sleep(60);")
    command = [sys.executable, "-m", "sessionaudit", "snapshot", "--migrations", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    patience = time.monotonic() + 30
    while not list(servers.glob("*/run/.s.PGSQL.*")) and time.monotonic() < patience:
        time.sleep(0.1)
    time.sleep(2)
    assert list(servers.iterdir())
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert list(servers.iterdir()) == []


def test_roles_that_are_nowhere_are_made_and_told(tmp_path: Path) -> None:
    text = (
        "create table a (id integer);\nalter table a owner to shop;\ncreate table b (id integer);\n"
        "alter table b owner to shop;\nalter table b owner to other;\ngrant select on a to reader;\n"
    )
    written(tmp_path, a=text)
    file = tmp_path / "c.yaml"
    code, _, told = call("--sql", str(tmp_path / "a.sql"), "-o", str(file))
    assert (code, "the roles other, reader did not exist" in told) == (0, True), told
    assert "reader: [select]" in file.read_text(encoding="utf-8")


# Given away in a schema where the role `one` may create by a grant of its own, and `two` may not at all.
GIVEN = """create schema s; grant create on schema s to one; create table s.t (); create table s.u ();
"""
RIGHTS = "select nspacl::text from pg_namespace where nspname = 's'"
OWNERS = "select relname, relowner::regrole::text from pg_class where relnamespace = 's'::regnamespace order by 1"
GIVING = {  # and what becomes of it
    "do $$ begin alter table s.t owner to one; alter table s.u owner to two; end $$": ("", "one", "two"),
    "alter table s.t owner to two": ("", "two", "postgres"),
    "do $$ begin alter table s.t owner to two; perform 1/0; end $$": ("22012", "postgres", "postgres"),
    "do $$ begin alter table s.t owner to two; alter schema pg_catalog owner to two; end $$": (
        *("42501", "postgres"),
        "postgres",
    ),
}


@pytest.mark.parametrize("together", [True, False], ids=["in a transaction", "alone"])
def test_who_is_given_an_object_has_no_right_more_afterwards(together: bool) -> None:
    """Nor one less: a right that a file gave before is not taken; and also where it fails, after which others go on."""
    with replaying("given") as replay, closing(replay.by_superuser()) as watcher:
        for statement, expected in GIVING.items():
            watcher.execute("drop schema if exists s cascade")
            watcher.execute("drop role if exists one")
            watcher.execute("drop role if exists two")
            watcher.execute(f"create role one; create role two; grant one, two to {replay.owner}".encode())
            assert replay.run(SqlFile(name="before", text=GIVEN)).failure is None
            before = watcher.execute(RIGHTS).fetchone()
            with closing(replay.open()) as connection:
                assert not together or connection.run("begin") is None
                (one,) = statements(statement)
                refused = replay.take(connection, one)
                assert not connection.in_failed, statement
                assert not together or connection.run("commit") is None
            owners = tuple(name for _, name in watcher.execute(OWNERS))
            assert (refused.state if refused else "", *owners) == expected, statement
            assert watcher.execute(RIGHTS).fetchone() == before, statement
