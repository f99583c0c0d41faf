"""`repair --apply` killed at every step, and inside: the same command then finishes; nothing is lost or done twice."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from applying import (
    APPLY,
    ASKED,
    CONTRACT,
    OURS,
    PETS,
    REPAIR,
    WAITING,
    cut,
    done,
    finish,
    gated,
    held,
    hold,
    let_go,
    mended,
    pets,
    pids,
    rows,
    running,
    state,
    until,
)
from caserunner import traces
from servers import connect
from sessionaudit.repair import propose

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from applying import Process
    from conftest import MakeDatabase, Template
    from servers import DatabaseServer

EFFECTLESS = re.compile("validate constraint|enable trigger|^grant|drop default|drop not null")
SLOW = """
create function public.slow(int) returns int immutable language plpgsql as $$
begin perform pg_sleep(0.02); return $1; end $$"""
BUILDING = """
select pid
  from pg_stat_progress_create_index
 where datname = current_database() and phase like 'building index%'
   and exists (select from pg_class where relname = 'pets_slow_idx')"""
INDEX = """
select x.oid::int8, i.indisvalid
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
 where i.indrelid = 'public.pets'::regclass and x.relname = 'pets_slow_idx'"""


# The broken system


def ended_or_said(process: Process, event: str, number: int) -> str:
    if len(process.events(event)) >= number:
        return "said"
    return "" if process.popen.poll() is None else "ended"


@pytest.mark.thorough
def test_killed_between_steps(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path
) -> None:
    """As soon as the log says that a step has ended, or that the next one begins, in turns."""
    url = make_database(gated(template))
    killed, over = 0, False
    while not over:
        with running(tmp_path, url, *REPAIR, log=f"log{killed}") as process:
            event, number = ("ends", 1) if killed % 2 else ("begins", 2)
            over = until(partial(ended_or_said, process, event, number)) == "ended"
            process.kill()
            killed += not over
    assert killed > 6  # of 13 steps; some end while a process is being killed
    finish(tmp_path, url, *REPAIR)
    assert state(url) == mended(server, template, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "left",
    [pytest.param(False, id="the server notices", marks=pytest.mark.slow), pytest.param(True, id="the server goes on")],
)
def test_killed_inside_each_step(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path, left: bool
) -> None:
    """When all is done and nothing committed; what the server was told goes down with it, or is done all the same."""
    url = make_database(gated(template))
    steps = propose.propose(url, CONTRACT, ASKED).plan.steps
    inside: set[int] = set()
    with connect(url) as watch:
        for place, step in enumerate(steps):
            hold(watch, step.sql[-1])
            with running(tmp_path, url, *REPAIR, log=f"log{place}") as process:
                if inside:  # in the step before, and in the way of who comes to it now
                    until(partial(pids, watch, WAITING, without=inside), steps[place - 1].action)
                    let_go(watch, steps[place - 1].sql[-1])
                inside = until(partial(held, watch, step.sql[-1]), step.action)
                process.kill()
            assert step.sql[-1] not in done(url)[-1:]
            if not left:
                cut(watch, pids(watch, OURS))
                let_go(watch, step.sql[-1])
                inside = set()
        let_go(watch, steps[-1].sql[-1])
    finish(tmp_path, url, *REPAIR)
    found, wanted = state(url), mended(server, template, tmp_path)
    if left:  # a statement that waits for a lock goes ahead afterwards, where it then has nothing to change
        again = Counter(found.statements) - Counter(wanted.statements)
        assert not [statement for statement in again if not EFFECTLESS.search(statement)]
        found = found._replace(statements=sorted((Counter(found.statements) - again).elements()))
    assert found == wanted


# Small tables


@pytest.fixture
def url(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("pets", [PETS]))


@pytest.fixture
def slow(url: str, tmp_path: Path) -> Path:
    """A contract with an index that takes more than a second to build, and nothing else to do."""
    with connect(url) as connection:
        connection.execute(SLOW)
    contract = tmp_path / "slow.yaml"
    contract.write_text("version: 1\ntables:\n  pets:\n    indexes: {pets_slow_idx: using btree (slow(id))}\n")
    return contract


def index(connection: psycopg.Connection) -> tuple[int, bool]:
    found = connection.execute(INDEX).fetchall()
    assert len(found) == 1
    return found[0]


def test_killed_while_it_waits_for_a_lock(url: str, tmp_path: Path) -> None:
    contract = pets(tmp_path)
    before, data = traces(url), rows(url)
    with connect(url) as holder:
        holder.execute("begin")
        holder.execute("lock table public.pets in share mode")
        with running(tmp_path, url, *APPLY, "-c", contract) as process:
            until(lambda: process.events("waits"))
            process.kill()
        assert (traces(url), rows(url)) == (before, data)
        holder.execute("commit")
    finish(tmp_path, url, *APPLY, "-c", contract)
    assert rows(url, "owner_id") == {
        table: [{key: value for key, value in row.items() if key != "owner_id"} for row in some]
        for table, some in data.items()
    }


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(False, id="the server notices", marks=pytest.mark.thorough),
        pytest.param(True, id="the server goes on"),
    ],
)
def test_killed_while_it_builds_an_index(url: str, slow: Path, tmp_path: Path, left: bool) -> None:
    """A build that goes on is waited for; what a broken one leaves is removed first."""
    with connect(url) as watch:
        with running(tmp_path, url, *APPLY, "-c", slow) as process:
            until(lambda: pids(watch, BUILDING))
            process.kill()
        if not left:
            cut(watch, pids(watch, BUILDING))
        begun, valid = index(watch)
        assert not valid
        finish(tmp_path, url, *APPLY, "-c", slow)
        now, valid = index(watch)
        assert valid
        assert (now == begun) is left


@pytest.mark.thorough
def test_killed_while_a_build_waits_for_a_writer(url: str, slow: Path, tmp_path: Path) -> None:
    """The server goes on waiting, and whoever comes next waits for both."""
    with connect(url) as writer, connect(url) as watch:
        writer.execute("begin")
        writer.execute("update public.pets set name = 'x' where id = 1")
        with running(tmp_path, url, *APPLY, "-c", slow) as process:
            left = until(lambda: pids(watch, WAITING))
            process.kill()
        with running(tmp_path, url, *APPLY, "-c", slow, log="second") as second:
            blockers = until(lambda: second.events("waits"))[0]["blockers"]
            assert {int(one.split(",")[0].removeprefix("pid ")) for one in blockers} == {writer.info.backend_pid, *left}
            begun = index(watch)
            writer.execute("commit")
            second.end(0)
        assert index(watch) == (begun[0], True)


@pytest.mark.thorough
def test_killed_between_batches_of_a_data_repair(url: str, tmp_path: Path) -> None:
    contract = pets(tmp_path)
    with connect(url) as watch, connect(url) as holder:
        watch.execute("insert into public.pets select n, n from generate_series(1001, 13000) n")
        watch.execute("create table public.changed (id int)")
        watch.execute("""
            create function public.count() returns trigger language plpgsql as
            $$ begin insert into public.changed values (new.id); return null; end $$""")
        watch.execute("create trigger count after update on public.pets for each row execute function public.count()")
        holder.execute("begin")
        holder.execute("select from public.pets where id = 13000 for no key update")
        call = (*APPLY, "-c", contract, "--only", "missing-foreign-key", "--only", "unvalidated-constraint")
        with running(tmp_path, url, *call) as process:
            until(lambda: [one for one in process.events("mends") if one["done"] == 10000])
            process.kill()
        holder.execute("commit")
        finish(tmp_path, url, *call)
        counted = watch.execute("select count(*), count(distinct id) from public.changed").fetchone()
        assert counted == (12010, 12010)
