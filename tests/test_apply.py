"""`repair --apply` among others: short turns at locks, one applier at a time, a pooler, few rights, a standby."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from applying import (
    APPLY,
    ASKED,
    PETS,
    REPAIR,
    Client,
    beside,
    finish,
    gated,
    mended,
    pets,
    pids,
    running,
    state,
    until,
    with_setting,
)
from caserunner import traces
from mending import Silent
from pooler import running_pooler
from servers import connect, with_database
from sessionaudit.demo import system
from sessionaudit.postgres.connection import connect as open_connection
from sessionaudit.postgres.locks import _ALONE, ApplierLock
from sessionaudit.repair import propose
from sessionaudit.repair.apply import Manner, StepOutcome, apply
from standby import standby_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from conftest import MakeDatabase, Template
    from servers import DatabaseServer


@pytest.fixture
def url(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("pets", [PETS]))


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return pets(tmp_path)


def planned(url: str, contract: Path, listener: Silent, **manner: Any) -> Callable[[], set[StepOutcome]]:
    """What mends the pets, by a plan that is made now."""
    proposal = propose.propose(url, contract, ASKED)
    how = Manner(repairs=proposal.repairs, **manner)

    def run() -> set[StepOutcome]:
        records = apply(lambda: open_connection(url), proposal.plan, how, listener)
        assert propose.propose(url, contract, ASKED).report.findings == ()
        return {record.outcome for record in records}

    return run


# Locks that somebody else holds


@pytest.mark.thorough
@pytest.mark.parametrize(
    "statement", ["select name from public.pets", "update public.pets set name = name where id = 1"]
)
def test_while_it_waits_for_a_reader_others_go_on(url: str, contract: Path, statement: str) -> None:
    listener, client = Silent(), Client(url, statement)
    work = planned(url, contract, listener, lock_timeout=0.05)
    with connect(url) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from public.pets")
        begun = time.monotonic()
        with client.working(), beside(work) as value:
            until(lambda: time.monotonic() > begun + 2 and len(listener.waited) > 3)
            waited = list(listener.waited)
            reader.execute("commit")
            held = time.monotonic() - begun
            assert value() == {StepOutcome.APPLIED}
        assert all(reader.info.backend_pid in {one.pid for one in blockers} for _, blockers in waited)
    assert len(client.waits) > 50
    assert max(client.waits) < held / 3


@pytest.mark.thorough
@pytest.mark.parametrize("held", ["access share", "access exclusive"])
def test_a_lock_that_is_held_too_long_fails_a_step_that_says_by_whom(
    url: str, contract: Path, tmp_path: Path, held: str
) -> None:
    before = traces(url)
    with connect(url) as holder:
        holder.execute("begin")
        holder.execute(f"lock table public.pets in {held} mode".encode())
        holder.execute("select count(*) from public.pets where name <> 'hunter2' and id <> 4711")
        call = (*APPLY, "-c", contract, "--only", "row-security")
        said = finish(tmp_path, url, *call, "--lock-wait", "0.5", code=5)
        assert traces(url) == before
        holder.execute("commit")
        pid, user = holder.info.backend_pid, holder.info.user
    log = (tmp_path / "log").read_text(encoding="utf-8")
    for text in (" ".join(said.split()), log):
        assert f"pid {pid}, {user}, idle in transaction for " in text
        mode = "".join(map(str.capitalize, held.split()))
        assert f"holds {mode}Lock: select count ( * ) from public . pets where name <> … and id <> …" in text
        assert "hunter2" not in text
        assert "4711" not in text
    assert "no lock within 0.5 s" in said
    finish(tmp_path, url, *call)


@pytest.mark.thorough
def test_a_build_that_waits_too_long_for_a_writer_fails_and_is_begun_anew(
    url: str, contract: Path, tmp_path: Path
) -> None:
    call = (*APPLY, "-c", contract, "--only", "missing-key")
    with connect(url) as writer:
        writer.execute("begin")
        writer.execute("insert into public.pets (id, name) values (99, 'hunter2')")
        said = finish(tmp_path, url, *call, "--lock-wait", "0.5", code=5)
        writer.execute("commit")
        assert f"pid {writer.info.backend_pid}, " in said
    assert "hunter2" not in said
    finish(tmp_path, url, *call)
    with connect(url) as connection:
        assert connection.execute("select from pg_index where not indisvalid").fetchone() is None


def test_it_gets_through_a_queue(url: str, contract: Path) -> None:
    """Behind a reader wait those who want the table for themselves, and it among them."""

    def queue() -> bool:
        with connect(url) as client, client.transaction():
            client.execute("lock table public.pets in access exclusive mode")
            return True

    listener = Silent()
    work = planned(url, contract, listener)
    with connect(url) as reader, connect(url) as watch:
        reader.execute("begin")
        reader.execute("select count(*) from public.pets")
        with beside(work) as value, beside(queue) as one, beside(queue) as two:
            until(lambda: watch.execute("select count(*) > 1 from pg_locks where not granted").fetchone() == (True,))
            count = len(listener.waited)
            until(lambda: len(listener.waited) > count + 1)
            reader.execute("commit")
            assert (one(), two()) == (True, True)
            assert value() == {StepOutcome.APPLIED}


# Two appliers, and a pooler


# What PgBouncer itself sets as each client asked for it.
POOLERS_OWN = {"application_name", "client_encoding", "DateStyle", "TimeZone", "standard_conforming_strings"}


@pytest.fixture(params=["directly", "through a pooler"])
def way(request: pytest.FixtureRequest, server: DatabaseServer, url: str) -> Generator[str]:
    if request.param == "directly":
        yield url
        return
    with running_pooler(server.url, size=4) as pooler:
        yield with_database(pooler, urlsplit(url).path.removeprefix("/"))


def test_the_lock_is_free_when_an_applier_has_ended(database: str) -> None:
    """The next round takes it at once; the server ends a closed connection only later."""
    with closing(open_connection(database)) as other:
        for _ in range(30):
            lock = ApplierLock(lambda: open_connection(database))
            lock.take()
            lock.close()
            with other.transaction():
                assert other.execute(_ALONE).fetchone() == (True,)


def test_the_second_of_two_appliers_says_so_and_changes_nothing(
    url: str, way: str, contract: Path, tmp_path: Path
) -> None:
    call = (*APPLY, "-c", contract)
    with connect(url) as holder:
        holder.execute("begin")
        holder.execute("lock table public.pets in share row exclusive mode")
        with running(tmp_path, way, *call, log="first") as first:
            until(lambda: first.events("waits"))
            before = traces(url)
            said = finish(tmp_path, way, *call, code=5)
            assert "error: another sessionaudit process is changing this database" in said
            assert traces(url) == before
            holder.execute("commit")
            first.end(0)
    assert finish(tmp_path, way, *call).strip() == "Nothing to repair."


@pytest.mark.thorough
@pytest.mark.parametrize("size", [2, 5])
def test_the_broken_system_is_mended_through_a_pooler_that_keeps_no_setting(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path, size: int
) -> None:
    """With the two connections that it needs, or with more; others use them between its transactions."""
    url = make_database(gated(template))
    with running_pooler(server.url, size=size) as pooler, ExitStack() as others, ExitStack() as clients:
        pooled = with_database(pooler, urlsplit(url).path.removeprefix("/"))
        for _ in range(2 * size):
            others.enter_context(Client(pooled, "select 1").working())
        finish(tmp_path, pooled, *REPAIR)
        others.close()
        backends: set[int] = set()
        for _ in range(size):  # the whole pool, each connection in a transaction
            client = clients.enter_context(connect(pooled))
            clients.enter_context(client.transaction())
            found = client.execute("select name from pg_settings where source = 'session'").fetchall()
            assert {row[0] for row in found} <= POOLERS_OWN
            backends |= pids(client, "select pg_backend_pid()")
            assert not pids(client, "select pid from pg_locks where locktype = 'advisory'")
        assert len(backends) == size
    assert state(url) == mended(server, template, tmp_path)


# Rights


def as_owner(url: str) -> str:
    """A session of the role that is to the demo what `postgres` is to Supabase."""
    return with_setting(url, "role", "app_owner")


@pytest.mark.thorough
def test_who_owns_the_tables_and_is_no_superuser_mends_the_whole(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path
) -> None:
    url = make_database(gated(template))
    finish(tmp_path, as_owner(url), *REPAIR)
    assert state(url) == mended(server, template, tmp_path)


UNMENDABLE = """
version: 1
extensions: [{extension}]
tables:
  auth.users:
    columns: {{nickname: text}}
    constraints: {{users_email_key: unique (email)}}
  theirs:
    row_security: enabled
  session_requests:
    columns: {{colour: text}}
    constraints: {{session_requests_theirs_fkey: foreign key (mechanic_id) references theirs (id)}}
