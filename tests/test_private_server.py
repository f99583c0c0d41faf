"""The private servers that tests share are as new for each: who has been there leaves nothing to the next."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from marks import thorough
from rows import run
from servers import connect
from sessionaudit.embedded.replay import SUPABASE, Replay, replaying

if TYPE_CHECKING:
    from pathlib import Path


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
