"""The demo's databases hold what they claim, and the repair files cure what they say, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from sessionaudit.demo import system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import MakeDatabase, Template

REPAIRS = Path(__file__).parents[2] / "repairs"
GOOD = ("platform", "system", "data")
BROKEN = (*GOOD, "faults")

STUCK = UUID("62e91166-c36b-4bd5-bc51-5b168f1bd176")
MARIA = UUID("f4d90392-118c-4738-ab16-94689f039f2a")
INTAKE = UUID("aa031ec2-a916-4b09-8242-da0f43bc4a76")
TOMS_SESSION = UUID("47dd50a9-9898-4f40-b198-908c234b8f93")
LENAS_SESSION = UUID("2823885f-eab9-40b7-9393-28618962a807")
AISHAS_SESSION = UUID("42a82365-0692-426f-b63a-c76103d4cbaf")
VISITORS_SESSION = UUID("0046ad0f-4acc-4a50-ba22-d563a8cffbe9")
COMPLETED_SESSION = UUID("5ce7d014-8318-422d-ae5f-ef47b3940dfe")
JOE = UUID("7d34c004-2074-4d0c-af62-7b7cae469ae0")
JOES_ACCOUNT = UUID("929b4674-21f0-415c-b72e-93cfac3d86b9")
DISPATCHER = UUID("15d68d73-ba0f-47e5-b032-f72d1ceb9d75")

Connection = psycopg.Connection[tuple[Any, ...]]


def text(name: str) -> str:
    return system.statements((name,))[0]


def load(connection: Connection, *names: str) -> None:
    for name in names:
        connection.execute(text(name).encode())


def one(connection: Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values or None).fetchone()
    assert row is not None
    return row[0]


def column(connection: Connection, query: str, *values: object) -> list[Any]:
    return [row[0] for row in connection.execute(query.encode(), values or None)]


def repair(connection: Connection, name: str, *keys: UUID) -> list[tuple[Any, ...]]:
    return connection.execute((REPAIRS / f"{name}.sql").read_bytes(), {"keys": list(keys)}).fetchall()


@pytest.fixture
def good(make_database: MakeDatabase, template: Template) -> Iterator[Connection]:
    with psycopg.connect(make_database(template("demo_good", [text(name) for name in GOOD]))) as connection:
        yield connection


@pytest.fixture
def broken(make_database: MakeDatabase, template: Template) -> Iterator[Connection]:
    with psycopg.connect(make_database(template("demo_broken", [text(name) for name in BROKEN]))) as connection:
        yield connection


@pytest.fixture
def fit(broken: Connection) -> Connection:
    """The broken system with the schema that the repair files need, and the owner at work."""
    broken.execute(
        """
        set role app_owner;
        alter table public.session_requests add column metadata jsonb not null default '{}';
        alter table public.session_requests drop constraint session_requests_mechanic_id_fkey;
        alter table public.session_requests add constraint session_requests_mechanic_id_fkey
          foreign key (mechanic_id) references public.mechanics (id) on delete set null not valid
        """
    )
    return broken


# --- The good system --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("autocommit", [False, True])
def test_every_file_is_one_string_and_the_roles_may_exist(make_database: MakeDatabase, *, autocommit: bool) -> None:
    for url in (make_database(), make_database()):
        with psycopg.connect(url, autocommit=autocommit) as connection:
            load(connection, *BROKEN)


def test_the_owner_loads_the_system_and_its_faults_alone(database: str) -> None:
    with psycopg.connect(database) as connection:
        load(connection, "platform")
        connection.execute("set session authorization app_owner")
        load(connection, "system", "data", "faults")
        assert one(connection, "select session_user::text") == "app_owner"


def test_tables_belong_to_a_role_that_privileges_bind(good: Connection) -> None:
    query = """
        select distinct c.relowner::regrole::text from pg_class c
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    """
    assert column(good, query) == ["app_owner"]
    assert not one(good, "select rolsuper from pg_roles where rolname = 'app_owner'")
    good.execute("set role app_owner")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        good.execute("alter table auth.users add column x text")


def test_the_good_system_holds_a_session_in_every_status(good: Connection) -> None:
    query = "select distinct status from public.sessions order by status"
    assert column(good, query) == ["cancelled", "completed", "live", "pending", "waiting"]


@pytest.mark.parametrize(
    "broken_promises",
    [
        # a customer's session without a request
        """select s.id from public.sessions s where s.customer_user_id is not null and not exists (
           select from public.session_requests r where r.metadata ->> 'session_id' = s.id::text)""",
        # a request without a session
        """select r.id from public.session_requests r where not exists (
           select from public.sessions s where s.id::text = r.metadata ->> 'session_id')""",
        # a request that its session contradicts
        """select r.id from public.session_requests r
           join public.sessions s on s.id::text = r.metadata ->> 'session_id'
           where r.mechanic_id is distinct from s.mechanic_id or r.customer_id is distinct from s.customer_user_id
           or (r.status = 'pending') <> (s.status = 'pending')""",
        # a request that has been pending for too long
        "select id from public.session_requests where status = 'pending' and created_at < now() - interval '1 hour'",
        # a session without its customer
        """select s.id from public.sessions s where s.customer_user_id is not null and not exists (
           select from public.session_participants p where p.session_id = s.id and p.user_id = s.customer_user_id)""",
        # two requests for one session
        "select metadata ->> 'session_id' from public.session_requests group by 1 having count(*) > 1",
    ],
)
def test_no_row_of_the_good_system_breaks_a_promise(good: Connection, broken_promises: str) -> None:
    assert column(good, broken_promises) == []


def test_the_stuck_session_has_all_that_belongs_to_it(good: Connection) -> None:
    query = """
        select r.metadata - 'backfill'
        from public.sessions s
        join auth.users u on u.id = s.customer_user_id
        join public.profiles p on p.id = u.id
        join public.intakes i on i.id = s.intake_id
        join public.session_participants sp on sp.session_id = s.id and sp.user_id = u.id
        join public.session_requests r on r.metadata ->> 'session_id' = s.id::text
        where s.id = %s and u.id = %s and i.id = %s and s.status = 'pending' and s.plan = 'free' and s.type = 'chat'
    """
    assert one(good, query, STUCK, MARIA, INTAKE) == {
        "session_id": str(STUCK),
        "intake_id": str(INTAKE),
        "urgent": False,
        "created_manually": True,
    }


@pytest.mark.parametrize(
    ("account", "requests"), [(MARIA, 1), (JOES_ACCOUNT, 2), (uuid4(), 0)], ids=["customer", "mechanic", "stranger"]
)
def test_row_security_shows_each_what_is_theirs(good: Connection, account: UUID, requests: int) -> None:
    good.execute("set local role authenticated")
    good.execute("select set_config('request.jwt.claims', json_build_object('sub', %s::text)::text, true)", [account])
    assert one(good, "select count(*) from public.session_requests") == requests


def test_visitors_read_no_table(good: Connection) -> None:
    tables = column(good, "select tablename from pg_tables where schemaname = 'public'")
    assert len(tables) == 6
    for table in tables:
        for privilege in ("select", "insert", "update", "delete"):
            assert not one(good, "select has_table_privilege('anon', %s::text, %s)", f"public.{table}", privilege)


# --- The broken system ------------------------------------------------------------------------------------------------


def test_fault_1_the_column_is_missing(broken: Connection) -> None:
    query = """
        select attname::text from pg_attribute
        where attrelid = 'public.session_requests'::regclass and attnum > 0 and not attisdropped
    """
    assert "metadata" not in column(broken, query)
    assert one(broken, "select to_regclass('public.session_requests_session_id_idx')") is None


def test_fault_2_the_enum_has_a_value_that_nobody_asked_for(broken: Connection) -> None:
    values = column(broken, "select unnest(enum_range(null::public.session_request_status))::text")
    assert values == ["pending", "unattended", "accepted", "cancelled"]
    assert one(broken, "select count(*) from public.session_requests where status = 'unattended'") == 0


def test_fault_3_customers_wait_whom_no_mechanic_sees(broken: Connection) -> None:
    query = """
        select s.id from public.sessions s
        where s.status in ('pending', 'waiting') and s.customer_user_id is not null and not exists (
          select from public.session_requests r
          where r.customer_id = s.customer_user_id and r.created_at >= s.created_at)
    """
    assert set(column(broken, query)) == {STUCK, TOMS_SESSION, LENAS_SESSION}
    by_customer = """
        select count(*) from public.session_requests r
        join public.sessions s on s.customer_user_id = r.customer_id where s.id = %s
    """
    assert one(broken, by_customer, TOMS_SESSION) > 0


def test_fault_4_mechanic_id_holds_accounts(broken: Connection) -> None:
    target = "select confrelid::regclass::text from pg_constraint where conname = 'session_requests_mechanic_id_fkey'"
    assert one(broken, target) == "auth.users"
    query = """
        select r.mechanic_id from public.session_requests r
        left join public.mechanics m on m.user_id = r.mechanic_id where r.mechanic_id is not null and m.id is null
    """
    assert column(broken, query) == [DISPATCHER]
    query = "select r.id from public.session_requests r join public.mechanics m on m.id = r.mechanic_id"
    assert column(broken, query) == []


def test_fault_5_the_server_may_not_write_and_the_old_policy_is_back(broken: Connection) -> None:
    query = "select policyname::text from pg_policies where tablename = 'session_requests'"
    names = column(broken, query)
    assert "Mechanics can accept requests" in names
    assert "Allow service role full access" not in names
    broken.execute("set role service_role")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        broken.execute("update public.session_requests set status = 'accepted' where status = 'pending'")


@pytest.mark.parametrize(
    ("trap", "found"),
    [
        (
            """select p.full_name from public.session_requests r
               join public.profiles p on p.id = r.customer_id
               join public.sessions s on s.customer_user_id = p.id and s.created_at <= r.created_at
               where r.status = 'accepted' and s.status = 'live' and s.mechanic_id is null""",
            ["Sam Rivera"],
        ),
        (
            """select r.customer_name from public.session_requests r
               join public.sessions s on s.customer_user_id = r.customer_id and s.created_at = r.created_at
               where r.status = 'pending' and s.status in ('completed', 'cancelled')""",
            ["Ivan Horvat"],
        ),
        (
            """select r.customer_name from public.session_requests r
               join public.sessions s on s.customer_user_id = r.customer_id and s.status = 'pending'
               where r.status = 'pending' and r.created_at < '2025-10-21'""",
            ["Customer"],
        ),
        (
            """select r.customer_name from public.session_requests r where not exists (
               select from public.sessions s where s.customer_user_id = r.customer_id)""",
            ["Noor Haddad"],
        ),
        (
            """select p.full_name from public.sessions s join public.profiles p on p.id = s.customer_user_id
               where not exists (select from public.session_participants sp
                 where sp.session_id = s.id and sp.user_id = s.customer_user_id)""",
            ["Tom Okafor"],
        ),
        (
            """select r.customer_name from public.session_requests r where r.status = 'pending'
               group by r.customer_id, r.customer_name having count(*) = 2""",
            ["Grace Kim"],
        ),
    ],
    ids=["accepted without mechanic", "ghost", "stale", "dangling", "no participant", "two requests"],
)
def test_fault_6_rows_disagree(broken: Connection, trap: str, found: list[str]) -> None:
    assert column(broken, trap) == found


@pytest.mark.parametrize(
    "drifted",
    [
        "select tgenabled = 'D' from pg_trigger where tgname = 'trg_sessions_updated'",
        "select not convalidated from pg_constraint where conname = 'sessions_status_check'",
        "select count(*) = 0 from pg_publication_tables where tablename = 'session_requests'",
        """select column_default is not null from information_schema.columns
           where table_name = 'session_requests' and column_name = 'notification_sent_at'""",
        """select is_nullable = 'NO' and column_default is null from information_schema.columns
           where table_name = 'session_participants' and column_name = 'display_name'""",
    ],
)
def test_small_drifts(broken: Connection, drifted: str) -> None:
    assert one(broken, drifted)


# --- repairs/missing_session_request.sql ------------------------------------------------------------------------------


def test_the_stuck_session_gets_its_request(fit: Connection) -> None:
    fit.execute("select set_config('sessionaudit.backfill_id', 'batch-7', true)")
    ((made, session),) = repair(fit, "missing_session_request", STUCK)
    assert session == STUCK
    row = fit.execute(
        """select customer_id, mechanic_id, session_type::text, plan_code, status::text, customer_name, customer_email,
                  accepted_at, metadata from public.session_requests where id = %s""",
        [made],
    ).fetchone()
    assert row is not None
    assert row[:8] == (MARIA, None, "chat", "free", "pending", "Maria Petrov", "maria.petrov@example.com", None)
    assert row[8].pop("backfill").keys() == {"id", "at"}
    assert row[8] == {
        "session_id": str(STUCK),
        "intake_id": str(INTAKE),
        "urgent": False,
        "created_manually": True,
    }
    assert one(fit, "select metadata -> 'backfill' ->> 'id' from public.session_requests where id = %s", made) == (
        "batch-7"
    )


def test_a_request_is_made_once(fit: Connection) -> None:
    assert len(repair(fit, "missing_session_request", STUCK, STUCK, TOMS_SESSION)) == 2
    assert repair(fit, "missing_session_request", STUCK, TOMS_SESSION) == []


def test_an_older_request_of_the_customer_does_not_count(fit: Connection) -> None:
    assert [row[1] for row in repair(fit, "missing_session_request", TOMS_SESSION)] == [TOMS_SESSION]


def test_name_and_address_come_from_the_intake_when_the_profile_has_none(fit: Connection) -> None:
    ((made, _),) = repair(fit, "missing_session_request", LENAS_SESSION)
    query = "select (customer_name, customer_email, status, mechanic_id)::text from public.session_requests where id=%s"
    assert one(fit, query, made) == f'("Lena Fischer",lena@example.com,accepted,{JOE})'


def test_a_customer_of_whom_nothing_is_known_is_called_customer(fit: Connection) -> None:
    ((made, _),) = repair(fit, "missing_session_request", AISHAS_SESSION)
    row = fit.execute(
        "select customer_name, customer_email, metadata - 'backfill' from public.session_requests where id = %s", [made]
    ).fetchone()
    assert row == ("Customer", None, {"session_id": str(AISHAS_SESSION), "created_manually": True})


@pytest.mark.parametrize("session", [VISITORS_SESSION, COMPLETED_SESSION, uuid4()], ids=["visitor", "over", "unknown"])
def test_no_request_where_none_belongs(fit: Connection, session: UUID) -> None:
    assert repair(fit, "missing_session_request", session) == []


def test_the_good_system_needs_no_request(good: Connection) -> None:
    sessions = column(good, "select id from public.sessions")
    assert repair(good, "missing_session_request", *sessions) == []


# --- repairs/remap_mechanic_id.sql ------------------------------------------------------------------------------------


def test_accounts_become_mechanics_and_the_constraint_can_be_validated(fit: Connection) -> None:
    requests = column(fit, "select id from public.session_requests")
    done = repair(fit, "remap_mechanic_id", *requests)
    assert {was: now for _, was, now in done}[JOES_ACCOUNT] == JOE
    assert [was for _, was, now in done if now is None] == [DISPATCHER]
    assert len(done) == 5
    fit.execute("alter table public.session_requests validate constraint session_requests_mechanic_id_fkey")
    assert repair(fit, "remap_mechanic_id", *requests) == []


def test_only_the_named_requests_are_remapped(fit: Connection) -> None:
    first, *others = column(fit, "select id from public.session_requests where mechanic_id is not null")
    assert [row[0] for row in repair(fit, "remap_mechanic_id", first)] == [first]
    assert len(repair(fit, "remap_mechanic_id", first, *others)) == len(others)


def test_an_account_that_two_mechanics_share_is_left_for_a_person(fit: Connection) -> None:
    fit.execute("update public.mechanics set user_id = %s where user_id is null", [JOES_ACCOUNT])
    requests = column(fit, "select id from public.session_requests where mechanic_id = %s", JOES_ACCOUNT)
    assert requests
    assert repair(fit, "remap_mechanic_id", *requests) == []


def test_the_good_system_needs_no_remapping(good: Connection) -> None:
    requests = column(good, "select id from public.session_requests")
    assert repair(good, "remap_mechanic_id", *requests) == []


def test_nothing_is_remapped_while_the_constraint_points_to_accounts(broken: Connection) -> None:
    requests = column(broken, "select id from public.session_requests where mechanic_id = %s", JOES_ACCOUNT)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        repair(broken, "remap_mechanic_id", *requests)
