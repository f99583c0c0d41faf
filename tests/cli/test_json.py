"""What programs read on stdout: one object, whatever happens, that claims nothing which did not happen."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from typer.main import get_command

from calling import Calls
from mending import run_at_once
from rows import MENDED, NOBODYS, STUCK, image
from sessionaudit.audits import runner
from sessionaudit.backfill import by_id
from sessionaudit.cli.app import app
from sessionaudit.cli.run import run
from sessionaudit.core.changes import CHANGES
from sessionaudit.demo import system
from sessionaudit.errors import DatabaseError

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template
    from sessionaudit.audits.data.lookup import Lookup

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "error.schema.json").read_text(encoding="utf-8"))
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
COMMANDS = {
    "check": (),
    "repair": (),
    "repair --apply": ("--apply", "--yes"),
    "trace": (STUCK,),
    "backfill": (STUCK,),
    "backfill --all": ("--all", "--yes"),
    "backfill --list": ("--list",),
}


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def mended(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("mended", MENDED))


def error_of(text: str) -> dict[str, Any]:
    """The error in what was printed, which is one object."""
    told = json.loads(text)
    jsonschema.validate({"version": told["version"], "error": told["error"]}, SCHEMA)
    return dict(told["error"])


@pytest.mark.parametrize("name", COMMANDS)
def test_an_error_is_an_object_too(name: str, tmp_path: Path, call: Calls) -> None:
    command, words = name.partition(" ")[0], (*COMMANDS[name], "--format", "json")
    code, out, err = call(command, *words, url=NOWHERE)
    told = error_of(out)
    assert (code, told["exit_code"], told["kind"]) == (3, 3, "database")
    assert f"error: {told['message']}" in err
    slip = tmp_path / "slip.yaml"
    slip.write_text("version: 1\ntabels: {}\n", encoding="utf-8")
    told = error_of(call(command, *words, url=NOWHERE, contract=slip).out)
    assert (told["kind"], told["exit_code"], told["location"]["line"]) == ("contract", 2, 2)


def test_a_call_that_has_no_effect_is_one_too(call: Calls) -> None:
    code, out, _ = call("check", "--format", "json", "--no-color", url=NOWHERE)
    assert (code, error_of(out)["kind"], error_of(out)["message"]) == (
        *(2, "usage"),
        "--no-color has no effect with --format json",
    )


def test_undo_tells_of_a_journal_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        get_command(app).main(["undo", str(tmp_path / "none"), "-d", NOWHERE, "-f", "json"])
    assert (ended.value.code, error_of(capsys.readouterr().out)["kind"]) == (2, "usage")


def test_with_a_format_for_people_stdout_stays_empty(call: Calls) -> None:
    for words in (("check",), ("repair",), ("backfill", "--list", "--format", "csv")):
        assert call(*words, url=NOWHERE).out == ""


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--format", "json", "--nothing"),
        ("check", "--format=json", "--statement-timeout", "0"),
        ("backfill", "--list", "-fjsonl", "--limit", "0"),
        ("trace", "-f", "json"),
        ("check", "--nothing"),
        ("check", "--format", "xml", "--nothing"),
    ],
    ids=" ".join,
)
def test_a_call_that_cannot_be_read(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["sessionaudit", *words])
    with pytest.raises(SystemExit) as ended:
        run()
    out, err = capsys.readouterr()
    assert (ended.value.code, err.startswith("error: ")) == (2, True)
    if any("json" in word for word in words):
        assert error_of(out)["kind"] == "usage"
    else:
        assert out == ""


def test_interrupted_or_a_bug(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESSIONAUDIT_DEBUG", raising=False)
    for end, kind, code in ((KeyboardInterrupt(), "interrupted", 130), (ZeroDivisionError(), "bug", 3)):

        def raising(*_: Any, end: BaseException = end, **__: Any) -> Any:
            raise end

        monkeypatch.setattr(runner, "examine", raising)
        told = error_of(call("check", "--format", "json", url=NOWHERE).out)
        assert (told["kind"], told["exit_code"]) == (kind, code)


def test_a_schema_that_is_not_fit(template: Template, make_database: MakeDatabase, call: Calls) -> None:
    url = make_database(template("broken", system.statements(system.BROKEN)))
    code, out, _ = call("backfill", "--format", "json", STUCK, url=url)
    assert (code, error_of(out)["kind"]) == (1, "unfit")


def test_what_was_done_before_the_error_is_told_with_it(
    mended: str, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = by_id.Backfill._one

    def failing(self: by_id.Backfill, lookup: Lookup) -> Any:
        if lookup.given == NOBODYS:
            raise DatabaseError("the connection was lost", hint="Run it again.")
        return one(self, lookup)

    monkeypatch.setattr(by_id.Backfill, "_one", failing)
    code, out, err = call("backfill", "--format", "json", STUCK, NOBODYS, url=mended)
    told = json.loads(out)
    assert code == 3
    assert [(result["id"], result["state"]) for result in told["results"]] == [(STUCK, "created")]
    assert told["error"]["message"] == "the connection was lost"
    assert "1 row" in told["error"]["committed"]
    assert "error: the connection was lost" in err
    CHANGES.forget()


def test_a_rehearsal_claims_nothing(mended: str, call: Calls) -> None:
    before = image(mended)
    told = json.loads(call("backfill", "--dry-run", "--format", "json", STUCK, url=mended).out)
    (result,) = told["results"]
    assert (told["dry_run"], told["summary"]) == (True, {"would be created": 1})
    assert (result["state"], result["fine"], result["made"], result["superseded"]) == (
        "would be created",
        False,
        [],
        [],
    )
    assert result["would_make"] == [
        {"table": "public.session_requests", "id": None, "key": STUCK, "would": "insert", "is": {}}
    ]
    told = json.loads(call("backfill", "--all", "--dry-run", "--format", "json", url=mended).out)
    results = [result for one in told["invariants"] for result in one["results"]]
    assert {result["state"] for result in results} <= {"would be created", "would be changed", "failed", "not eligible"}
    assert not [result for result in results if result["made"] or result["superseded"] or result["fine"]]
    changed = [row for result in results for row in result["would_make"] if row["would"] == "update"]
    assert changed
    assert all(row["id"] for row in changed)
    said = call("backfill", "--dry-run", STUCK, url=mended).out
    assert said == f"{STUCK}  would be created: a row of public.session_requests\n"
    assert image(mended) == before


def test_a_row_that_is_there_already_has_a_place_of_its_own(mended: str, call: Calls) -> None:
    made = json.loads(call("backfill", "--format", "json", STUCK, url=mended).out)["results"][0]["made"][0]
    assert (made["did"], made["key"]) == ("inserted", STUCK)
    (result,) = json.loads(call("backfill", "--format", "json", STUCK, url=mended).out)["results"]
    assert (result["state"], result["reason"], result["fine"]) == ("already there", "", True)
    assert result["there"] == {"table": "public.session_requests", "id": made["id"]}
    said = call("backfill", STUCK, url=mended).out
    assert said == f"{STUCK}  already there: public.session_requests {made['id']}\n"


# The repair of the foreign key also fills what the first round holds back for its nulls.
HELD_FIRST = """tables:
  t:
    columns: {id: int not null, p: int, q: int not null}
    constraints:
      t_p_fkey: {definition: foreign key (p) references parent (id), repair: fill.sql}
  parent: {}
"""
FILL = "update t set p = 1, q = 0 where id = any (%(keys)s::int[]) returning id, id as key, p as p_was, q as q_was"


def test_a_step_that_was_applied_is_not_held(database: str, tmp_path: Path, call: Calls) -> None:
    run_at_once(
        database,
        """create table parent (id int primary key); insert into parent values (1);
           create table t (id int primary key, p int, q int); insert into t values (1, 9, null)""",
    )
    contract = tmp_path / "c.yaml"
    contract.write_text(f"version: 1\n{HELD_FIRST}", encoding="utf-8")
    (tmp_path / "fill.sql").write_text(FILL, encoding="utf-8")
    planned = json.loads(call("repair", "--with-data", "--format", "json", url=database, contract=contract).out)
    assert {step["object"] for step in planned["held"]} == {"column public.t.q"}
    words = ("repair", "--apply", "--yes", "--with-data", "--format", "json", "--before", str(tmp_path / "b.yaml"))
    told = json.loads(call(*words, url=database, contract=contract).out)
    assert "column public.t.q" in [step["object"] for step in told["steps"] if step["outcome"] == "applied"]
    assert (told["held"], told["rows"], told["left"], told["error"]) == ([], [], [], None)
