"""`backfill ID…`: exit codes, refusals, other clients at work, a pooler, and a role with few rights."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pooler import running_pooler
from rows import AISHAS, NOBODYS, STUCK, TOMS, VISITORS, image, loaded, orphans, run
from servers import connect
from sessionaudit.audits.data import queries
from sessionaudit.audits.data.keys import array, positions
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.backfill import batch, by_id, verification
from sessionaudit.backfill.by_id import Backfill, Patience
from sessionaudit.backfill.row_outcome import RowState
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import connect as connect_safely

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.contract.model import Contract

LINK = "metadata ->> 'session_id'"
# What a role needs to check and to run the repairs of the repository's contract; the README lists them.
GRANTS = """
grant usage on schema public, auth to {role};
grant select on public.sessions, public.profiles, public.intakes, public.mechanics to {role};
grant select, insert, delete on public.session_requests, public.session_participants to {role};
grant update on public.sessions, public.session_requests, public.session_participants to {role};
"""


def requests(url: str, session: str) -> list[tuple[str, str]]:
    with connect(url) as connection:
        asked = f"select id::text, status::text from public.session_requests where {LINK} = %s order by created_at"
        return connection.execute(asked.encode(), (session,)).fetchall()


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ([STUCK, TOMS], 0),
        ([STUCK, VISITORS], 1),
        ([STUCK, NOBODYS], 2),
        ([STUCK, "no-id"], 2),
        (["no-id", AISHAS], 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_id_and_the_others_are_mended(
    mended: str, ids: list[str], code: int
) -> None:
    result = run("backfill", *ids, url=mended)
    assert result.returncode == code
    assert result.stderr.endswith("`.\n" if STUCK in ids else "")
    assert result.stderr.count("\n") == int(STUCK in ids), "it is told once how to take back what was made"
    assert len(result.stdout.splitlines()) == len(ids)
    if STUCK in ids:
        assert len(requests(mended, STUCK)) == 1


def test_ids_come_from_stdin_and_the_answer_is_json(mended: str) -> None:
    result = run("backfill", "--format", "json", "-", url=mended, stdin=f"{STUCK}\n{VISITORS}, no-id\n\n")
    told = json.loads(result.stdout)
    assert told["summary"] == {"created": 1, "not eligible": 1, "not found": 1}
    first = told["results"][0]
    assert first["made"][0]["id"] == requests(mended, STUCK)[0][0]
    with connect(mended) as connection:
        batch = connection.execute(
            "select metadata -> 'backfill' ->> 'id' from public.session_requests where id = %s",
            (first["made"][0]["id"],),
        )
        assert batch.fetchone() == (told["batch"],)


def test_a_dry_run_shows_and_changes_nothing(mended: str) -> None:
    before = image(mended)
    result = run("backfill", "--dry-run", STUCK, url=mended)
    assert "would be created" in result.stdout
    assert image(mended) == before


@pytest.mark.parametrize(
    "arguments",
    [[], [STUCK, "--all"], ["--undo", "x", STUCK], [STUCK, "--limit", "3"], [STUCK, "--invariant", "no_such"], ["-"]],
    ids=str,
)
def test_a_call_that_is_wrong_changes_nothing(mended: str, arguments: list[str]) -> None:
    before = image(mended)
    assert run("backfill", *arguments, url=mended).returncode == 2
    assert image(mended) == before


def test_an_invariant_that_only_a_person_can_mend_is_refused(mended: str) -> None:
    result = run("backfill", STUCK, "--invariant", "pending_request_is_young", url=mended)
    assert result.returncode == 2
    assert "a person must decide" in result.stderr


def test_a_schema_that_is_not_fit_is_refused_with_the_command_that_mends_it(broken: str) -> None:
    before = image(broken)
    for arguments in ([STUCK], ["--all", "--yes"]):
        result = run("backfill", *arguments, url=broken)
        assert result.returncode == 1
        assert "The column metadata of public.session_requests does not exist" in result.stderr
        assert "`sessionaudit repair` says how to repair it" in result.stderr
        assert "expected_schema.yaml:" in result.stderr
    assert image(broken) == before


@pytest.mark.parametrize(
    ("drift", "fit"),
    [
        ("alter table public.session_requests alter column notes set not null, alter column notes drop default", True),
        ("alter table public.session_requests add column extra text not null default 'x'", True),
        ("alter table public.session_requests add column extra text not null default 'x'; "
         "alter table public.session_requests alter column extra drop default", False),
        ("alter table public.intakes drop column vin", True),
        ("alter table public.profiles drop column full_name", False),
        ("drop policy \"Allow service role full access\" on public.session_requests", True),
        ("alter table public.session_requests drop constraint session_requests_mechanic_id_fkey", False),
    ],
)  # fmt: skip
def test_only_what_the_repair_stands_on_has_to_be_fit(mended: str, drift: str, fit: bool) -> None:
    if "notes set not null" in drift:
        with connect(mended) as connection:
            connection.execute("update public.session_requests set notes = ''")
            connection.execute(drift.encode())
        result = run("backfill", STUCK, url=mended)
        assert result.returncode == 1  # the repair leaves notes null
        return
    with connect(mended) as connection:
        connection.execute(drift.encode())
    result = run("backfill", STUCK, url=mended)
    assert (result.returncode == 0) is fit, result.stderr


# Others at work


def test_two_operators_make_one_request(mended: str, contract: Contract) -> None:
    orphans(mended, 20)
    with connect(mended) as connection:
        ids = [
            str(row[0])
            for row in connection.execute("select id from public.sessions where stripe_session_id like 'o\\_%'")
        ]
    outcomes: list[Any] = []

    def operator() -> None:
        with connect_safely(mended) as connection:
            outcomes.extend(Backfill(connection, loaded(connection, contract, "session_has_request"), "t").run(ids))

    threads = [threading.Thread(target=operator) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(requests(mended, session)) == 1 for session in ids)
    assert sum(one.state is RowState.CREATED for one in outcomes) == 20
    assert sum(one.state is RowState.ALREADY for one in outcomes) == 40


def test_a_session_that_is_cancelled_meanwhile_gets_no_request(mended: str, contract: Contract) -> None:
    with psycopg.connect(mended) as other, connect_safely(mended) as connection:
        other.execute("update public.sessions set status = 'cancelled' where id = %s", (STUCK,))
        found: list[Any] = []
        filling = Backfill(connection, loaded(connection, contract, "session_has_request"), "t")
        thread = threading.Thread(target=lambda: found.extend(filling.run([STUCK])))
        thread.start()
        time.sleep(0.5)
        assert not found
        other.commit()
        thread.join()
    assert [one.state for one in found] == [RowState.NOT_ELIGIBLE]
    assert requests(mended, STUCK) == []


def test_a_row_that_stays_locked_is_reported_and_the_others_are_mended(mended: str, contract: Contract) -> None:
    with psycopg.connect(mended) as other, connect_safely(mended) as connection:
        other.execute("select from public.sessions where id = %s for update", (STUCK,))
        patience = Patience(locks=0.5)
        filling = Backfill(connection, loaded(connection, contract, "session_has_request"), "t", patience=patience)
        first, second = filling.run([STUCK, TOMS])
    assert (first.state, second.state) == (RowState.FAILED, RowState.CREATED)
    assert "another session has locked its row" in first.reason


def test_rows_are_locked_in_the_order_of_their_keys(mended: str, contract: Contract) -> None:
    """Whatever order they are named in: two who lock the same rows in two orders wait for each other."""
    with connect_safely(mended) as connection:
        repair = loaded(connection, contract, "session_has_request")
        asked = queries.locked(repair.invariant, repair.table)
        for reverse in (False, True):
            keys = sorted((STUCK, TOMS), reverse=reverse)
            with transaction(connection, repair.schema, timeout=5, write=True):
                found = contract_sql.ask(connection, asked, {"keys": array(keys)})
                assert [keys[place] for place in positions(found)] == sorted(keys)


@pytest.mark.parametrize("moment", ["before commit", "after commit"])
def test_we_give_way_to_a_request_that_the_application_makes_at_the_same_moment(
    mended: str, contract: Contract, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The link is no foreign key, so nothing but looking again can tell."""
    insert = f"""insert into public.session_requests (customer_id, session_type, plan_code, metadata)
                 select customer_user_id, type, plan, jsonb_build_object('session_id', id) from public.sessions
                 where id = '{STUCK}' returning id::text"""
    theirs: list[str] = []

    def application() -> None:
        with connect(mended) as connection:
            row = connection.execute(insert.encode()).fetchone()
            assert row is not None
            theirs.append(row[0])

    plain = verification.judge
    calls = 0

    def judge(*arguments: Any) -> verification.Discrepancies:
        nonlocal calls
        calls += 1
        if calls == (1 if moment == "before commit" else 2):
            application()
        return plain(*arguments)

    monkeypatch.setattr(batch, "judge", judge)
    monkeypatch.setattr(by_id, "judge", judge)
    with connect_safely(mended) as connection:
        (outcome,) = Backfill(connection, loaded(connection, contract, "session_has_request"), "t").run([STUCK])
    assert outcome.state is RowState.ALREADY
    assert [row[0] for row in requests(mended, STUCK)] == theirs


