"""Each repair on the rows that it is for, and on those that it must leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rows import AISHAS, COMPLETED, LENAS, NOBODYS, STUCK, TOMS, VISITORS, findings, image, loaded
from servers import connect
from sessionaudit.backfill.by_id import Backfill
from sessionaudit.backfill.row_outcome import RowOutcome, RowState
from sessionaudit.postgres.connection import connect as connect_safely

if TYPE_CHECKING:
    from sessionaudit.contract.model import Contract

SAMS = "70969231-7295-4242-8744-7974f176be6c"
SAMS_REQUEST = "fad733b4-697f-4765-862c-0a0ee051686b"
PRIYA = "73ccbc89-28d0-4be4-993c-52a5c6be5b94"
IVANS_REQUEST = "a603c437-ee37-4067-b562-c1ca95d79b96"
AISHAS_REQUEST = "3abed224-d019-416a-84a2-4022cf361d70"
NOORS_REQUEST = "dda74fd0-cf0c-4f94-b9fc-6f629a3be75d"
GRACES = "9dbc7e25-3ebd-410a-8dc4-ee2e8974130a"
GRACES_FIRST = "7177a572-4e3b-4f64-a754-1a5a300a4ac4"
GRACES_SECOND = "bb768f0d-ebd9-4fa3-b1f6-d44390eefddc"
CARLOS = "5dab05d5-0df9-40d6-ba0b-3a7b097fa02b"
ORDER = (
    "request_has_session",
    "session_has_request",
    "session_has_participant",
    "accepted_request_gave_mechanic",
    "pending_request_is_not_over",
    "one_pending_request_per_session",
    "pending_request_has_no_mechanic",
)


def mend(url: str, contract: Contract, name: str, *ids: str, keep_older: bool = False) -> list[RowOutcome]:
    with connect_safely(url) as connection:
        return Backfill(connection, loaded(connection, contract, name, keep_older=keep_older), "test").run(ids)


def states(outcomes: list[RowOutcome]) -> list[RowState]:
    return [one.state for one in outcomes]


def row(url: str, table: str, key: str) -> dict[str, Any]:
    with connect(url) as connection:
        found = connection.execute(
            f"select to_jsonb(t) from public.{table} t where id = %s".encode(), (key,)
        ).fetchone()
    assert found is not None
    value: dict[str, Any] = found[0]
    return value


@pytest.fixture
def linked(mended: str, contract: Contract) -> str:
    """The requests have their links again, as far as one can know them."""
    with connect(mended) as connection:
        keys = [str(found[0]) for found in connection.execute("select id from public.session_requests")]
    mend(mended, contract, "request_has_session", *keys)
    return mended


def test_links_come_back_where_one_session_fits(linked: str) -> None:
    assert row(linked, "session_requests", AISHAS_REQUEST)["metadata"]["session_id"] == AISHAS
    assert row(linked, "session_requests", SAMS_REQUEST)["metadata"]["session_id"] == SAMS
    for request in (GRACES_FIRST, GRACES_SECOND):
        assert row(linked, "session_requests", request)["metadata"]["session_id"] == GRACES
    assert row(linked, "session_requests", NOORS_REQUEST)["metadata"] == {}


def test_a_link_is_not_guessed_among_two_sessions(mended: str, contract: Contract) -> None:
    with connect(mended) as connection:
        connection.execute(
            """insert into public.sessions (created_at, plan, type, status, stripe_session_id, customer_user_id)
               select created_at - interval '5 seconds', plan, type, 'cancelled', 'again', customer_user_id
               from public.sessions where id = %s""",
            (AISHAS,),
        )
    (outcome,) = mend(mended, contract, "request_has_session", AISHAS_REQUEST)
    assert outcome.state is RowState.FAILED
    assert "a person must decide" in outcome.reason
    assert row(mended, "session_requests", AISHAS_REQUEST)["metadata"] == {}


@pytest.mark.parametrize("change", ["plan_code = 'chat10'", "created_at = created_at + interval '2 minutes'"])
def test_a_link_is_not_guessed_where_something_differs(mended: str, contract: Contract, change: str) -> None:
    with connect(mended) as connection:
        connection.execute(f"update public.session_requests set {change} where id = %s".encode(), (AISHAS_REQUEST,))
    assert states(mend(mended, contract, "request_has_session", AISHAS_REQUEST)) == [RowState.FAILED]


def test_the_stuck_session_gets_the_request_that_it_should_have_had(mended: str, contract: Contract) -> None:
    (outcome,) = mend(mended, contract, "session_has_request", STUCK)
    made = row(mended, "session_requests", outcome.made[0].row)
    when = made["metadata"]["backfill"].pop("at")
    assert made.pop("created_at") == made.pop("updated_at") == when
    assert made == {
        "id": outcome.made[0].row,
        "customer_id": "f4d90392-118c-4738-ab16-94689f039f2a",
        "mechanic_id": None,
        "session_type": "chat",
        "plan_code": "free",
        "status": "pending",
        "customer_name": "Maria Petrov",
        "customer_email": "maria.petrov@example.com",
        "notes": None,
        "accepted_at": None,
        "notification_sent_at": None,
        "metadata": {
            "session_id": STUCK,
            "intake_id": "aa031ec2-a916-4b09-8242-da0f43bc4a76",
            "urgent": False,
            "created_manually": True,
            "backfill": {"id": "test"},
        },
    }


def test_each_session_has_its_own_reason(mended: str, contract: Contract) -> None:
    with connect(mended) as connection:
        connection.execute("update public.sessions set created_at = now() where id = %s", (TOMS,))
    ids = [STUCK, TOMS, VISITORS, AISHAS, NOBODYS, "no-id"]
    outcomes = mend(mended, contract, "session_has_request", *ids)
    assert [(one.state, one.reason) for one in outcomes] == [
        (RowState.CREATED, ""),
        (RowState.NOT_ELIGIBLE, "it is younger than 2 minutes, and may still be in progress"),
        (RowState.NOT_ELIGIBLE, "it is not true that the customer has an account"),
        (RowState.NOT_ELIGIBLE, "it is not true that every request of it has kept its link"),
        (RowState.NOT_FOUND, "it was looked for as id, email and stripe of public.sessions, and no such row is there"),
        (RowState.NOT_FOUND, "it was looked for as id, email and stripe of public.sessions, and no such row is there"),
    ]


def test_a_session_that_is_over_gets_no_request(linked: str, contract: Contract) -> None:
    with connect(linked) as connection:
        connection.execute("delete from public.session_requests where metadata ->> 'session_id' = %s", (COMPLETED,))
    (outcome,) = mend(linked, contract, "session_has_request", COMPLETED)
    assert (outcome.state, outcome.reason) == (
        RowState.NOT_ELIGIBLE,
        "it is not true that the session is pending or waiting",
    )


def test_a_second_run_finds_the_first_ones_request(mended: str, contract: Contract) -> None:
    (first,) = mend(mended, contract, "session_has_request", STUCK)
    before = image(mended)
    (second,) = mend(mended, contract, "session_has_request", STUCK.upper())
    assert (second.state, second.there and second.there.row, second.id) == (RowState.ALREADY, first.made[0].row, STUCK)
    assert image(mended) == before


@pytest.mark.parametrize("keep", [False, True])
def test_older_pending_requests_are_cancelled_as_the_application_does(
    mended: str, contract: Contract, *, keep: bool
) -> None:
    others = {
        "older": "now() - interval '1 year', 'pending', null",
        "taken": f"now() - interval '1 year', 'accepted', '{CARLOS}'",
        "newer": "now(), 'pending', null",
    }
    with connect(mended) as connection:
        for note, values in others.items():
            connection.execute(
                f"""insert into public.session_requests
                      (customer_id, session_type, plan_code, notes, metadata, created_at, status, mechanic_id)
                    values ('a0f0abcd-28be-4def-8789-0ee5df83ee70', 'chat', 'free', '{note}', '{{"session_id": "x"}}',
                      {values})""".encode()
            )
    (outcome,) = mend(mended, contract, "session_has_request", TOMS, keep_older=keep)
    assert outcome.state is RowState.CREATED
    with connect(mended) as connection:
        found: dict[str, str] = dict(
            connection.execute(
                "select notes, status::text from public.session_requests where notes is not null"
            ).fetchall()
        )
    assert found == {"older": "pending" if keep else "cancelled", "taken": "accepted", "newer": "pending"}
    before = [{name: value for name, value in one.was.items() if name != "xmin"} for one in outcome.superseded]
    assert before == ([] if keep else [{"status": "pending"}])


def test_nothing_is_cancelled_for_a_session_that_gets_no_request(mended: str, contract: Contract) -> None:
    before = image(mended)
    mend(mended, contract, "session_has_request", VISITORS, AISHAS, COMPLETED)
    assert image(mended) == before


def test_a_participant_is_made_once(mended: str, contract: Contract) -> None:
    assert states(mend(mended, contract, "session_has_participant", TOMS)) == [RowState.CREATED]
    assert states(mend(mended, contract, "session_has_participant", TOMS, VISITORS)) == [
        RowState.ALREADY,
        RowState.NOT_ELIGIBLE,
    ]


def test_a_session_gets_the_mechanic_who_accepted(linked: str, contract: Contract) -> None:
    assert states(mend(linked, contract, "accepted_request_gave_mechanic", SAMS_REQUEST)) == [RowState.CHANGED]
    session = row(linked, "sessions", SAMS)
    assert (session["mechanic_id"], session["status"]) == (PRIYA, "live")


@pytest.mark.parametrize(
    "hindrance",
    [
        # Priya is in another session
        f"update public.sessions set mechanic_id = '{PRIYA}' where id = '{STUCK}'",
        # somebody else accepted too
        f"""insert into public.session_requests (customer_id, session_type, plan_code, status, mechanic_id, metadata)
            select customer_id, session_type, plan_code, status, '{CARLOS}', metadata
            from public.session_requests where id = '{SAMS_REQUEST}'""",
    ],
    ids=["busy", "two"],
)
def test_a_mechanic_is_not_guessed(linked: str, contract: Contract, hindrance: str) -> None:
    with connect(linked) as connection:
        connection.execute(hindrance.encode())
    assert states(mend(linked, contract, "accepted_request_gave_mechanic", SAMS_REQUEST)) == [RowState.FAILED]
    assert row(linked, "sessions", SAMS)["mechanic_id"] is None


def test_a_pending_session_that_was_accepted_waits(linked: str, contract: Contract) -> None:
    with connect(linked) as connection:
        connection.execute("update public.sessions set status = 'pending' where id = %s", (SAMS,))
    mend(linked, contract, "accepted_request_gave_mechanic", SAMS_REQUEST)
    assert row(linked, "sessions", SAMS)["status"] == "waiting"


def test_a_ghost_is_cancelled_and_no_other_request(linked: str, contract: Contract) -> None:
    outcomes = mend(linked, contract, "pending_request_is_not_over", IVANS_REQUEST, AISHAS_REQUEST)
    assert states(outcomes) == [RowState.CHANGED, RowState.ALREADY]
    assert row(linked, "session_requests", IVANS_REQUEST)["status"] == "cancelled"
    assert row(linked, "session_requests", AISHAS_REQUEST)["status"] == "pending"


def test_of_two_pending_requests_the_older_one_stays_and_is_then_the_mechanics(linked: str, contract: Contract) -> None:
    taken = "pending_request_has_no_mechanic"
    assert states(mend(linked, contract, taken, GRACES_FIRST)) == [RowState.FAILED]  # two of them
    outcomes = mend(linked, contract, "one_pending_request_per_session", GRACES_FIRST, GRACES_SECOND)
    assert states(outcomes) == [RowState.ALREADY, RowState.CHANGED]
    assert states(mend(linked, contract, taken, GRACES_FIRST)) == [RowState.CHANGED]
    first = row(linked, "session_requests", GRACES_FIRST)
    assert (first["status"], first["mechanic_id"], first["accepted_at"]) == ("accepted", CARLOS, None)
    assert row(linked, "session_requests", GRACES_SECOND)["status"] == "cancelled"


def test_all_repairs_in_order_leave_what_a_person_must_decide(linked: str, contract: Contract) -> None:
    for name in ORDER:
        invariant = next(one for one in contract.invariants if one.name == name)
        with connect(linked) as connection:
            table = invariant.each.path[1]
            keys = [str(found[0]) for found in connection.execute(f"select id from public.{table}".encode())]
        mend(linked, contract, name, *keys)
    assert findings(linked) == {
        "request_has_session": f"1 row: {NOORS_REQUEST}",
        "pending_request_is_young": f"1 row: {AISHAS_REQUEST}",
    }
    # The person decides: Noor's request is history, Aisha has gone.
    with connect(linked) as connection:
        connection.execute("update public.session_requests set status = 'cancelled' where id = %s", (NOORS_REQUEST,))
        connection.execute("update public.sessions set status = 'cancelled' where id = %s", (AISHAS,))
    mend(linked, contract, "pending_request_is_not_over", AISHAS_REQUEST)
    assert findings(linked) == {}


def test_lenas_request_comes_back_as_accepted(mended: str, contract: Contract) -> None:
    (outcome,) = mend(mended, contract, "session_has_request", LENAS)
    request = row(mended, "session_requests", outcome.made[0].row)
    assert (request["status"], request["customer_name"]) == ("accepted", "Lena Fischer")
