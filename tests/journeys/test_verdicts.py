"""Every verdict on a step, explained and executed, by real roles in a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from junitparser import JUnitXml

from notes import ACCEPTED, MET, MINE, OTHERS, UNDECIDED, UNSEEN, contract, rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from calling import Calls


class Case(NamedTuple):
    """A step, and what must be said of it: a state, or the rule that it violates."""

    step: Mapping[str, Any]
    explained: str
    executed: str


def case(sql: str, expect: object, explained: str, executed: str, as_: object = MINE, **more: str) -> Case:
    return Case({"as": as_, "sql": sql, "expect": expect, **more}, explained, executed)


CASES = {
    # As expected.
    "sees_own": case("select id from notes where id = :note.id", "1 row", ACCEPTED, MET),
    "values": case("select text, mood from notes where id = :note.id", {"text": "mine", "mood": "good"}, ACCEPTED, MET),
    "values_as_printed": case(
        "select true as sure, 1.50 as price, null as nobody",
        {"sure": "yes", "price": "1.50", "nobody": None},
        ACCEPTED,
        MET,
    ),
    "several_rows": case("values (1), (2)", [{"column1": 1}, {"column1": 2}], ACCEPTED, MET),
    "others_do_not_see": case("select id from notes where id = :note.id", "no rows", ACCEPTED, MET, OTHERS),
    "silent_update": case("update notes set text = 'x' where id = :note.id", "no rows", ACCEPTED, MET, OTHERS),
    "no_claims_no_rows": case("select id from notes", "no rows", ACCEPTED, MET, "journey_user"),
    "refused_by_check": case("insert into notes (owner, text) values (:other, 'x')", "refused", UNDECIDED, MET),
    "refused_by_grant": case("select from closed", "refused", MET, MET),
    "expected_error": case("insert into notes (owner, text) values (:me, '')", "error 23514", UNDECIDED, MET),
    "raised": case("insert into guarded values (1)", "error P0001", UNDECIDED, MET),
    "as_connecting": case("select id from closed", "no rows", ACCEPTED, MET, None),
    "claims_by_query": case(
        "select id from notes where id = :note.id",
        "1 row",
        ACCEPTED,
        MET,
        {"role": "journey_user", "claims": "select jsonb_build_object('sub', :me)"},
    ),
    "untyped_place": case("select jsonb_build_object('a', :note.id) ->> 'a' as a", "1 row", ACCEPTED, MET),
    # A name, a value, a type.
    "no_table": case("select from nothing", "no rows", "SB051", "SB051"),
    "no_column": case("select nothing from notes", "no rows", "SB051", "SB051"),
    "no_function": case("select nothing(1)", "1 row", "SB051", "SB051"),
    "no_value": case("select id from notes where mood = 'ugly'", "no rows", "SB052", "SB052"),
    "never_expected": case("select mood from notes where id = :note.id", {"mood": "ugly"}, "SB052", "SB052"),
    "no_operator": case("select id from notes where text = 1", "no rows", "SB051", "SB051"),
    "other_types": case("insert into notes (owner, text, mood) select :me, 'x', 1", "1 row", "SB055", "SB055"),
    # Refused, where it should not be: an error is not “no rows”.
    "not_granted": case("select id from closed", "no rows", "SB053", "SB053"),
    "hidden_by_error": case("insert into notes (owner, text) values (:other, 'x')", "no rows", ACCEPTED, "SB053"),
    "circle": case("select id from circle", "no rows", "SB054", "SB054"),
    "circle_for_refused": case("select id from circle", "refused", "SB054", "SB054"),
    # What only executing tells.
    "constraint": case("insert into notes (owner, text) values (:me, '')", "1 row", ACCEPTED, "SB055"),
    "trigger": case("insert into guarded values (1)", "1 row", ACCEPTED, "SB055"),
    "let_through": case("insert into notes (owner, text) values (:me, 'x')", "refused", UNDECIDED, "SB056"),
    "nothing_refused": case("update notes set text = 'x' where id = :note.id", "refused", UNDECIDED, "SB056", OTHERS),
    "update_of_nothing": case("update notes set text = 'x' where id = :note.id", "1 row", ACCEPTED, "SB057", OTHERS),
    "empty_dashboard": case("select id from notes where id = :note.id", {"id": 1}, ACCEPTED, "SB057", OTHERS),
    "sees_too_much": case("select id from notes where id = :note.id", "no rows", ACCEPTED, "SB058"),
    "more_than_said": case("values (1), (2)", "1 row", ACCEPTED, "SB058"),
    "other_value": case("select text from notes where id = :note.id", {"text": "yours"}, ACCEPTED, "SB059"),
    "no_null": case("select text from notes where id = :note.id", {"text": None}, ACCEPTED, "SB059"),
    "other_error": case("insert into notes (owner, text) values (:me, '')", "refused", UNDECIDED, "SB060"),
    # Who sends it.
    "no_role": case("select 1", "1 row", "SB061", "SB061", "journey_nobody"),
    "no_user": case(
        "select 1", "1 row", ACCEPTED, UNSEEN, {"role": "journey_user", "claims": "select null::jsonb where false"}
    ),
    # What a failed step would have given.
    "gives_nothing": case(
        "insert into notes (owner, text) values (:other, 'x') returning id", "1 row", ACCEPTED, "SB053", gives="lost"
    ),
    "needs_it": case("select :lost", "1 row", ACCEPTED, UNSEEN),
}


def steps_of(cases: Mapping[str, Case]) -> dict[str, Any]:
    return {name: {word: said for word, said in one.step.items() if said is not None} for name, one in cases.items()}


def verdicts(text: str) -> dict[str, str]:
    """The rule that each step violates, or its state."""
    found = json.loads(text)
    assert "journeys" in found, found
    (journey,) = found["journeys"]
    return {step["name"]: step["rule"] or step["state"] for step in (*journey["given"], *journey["steps"])}


def test_explained_and_executed(notes: str, call: Calls, tmp_path: Path) -> None:
    file = contract(tmp_path, steps_of(CASES))
    before = rows(notes)
    explained = call("probe", "--format", "json", url=notes, contract=file)
    formats = ("--format", "json", "--format", f"junit={tmp_path}/junit.xml")
    executed = call("probe", "--execute", "--yes", *formats, url=notes, contract=file)
    assert rows(notes) == before
    wanted = {name: one.explained for name, one in CASES.items()}
    assert {name: said for name, said in verdicts(explained.out).items() if name in CASES} == wanted
    wanted = {name: one.executed for name, one in CASES.items()}
    assert {name: said for name, said in verdicts(executed.out).items() if name in CASES} == wanted
    assert (explained.code, executed.code) == (1, 1)
    read = JUnitXml.fromstring((tmp_path / "junit.xml").read_bytes())
    unlike = {case.name: type(one).__name__ for suite in read for case in suite for one in case.result}
    assert unlike == {"notes": "Failure", "notes.needs_it": "Skipped", "notes.no_user": "Skipped"}


def test_the_page(notes: str, call: Calls, tmp_path: Path) -> None:
    chosen = ("sees_own", "refused_by_check", "not_granted", "needs_it", "gives_nothing")
    order = sorted(chosen, key=lambda name: list(CASES).index(name))
    file = contract(tmp_path, steps_of({name: CASES[name] for name in order}))
    lines = call("probe", "--execute", "--yes", url=notes, contract=file).out.splitlines()
    assert lines[0] == "notes: Everything"
    assert lines[4:9] == [
        "  ✓ sees_own          as journey_user, 1 row",
        "  ✓ refused_by_check  as journey_user, refused",
        "  ✗ not_granted       as journey_user, expected no rows; error 42501, SB053,",
        f"                      {file}:{_line(file, 'select id from closed')}",
        "  ✗ gives_nothing     as journey_user, expected 1 row; error 42501, SB053,",
    ]
    assert any("needs_it          as journey_user, not looked at: it needs :lost, which" in line for line in lines)
    said = " ".join(" ".join(lines).split())
    assert "Step not_granted, as journey_user, fails: permission denied for table closed (42501)." in said
    assert "that nothing comes back is no proof" in said
    lines = call("probe", url=notes, contract=file).out.splitlines()
    assert "  · sees_own          as journey_user, explained; 1 row expected" in lines
    assert not any("✓" in line for line in lines)


def _line(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), start=1) if text in line)


def test_deferred_constraints_are_checked_as_commit_would(notes: str, call: Calls, tmp_path: Path) -> None:
    step = {"as": "journey_user", "sql": "insert into promises values (1, 2)", "expect": "1 row"}
    said = json.loads(
        call(
            "probe", "--execute", "--yes", "-f", "json", url=notes, contract=contract(tmp_path, {"promise": step}, {})
        ).out
    )
    assert said["journeys"][0]["steps"][0]["state"] == MET
    assert said["journeys"][0]["at_commit"] == "23503"
    assert [finding["code"] for finding in said["findings"]] == ["SB062"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("reset role", 'this is not one statement that reads or changes rows: syntax error at or near "reset"'),
        ("set local role postgres", 'syntax error at or near "set"'),
        ("commit", 'syntax error at or near "commit"'),
        ("do $$ begin end $$", 'syntax error at or near "do"'),
        ("copy notes to program 'id'", 'syntax error at or near "copy"'),
        ("select 1; commit", "cannot insert multiple commands"),
        ("call slow()", 'syntax error at or near "call"'),
        (
            "select set_config('role', 'none', true)",
            "the function set_config has side effects: a step of a journey must",
        ),
        ("select pg_sleep(9)", "the function pg_sleep has side effects"),
        ("select * from pg_authid", "the relation pg_authid holds secrets"),
    ],
)
def test_a_step_is_one_statement_that_stays_in_its_role(
    sql: str, said: str, notes: str, call: Calls, tmp_path: Path
) -> None:
    file = contract(tmp_path, {"step": {"as": "journey_user", "sql": sql, "expect": "1 row"}}, {})
    called = call("probe", url=notes, contract=file)
    assert called.code == 2
    assert said in called.err
    assert f"{file}:{_line(file, 'sql:')}:" in called.err


def test_a_function_cannot_take_on_another_role(notes: str, call: Calls, tmp_path: Path) -> None:
    file = contract(tmp_path, {"step": {"as": "journey_user", "sql": "select escapes()", "expect": "1 row"}}, {})
    called = call("probe", "--execute", "--yes", url=notes, contract=file)
    assert called.code == 2
    assert "this took on another role" in called.err


def test_what_the_server_says_of_a_mistake(notes: str, call: Calls, tmp_path: Path) -> None:
    given = {"pair": "select 1 as one, 2 as two"}
    for step, said in (
        ({"sql": "update notes set text = 'x'", "gives": "x", "expect": "1 row"}, "returns nothing hint: Add"),
        ({"sql": "select :pair", "expect": "1 row"}, "pair gives 2 columns hint: Name one: :pair.one, :pair.two."),
        ({"sql": "select :pair.tow", "expect": "1 row"}, "pair gives no column “tow” hint: Did you mean “two”?"),
        ({"sql": "select 1 as one", "expect": {"on": 1}}, "step returns no column “on” hint: Did you mean “one”?"),
    ):
        called = call("probe", url=notes, contract=contract(tmp_path, {"step": step}, given))
        assert called.code == 2
        assert said in " ".join(called.err.split()), called.err
