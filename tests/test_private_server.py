"""The private servers that tests share are as new for each: who has been there leaves nothing to the next."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from marks import thorough
from rows import run
from servers import connect
from sessionaudit.embedded.replay import SUPABASE, Replay, SqlFile, replaying
from sessionaudit.embedded.stated_address import stated_address, variables_of_libpq
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres import connection

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer


def server_of(replay: Replay) -> str:
    """The server's address."""
    return replay.superuser_url.rpartition("/")[0]


def test_the_next_has_the_same_server_and_nothing_of_who_was_there() -> None:
    text = (
        "create role one; create table public.t (); grant select on public.t to one;"
        " alter role one set work_mem = '1MB'; create role two; alter table public.t owner to two;"
        " grant one to two; comment on role one is 'x';"
        " grant create on database first to two with grant option; alter system set work_mem = '1MB'"
    )
    with replaying("first", stub=SUPABASE) as replay, closing(replay.by_superuser()) as watcher:
        for statement in text.split(";"):
            watcher.execute(statement.encode())
        used = server_of(replay)
    query = "select rolname from pg_roles where rolname !~ '^pg_' union select datname from pg_database order by 1"
    with replaying("second") as replay, closing(replay.by_superuser()) as watcher:
        assert server_of(replay) == used
        there = [name for (name,) in watcher.execute(query)]
        assert there == ["postgres", "second", "sessionaudit_server", "template0", "template1"]
        with replaying("third") as third:
            assert server_of(third) != used


@pytest.mark.parametrize(
    ("database", "text"),
    [
        thorough("postgres", "create table left_ ()"),
        ("template1", "create function left_() returns int language sql as 'select 1'"),
        ("postgres", "create role left_ superuser"),
        thorough("postgres", "alter role sessionaudit_server set work_mem = '1MB'"),
        thorough("postgres", "revoke connect on database template1 from public"),
    ],
)
def test_a_server_that_is_not_as_it_was_is_not_used_again(database: str, text: str) -> None:
    with replaying("first") as replay:
        used = server_of(replay)
        with connect(f"{used}/{database}") as connection:
            connection.execute(text.encode())
    with replaying("second") as replay:
        assert server_of(replay) != used


def test_a_call_of_the_program_uses_it_and_leaves_nothing(tmp_path: Path) -> None:
    with replaying("first") as replay:
        used = server_of(replay)
    text = "create table t (); grant select on t to one;\n"
    text += "do $$ begin raise exception 'port %', current_setting('port'); end $$;\n"
    (tmp_path / "0001_tell.sql").write_text(text, encoding="utf-8")
    told = run("migrations", "--files-only", "--folder", str(tmp_path), "--verbose", url="")
    assert f"port {used.rpartition(':')[2]}" in told.stdout, told
    with replaying("second") as replay, closing(replay.by_superuser()) as watcher:
        assert server_of(replay) == used
        assert watcher.execute("select from pg_roles where rolname = 'one'").fetchone() is None


# What a person has set for another server. Each alone would keep a connection from being made, or change it.
OF_ANOTHER_SERVER = {
    "PGHOSTADDR": "127.0.0.9",
    "PGOPTIONS": "-c role=nothere -c search_path=nothere",
    "PGSSLMODE": "require",
    "PGSSLNEGOTIATION": "direct",
    "PGGSSENCMODE": "require",
    "PGCHANNELBINDING": "require",
    "PGREQUIREAUTH": "gss",
    "PGREQUIREPEER": "nobody-here",
    "PGMINPROTOCOLVERSION": "3.2",
    "PGTARGETSESSIONATTRS": "standby",
    "PGCONNECT_TIMEOUT": "x",
    "PGCLIENTENCODING": "latin1",
    "PGPASSFILE": "/nowhere",
    "PGSERVICE": "production",
}
SERVICE = """[production]
host=127.0.0.9
port=1
user=nothere
dbname=nothere
sslmode=verify-full
options=-c role=nothere
"""


def of_another_server(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Set all of it, and the file of services."""
    (folder / "services").write_text(SERVICE, encoding="utf-8")
    for name, value in {**OF_ANOTHER_SERVER, "PGSERVICEFILE": str(folder / "services")}.items():
        monkeypatch.setenv(name, value)


def test_what_is_set_for_another_server_does_not_count_for_a_private_one(
    server: DatabaseServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_another_server(monkeypatch, tmp_path)
    assert set(OF_ANOTHER_SERVER) <= variables_of_libpq()
    stated = stated_address(server.url, "-c search_path=stated")
    with closing(connection.connect(stated)) as opened:
        assert opened.execute("select current_setting('search_path'), current_user").fetchone() == (
            "stated",
            opened.info.user,
        )
    for name in OF_ANOTHER_SERVER.keys() - {"PGOPTIONS"}:
        monkeypatch.delenv(name)
    with pytest.raises(DatabaseError, match="nothere"):
        connection.connect(server.url)
    with closing(connection.connect(stated_address(server.url))) as opened:
        assert opened.info.options == ""


@pytest.mark.thorough
@pytest.mark.own_server
def test_files_are_run_in_a_private_server_whatever_is_set_for_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_another_server(monkeypatch, tmp_path)
    with replaying("first", stub=SUPABASE) as replay:
        assert replay.run(SqlFile(name="f", text="create table t ()")).failure is None
        with closing(connection.connect(replay.superuser_url)) as opened:
            assert opened.execute("select to_regclass('public.t') is not null").fetchone() == (True,)
    monkeypatch.setenv("PGSERVICE", "nothere")
    with pytest.raises(DatabaseError, match="definition of service") as refused, replaying("second"):
        pass
    assert refused.value.hint.startswith("Check PGSERVICE")


def test_a_role_that_a_service_asks_for_is_that_of_every_transaction(
    server: DatabaseServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "services").write_text("[monitor]\noptions=-c role=pg_monitor\n", encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.setenv("PGSERVICE", "monitor")
    with closing(connection.connect(server.url)) as opened:
        assert connection.user(opened) == "pg_monitor"