def test_with_a_unique_index_the_application_may_come_first(mended: str, contract: Contract) -> None:
    with connect(mended) as connection:
        connection.execute(
            f"create unique index one_request on public.session_requests (({LINK})) where {LINK} is not null".encode()
        )
    with psycopg.connect(mended) as other, connect_safely(mended) as connection:
        other.execute(
            "insert into public.session_requests (customer_id, session_type, plan_code, metadata)"
            " select customer_user_id, type, plan, jsonb_build_object('session_id', id)"
            " from public.sessions where id = %s",
            (STUCK,),
        )
        found: list[Any] = []
        filling = Backfill(connection, loaded(connection, contract, "session_has_request"), "t")
        thread = threading.Thread(target=lambda: found.extend(filling.run([STUCK])))
        thread.start()
        time.sleep(0.4)
        other.commit()
        thread.join()
    assert [one.state for one in found] == [RowState.ALREADY]


# Poolers and roles


def test_through_a_pooler(mended: str, tmp_path: Path) -> None:
    orphans(mended, 50)
    with running_pooler(mended, size=2) as url:
        assert run("backfill", STUCK, TOMS, url=url).returncode == 0
        result = run(
            "backfill", "--all", "--invariant", "session_has_request", "--jobs", "4", "--yes", url=url, cwd=tmp_path
        )
        assert result.returncode == 0, result.stderr
        assert run("trace", STUCK, url=url).returncode == 0
    with connect(mended) as connection:  # nothing of ours stays on the pooler's connections
        left = connection.execute(
            "select count(*) from pg_stat_activity where state = 'idle in transaction'"
        ).fetchone()
        assert left == (0,)