"""


def test_all_rights_that_are_missing_are_named_before_the_first_change(
    make_database: MakeDatabase, template: Template, tmp_path: Path
) -> None:
    url = make_database(template("broken", system.statements(system.BROKEN)))
    with connect(url) as connection:
        connection.execute("create table public.theirs (id uuid primary key)")
        connection.execute("alter table public.theirs owner to supabase_auth_admin")
        connection.execute("revoke all on public.theirs from app_owner")
        found = connection.execute("""
            select name from pg_available_extension_versions
             where superuser and not trusted and not installed and requires is null order by name""").fetchone()
    assert found is not None
    contract = tmp_path / "unmendable.yaml"
    contract.write_text(UNMENDABLE.format(extension=found[0]), encoding="utf-8")
    before = traces(url)
    said = " ".join(finish(tmp_path, as_owner(url), *APPLY, "-c", contract, code=5).split())
    assert traces(url) == before
    assert "error: the plan cannot be applied; nothing was changed" in said
    named = [
        ("superuser", "As a superuser: create extension"),
        ("own public.theirs and auth.users", "grant supabase_auth_admin to app_owner;"),
    ]
    # That role has CREATE on the schema auth, and REFERENCES on its table: so has who is a member.
    assert "grant create on" not in said
    assert "grant references on" not in said
    told = said.split("the role app_owner must ")[1:]
    assert len(told) == len(named)
    for what, help_ in named:
        assert [one for one in told if what in one and help_ in one], what


# A server that nobody may write to


def test_a_connection_that_may_only_read_is_refused(url: str, contract: Path, tmp_path: Path) -> None:
    before = traces(url)
    only_read = with_setting(url, "default_transaction_read_only", "on")
    said = " ".join(finish(tmp_path, only_read, *APPLY, "-c", contract, code=5).split())
    assert "the connection is read-only (default_transaction_read_only is on)" in said
    assert "nothing was changed" in said
    assert traces(url) == before


@pytest.fixture(scope="module")
def standby() -> Generator[str]:
    """The pets on a server that follows another, which never sends anything."""
    with standby_of(PETS) as url:
        yield url


def test_a_standby_is_refused(standby: str, contract: Path, tmp_path: Path) -> None:
    said = " ".join(finish(tmp_path, standby, *APPLY, "-c", contract, code=5).split())
    assert "in the way: the server is a standby, which is read-only Connect to its primary." in said
    assert "nothing was changed" in said
