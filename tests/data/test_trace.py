"""`trace`: the story of one session in the good, the broken and the half-mended system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from rows import AISHAS, CONTRACT, LENAS, NOBODYS, STUCK, TOMS, VISITORS, image, run
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from calling import Calls

LINKS = ["intake", "session", "participant", "request", "visibility", "acceptance"]


def story(url: str, session: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = run("trace", "--format", "json", session, *arguments, url=url)
    assert result.stdout, result.stderr
    (told,) = json.loads(result.stdout)["stories"]
    told["links"] = {link["name"]: link for link in told["links"]}
    assert list(told["links"]) == LINKS
    return result.returncode, told


def states(told: dict[str, Any]) -> list[str]:
    return [told["links"][name]["state"] for name in LINKS]


def test_a_session_as_it_should_be(good: str) -> None:
    code, told = story(good, STUCK)
    assert code == 0
    assert states(told) == ["there", "there", "there", "there", "there", "not needed"]
    assert (told["whole"], told["next"]) == (True, [])
    assert told["since"] == "2025-10-27 00:38:41+00"


def test_an_accepted_session(good: str) -> None:
    code, told = story(good, LENAS)
    assert (code, states(told)[-2:]) == (0, ["not needed", "there"])
    assert told["links"]["acceptance"]["rows"] == [{"mechanic": "Joe Brandt"}]


def test_a_visitors_session_needs_no_request(good: str) -> None:
    code, told = story(good, VISITORS)
    assert (code, states(told)) == (0, ["there", "there", *["not needed"] * 4])


def test_in_the_broken_system_the_schema_explains_what_is_missing(broken: str) -> None:
    before = image(broken)
    code, told = story(broken, STUCK)
    request = told["links"]["request"]
    assert (code, states(told)) == (1, ["there", "there", "there", "missing", "missing", "not needed"])
    assert request["missing_since"] == "2025-10-27 00:38:41+00"
    assert request["why"][0]["rule"] == "missing-column"
    assert request["why"][0]["object"] == "column public.session_requests.metadata"
    assert request["why"][0]["location"]["line"] > 1
    assert told["next"] == ["sessionaudit repair", f"sessionaudit backfill {STUCK}"]
    assert image(broken) == before


def test_once_the_schema_is_mended_only_the_row_is_missing(mended: str) -> None:
    _, told = story(mended, STUCK)
    assert told["links"]["request"]["why"] == []
    assert told["next"] == [f"sessionaudit backfill {STUCK}"]
    for command in told["next"]:
        assert run(*command.split()[1:], url=mended).returncode == 0
    code, told = story(mended, STUCK)
    assert (code, told["whole"]) == (0, True)


def test_every_command_of_a_story_mends_its_link(mended: str) -> None:
    _, told = story(mended, TOMS)
    assert told["next"] == [
        f"sessionaudit backfill --invariant session_has_participant {TOMS}",
        f"sessionaudit backfill {TOMS}",
    ]
    for command in told["next"]:
        assert run(*command.split()[1:], url=mended).returncode == 0
    assert story(mended, TOMS)[0] == 0


def test_a_request_that_lost_its_link_is_not_made_again(mended: str) -> None:
    _, told = story(mended, AISHAS)
    assert told["next"] == [
        "sessionaudit backfill --invariant request_has_session 3abed224-d019-416a-84a2-4022cf361d70"
    ]
    assert "kept its link" in told["links"]["request"]["reason"]


def test_a_request_that_policies_hide_is_not_visible(good: str) -> None:
    with connect(good) as connection:
        connection.execute('drop policy "Mechanics can view pending requests" on public.session_requests')
    code, told = story(good, STUCK)
    link = told["links"]["visibility"]
    assert (code, link["state"]) == (1, "missing")
    assert link["reason"] == "authenticated does not see it: row security hides it"
    assert [why["rule"] for why in link["why"]] == ["missing-policy"]
    assert told["links"]["request"]["state"] == "there"


def test_without_mechanics_nobody_could_see_it_and_that_is_not_known(good: str) -> None:
    with connect(good) as connection:
        connection.execute("update public.mechanics set user_id = null")
    code, told = story(good, STUCK)
    assert (code, told["links"]["visibility"]["state"]) == (3, "not known")


def test_a_role_that_may_not_become_the_dashboards_is_told_so(good: str) -> None:
    with connect(good) as connection:
        connection.execute("do $$ begin create role tracer; exception when duplicate_object then null; end $$")
        connection.execute("alter role tracer login bypassrls password 'x'")
        connection.execute(
            "grant usage on schema public, auth to tracer; grant select on all tables in schema public to tracer"
        )
    url = psycopg.conninfo.make_conninfo(good, user="tracer", password="x")
    code, told = story(url, STUCK)
    assert (code, told["links"]["visibility"]["state"]) == (3, "not known")
    assert "permission denied" in told["links"]["visibility"]["reason"]
    assert told["links"]["request"]["state"] == "there"


def test_a_missing_link_and_a_missing_row_are_told_apart(mended: str, call: Calls) -> None:
    for ids, code in (([STUCK], 1), ([NOBODYS], 2), (["no-id"], 2), ([LENAS, STUCK], 1), ([STUCK, NOBODYS], 2)):
        result = call("trace", *ids, url=mended)
        named = [one for one in ids if one not in {NOBODYS, "no-id"}]
        assert (result.code, result.out.count("public.sessions ")) == (code, len(named))
        assert result.err.count("error: ") == len(ids) - len(named)


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ("role: authenticated", "role: nobody_at_all", "the role nobody_at_all does not exist"),
        ("('sub', m.user_id", "('sub', 1 / (m.user_id is null)::int", "division by zero"),
        ("show: {role: p.role}", "show: {role: 1 / (p.role is null)::int}", "division by zero"),
        ("show: {role: p.role}", "show: {role: p.role::text::int}", "invalid input syntax"),
    ],
    ids=["role", "claims", "show", "cast"],
)
def test_what_fails_costs_one_link_and_not_the_story(
    good: str, tmp_path: Path, call: Calls, was: str, now: str, reason: str
) -> None:
    path = tmp_path / "contract.yaml"
    text = CONTRACT.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")
    (tmp_path / "repairs").symlink_to(CONTRACT.parent / "repairs")
    code, out, _ = call("trace", "--format", "json", STUCK, url=good, contract=path)
    (told,) = json.loads(out)["stories"]
    unknown = [link for link in told["links"] if link["state"] == "not known"]
    assert (code, len(told["links"]), len(unknown)) == (3, len(LINKS), 1)
    assert reason in unknown[0]["reason"]


def test_as_a_tree(mended: str) -> None:
    text = run("trace", STUCK, url=mended).stdout
    assert "├─ missing     request" in text
    assert "missing since 2025-10-27 00:38:41+00, that is " in text
    assert text.endswith(f"Next: sessionaudit backfill {STUCK}\n")
    coloured = run("trace", STUCK, url=mended, FORCE_COLOR="1").stdout
    assert "\x1b[" in coloured


def test_a_contract_without_a_story_says_so(good: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text("version: 1\ntables:\n  sessions: {row_security: enabled}\n", encoding="utf-8")
    result = run("trace", STUCK, "-c", str(path), url=good)
    assert result.returncode == 2
    assert "trace:" in result.stderr


def test_a_slip_in_a_link_is_named_with_its_line(good: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "version: 1\ntables:\n  sessions: {row_security: enabled}\n"
        "trace:\n  of: sessions s\n  links:\n    l: {summary: S, from: intakes i, on: i.idd = s.intake_id}\n",
        encoding="utf-8",
    )
    result = run("trace", STUCK, "-c", str(path), url=good)
    assert result.returncode == 2
    assert "contract.yaml:7" in result.stderr


@pytest.mark.parametrize(
    ("fault", "words", "rule"),
    [
        ("revoke all on public.session_requests from authenticated", "permission denied", "missing-grant"),
        (
            """create policy again on public.session_requests for select to authenticated
               using (exists (select from public.session_requests))""",
            "infinite recursion",
            "unexpected-policy",
        ),
    ],
    ids=["no right", "policy that recurses"],
)
def test_what_the_server_refuses_the_dashboard_is_missing_and_says_why(
    good: str, fault: str, words: str, rule: str
) -> None:
    with connect(good) as connection:
        connection.execute(fault.encode())
    code, told = story(good, STUCK)
    link = told["links"]["visibility"]
    assert (code, link["state"]) == (1, "missing")
    assert link["reason"].startswith("the server rejects the role authenticated: ")
    assert words in link["reason"]
    assert rule in [why["rule"] for why in link["why"]]
    assert told["next"] == (["sessionaudit repair"] if rule == "missing-grant" else [])


def test_a_customer_whose_only_request_was_cancelled_is_for_a_person(good: str) -> None:
    with connect(good) as connection:
        connection.execute(
            "update public.session_requests set status = 'cancelled' where metadata ->> 'session_id' = %s", (STUCK,)
        )
    code, told = story(good, STUCK)
    link = told["links"]["visibility"]
    assert (code, link["state"], link["commands"]) == (1, "missing", [])
    assert "a person must decide" in link["reason"]


def test_a_column_that_is_gone_costs_what_shows_it_and_not_the_story(good: str) -> None:
    with connect(good) as connection:
        connection.execute("alter table public.sessions drop column plan")
    code, told = story(good, STUCK)
    assert (code, told["links"]["session"]["state"], told["links"]["participant"]["state"]) == (3, "not known", "there")
    assert "The column plan of public.sessions does not exist" in told["links"]["session"]["reason"]
    assert told["next"][:1] == ["sessionaudit repair"]