@pytest.fixture
def mender(mended: str) -> str:
    """The URL of a role that may do what the repairs need, and no more; row security does not bind it."""
    with connect(mended) as connection:
        connection.execute("do $$ begin create role mender; exception when duplicate_object then null; end $$")
        connection.execute("alter role mender login bypassrls password 'x'")
        connection.execute(GRANTS.format(role="mender").encode())
    return psycopg.conninfo.make_conninfo(mended, user="mender", password="x")


def test_a_role_that_may_only_do_what_the_repairs_need(mender: str, mended: str, tmp_path: Path) -> None:
    assert run("backfill", STUCK, url=mender).returncode == 0
    result = run("backfill", "--all", "--yes", url=mender, cwd=tmp_path)
    assert result.returncode == 1, result.stderr  # Noor's request is left
    assert "1 is left" in result.stderr
    assert run("check", "--only", "data", url=mender).returncode == 0


@pytest.mark.parametrize(
    "right", ["insert on public.session_requests", "update on public.sessions", "select on public.profiles"]
)
def test_without_one_of_its_rights_it_says_so_and_nothing_happens(mender: str, mended: str, right: str) -> None:
    with connect(mended) as connection:
        connection.execute(f"revoke {right} from mender".encode())
    before = image(mended)
    result = run("backfill", STUCK, url=mender)
    assert result.returncode == 3
    assert "permission denied" in result.stderr
    assert image(mended) == before


def test_a_role_that_row_security_binds_is_refused(mender: str, mended: str) -> None:
    with connect(mended) as connection:
        connection.execute("alter role mender nobypassrls")
    before = image(mended)
    result = run("backfill", STUCK, url=mender)
    assert (result.returncode, "row-level security" in result.stderr) == (3, True)
    assert image(mended) == before
