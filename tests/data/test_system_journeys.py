"""The journeys of the program's own system: they pass where it is right, and fail where it is broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rows import CONTRACT, image, run

if TYPE_CHECKING:
    from calling import Calls

# What each step that fails stands on, which the audit of the schema finds wrong: the finding's rule and object.
METADATA = ("missing-column", "public.session_requests.metadata")
GRANT = ("missing-grant", "public.session_requests.service_role")
POLICY = ("forbidden-policy", 'public.session_requests."Mechanics can accept requests"')
UNKNOWN = ("blocking-column", "public.session_participants.display_name")
EXPLAINED = {
    "older_requests_are_cancelled": ("SB053", GRANT),
    "request_is_made": ("SB051", METADATA),
    "dashboard_lists_it": ("SB051", METADATA),
    "server_accepts": ("SB053", GRANT),
    "nobody_accepts_it_again": ("SB053", GRANT),
}
EXECUTED = {
    "customer_takes_part": ("SB055", UNKNOWN),
    "older_requests_are_cancelled": ("SB053", GRANT),
    "request_is_made": ("SB051", METADATA),
    "mechanic_cannot_accept_past_the_server": ("SB053", POLICY),
    "server_accepts": ("SB053", GRANT),
    "nobody_accepts_it_again": ("SB053", GRANT),
}
LOST = {"dashboard_lists_it", "mechanic_sees_it", "customer_sees_it", "other_customer_does_not_see_it"}


def steps(said: Any) -> list[Any]:
    return [step for journey in said["journeys"] for step in (*journey["given"], *journey["steps"])]


def failed(said: Any) -> dict[str, tuple[str, tuple[str, str]]]:
    """The rule of each step that fails, with what explains it."""
    causes = {one["fingerprint"]: (one["rule"], one["object"]) for one in said["causes"]}
    found = [one for one in said["findings"] if one["object"].startswith("journey ")]
    assert all(len(finding["because"]) == 1 for finding in found)
    return {finding["facet"]: (finding["code"], causes[finding["because"][0]]) for finding in found}


def test_the_system_as_it_should_be(good: str, call: Calls) -> None:
    before = image(good)
    explained = call("probe", "--format", "json", url=good)
    executed = call("probe", "--execute", "--yes", "--format", "json", url=good)
    assert (explained.code, executed.code) == (0, 0), executed.out
    states = {step["state"] for step in steps(json.loads(executed.out))}
    assert states == {"as expected"}
    assert image(good) == before


def test_the_broken_system(broken: str, call: Calls) -> None:
    before = image(broken)
    explained = json.loads(call("probe", "--format", "json", url=broken).out)
    assert failed(explained) == EXPLAINED
    executed = call("probe", "--execute", "--yes", "--format", "json", url=broken)
    said = json.loads(executed.out)
    assert executed.code == 1
    assert failed(said) == EXECUTED
    assert {step["name"] for step in steps(said) if step["state"] == "not looked at"} == LOST
    assert image(broken) == before


def test_one_journey_alone(broken: str, call: Calls) -> None:
    called = call("probe", "customer_stays_customer", url=broken)
    assert called.code == 0
    assert [line for line in called.out.splitlines() if line.startswith("mechanic_accepts")] == []
    refused = call("probe", "customer_stays_mechanic", url=broken)
    assert refused.code == 2
    assert "has no journey “customer_stays_mechanic”" in refused.err
    assert "Did you mean “customer_stays_customer”?" in refused.err


def test_check_has_the_same_findings(broken: str, call: Calls) -> None:
    said = json.loads(call("check", "--only", "behaviour", "--format", "json", url=broken).out)
    found = [one for one in said["findings"] if one["object"].startswith("journey ")]
    assert {one["facet"]: one["code"] for one in found} == {step: code for step, (code, _) in EXPLAINED.items()}


@pytest.mark.thorough
def test_in_a_private_server() -> None:
    """Made from the contract, as its owner, who is no superuser."""
    done = run("probe", "--embedded", "--format", "json", url="", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {step["state"] for step in steps(json.loads(done.stdout))} == {"as expected"}
    assert CONTRACT.exists()
