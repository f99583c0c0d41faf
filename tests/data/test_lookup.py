"""Rows are found by what the contract says, whatever was pasted; a text is never a part of the statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rows import LENAS, NOBODYS, STUCK, TOMS, image, run
from servers import connect
from sessionaudit.audits.data.lookup import MOST, trimmed

if TYPE_CHECKING:
    from pathlib import Path

    from calling import Calls

MARIA = "maria.petrov@example.com"
STRIPE = "cs_test_a1Wq7Lx2"  # Lena's
# Two sessions are his.
TOM = "tom.okafor@example.com"

FOUND = {
    STUCK: (STUCK, "id"),
    f"  {STUCK}\n": (STUCK, "id"),
    f"'{STUCK}'": (STUCK, "id"),
    f"\u201c{STUCK.upper()}\u201d,": (STUCK, "id"),
    f"\ufeff{STUCK}\u00a0": (STUCK, "id"),
    MARIA: (STUCK, "email"),
    f'"{MARIA}"\r\n': (STUCK, "email"),
    f"<{MARIA}>;": (STUCK, "email"),
    MARIA.title(): (STUCK, "email"),
    STRIPE: (LENAS, "stripe"),
    f"\t{STRIPE}": (LENAS, "stripe"),
}
LOST = (
    NOBODYS,
    "no-id",
    "",
    " ",
    "''",
    STRIPE.upper()[:-1],
    "%",
    "' or true --",
    "'; drop table sessions; --",
    "\0",
    "%s",
)


def test_trace_finds_a_session_by_what_the_contract_names(mended: str, call: Calls) -> None:
    before = image(mended)
    for given, (id_, by) in FOUND.items():
        (told,) = json.loads(call("trace", "--format", "json", given, url=mended).out)["stories"]
        assert (told["given"], told["id"], told["found_by"]) == (given, id_, by)
    # A row that is named in several ways has one story.
    out = call("trace", "--format", "json", *FOUND, url=mended).out
    assert [one["id"] for one in json.loads(out)["stories"]] == [STUCK, LENAS]
    tree = " ".join(call("trace", f" {MARIA}", url=mended).out.split())
    assert tree.startswith(f"public.sessions {STUCK}, found by email “ {MARIA}”, since 2025-10-27")
    assert image(mended) == before


def test_a_text_that_finds_nothing_is_told_for_what_it_is(mended: str, call: Calls) -> None:
    before = image(mended)
    code, out, err = call("trace", "--format", "json", *LOST, url=mended)
    told = json.loads(out)
    assert (code, told["stories"], [one["given"] for one in told["unfound"]]) == (2, [], list(LOST))
    reason = "it was looked for as id, email and stripe of public.sessions, and no such row is there"
    assert {one["reason"] for one in told["unfound"]} == {reason}
    assert err.count("error: ") == len(LOST)
    code, out, _ = call("backfill", "--format", "json", *LOST, url=mended)
    assert (code, {one["state"] for one in json.loads(out)["results"]}) == (2, {"not found"})
    assert image(mended) == before


def test_a_text_that_finds_several_rows_changes_none(mended: str, call: Calls) -> None:
    before = image(mended)
    code, _, err = call("trace", TOM, url=mended)
    lines = err.splitlines()
    assert (code, lines[0]) == (2, f"error: “{TOM}”: it finds 2 rows of public.sessions: name one by its id")
    assert lines[2].startswith(f"  {TOMS}, by email, since ")
    code, out, _ = call("backfill", TOM, url=mended)
    assert (code, out.splitlines()[0]) == (
        2,
        f"{TOM}  several rows: it finds 2 rows of public.sessions: name one by its id",
    )
    assert len(out.splitlines()) == 3
    (result,) = json.loads(call("backfill", "--format", "json", TOM, url=mended).out)["results"]
    assert (result["state"], result["fine"], result["found_by"]) == ("several rows", False, None)
    assert [row["id"] for row in result["rows"]][1] == TOMS
    assert image(mended) == before
    with connect(mended) as connection:
        connection.execute("alter table public.intakes disable trigger all")
        connection.execute(
            """insert into public.sessions (plan, type, status, stripe_session_id, intake_id)
               select 'free', 'chat', 'completed', 's' || n, (select id from public.intakes where email = %s limit 1)
               from generate_series(1, %s) n""",
            (MARIA, MOST),
        )
    code, _, err = call("trace", MARIA, url=mended)
    listed = [line for line in err.splitlines() if ", by " in line]
    assert (code, "it finds more than 20 rows" in err, len(listed)) == (2, True, MOST)


def test_backfill_mends_what_was_found_and_says_how(mended: str, call: Calls) -> None:
    # The same row twice is one row.
    code, out, _ = call("backfill", f"{MARIA}\n", STUCK, STRIPE, url=mended)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 2)
    assert lines[0].startswith(f"{STUCK}  created: public.session_requests ")
    assert lines[0].endswith(f"; found by email “{MARIA}\\n”")
    assert lines[1].startswith(f"{LENAS}  ")


def test_ids_from_stdin(mended: str) -> None:
    result = run("trace", "-", "--format", "json", url=mended, stdin=f"{MARIA}, {STRIPE}\n{NOBODYS}\n")
    told = json.loads(result.stdout)
    assert [one["id"] for one in told["stories"]] == [STUCK, LENAS]
    assert [one["given"] for one in told["unfound"]] == [NOBODYS]


NOTES = """version: 1
tables:
  note: {}
invariants:
  note_is_done:
    summary: Every note is done
    of: note
    violations: select n.id from note n where not n.done
    repair: done.sql
    backfill: true
    by: {number: note.number, name: note.name, far: "(select f.name from far f where f.id = note.id)"}
trace:
  of: note n
  by: {number: n.number, name: n.name}
  links: {done: {summary: It is done, show: {done: n.done}}}
"""


@pytest.fixture
def notes(database: str, tmp_path: Path) -> tuple[str, Path]:
    """Notes whose keys are texts, some with quotes and blanks of their own, and whose numbers are numbers."""
    with connect(database) as connection:
        connection.execute(
            """create table note (id text primary key, number int unique, name text, done bool default false);
               create table far (id text primary key, name text);
               insert into note (id, number, name) values
               ('a', 1, 'first'), ('''a''', 2, 'second'), (' b ', 3, 'a'), ('c', 4, 'first'), ('4', 5, 'fifth')"""
        )
    (tmp_path / "c.yaml").write_text(NOTES, encoding="utf-8")
    (tmp_path / "done.sql").write_text(
        "update note set done = true where id = any (%(keys)s::text[]) returning id, id as key, false as done_was",
        encoding="utf-8",
    )
    return database, tmp_path / "c.yaml"


def test_a_key_comes_before_all_else(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    given = {"a": "a", "'a'": "'a'", '"a"': "a", " b ": " b ", "b": None, "4": "4", "5": "4", "2": "'a'", "first": None}
    for text, id_ in given.items():
        told = json.loads(call("trace", "--format", "json", text, url=url, contract=contract).out)
        assert [one["id"] for one in told["stories"]] == [id_] * bool(id_)
        assert [len(one["rows"]) for one in told["unfound"]] == [] if id_ else [{"b": 0, "first": 2}[text]]


def test_what_rows_are_found_by_must_be_right(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    with connect(url) as connection:
        connection.execute("create sequence s")
    text = contract.read_text(encoding="utf-8")
    slips = ("n.nmae", "nextval('s')::text", "n.name = 'x' or (true", "n.name) = 'x' or (true", "unnest(array[n.name])")
    for slip in slips:
        contract.write_text(text.replace("name: n.name", f'name: "{slip}"'), encoding="utf-8")
        code, out, err = call("trace", "--format", "json", "x", url=url, contract=contract)
        assert (code, "c.yaml:14:" in err, json.loads(out)["error"]["kind"]) == (2, True, "contract"), err
        assert "(" in slip or call("trace", "a", url=url, contract=contract).code == 0  # the key is enough
    with connect(url) as connection:
        assert connection.execute("select is_called from s").fetchone() == (False,)


def test_a_way_that_the_schema_has_lost_is_told(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    text = contract.read_text(encoding="utf-8").replace("note: {}", "note: {}\n  far: {columns: {name: text}}")
    contract.write_text(text, encoding="utf-8")
    with connect(url) as connection:
        connection.execute("alter table far drop column name")
    code, _, err = call("backfill", "x", url=url, contract=contract)
    assert (code, "rows cannot be found by far: The column name of public.far does not exist" in err) == (3, True)
    code, out, _ = call("backfill", "a", url=url, contract=contract)
    assert (code, out) == (0, "a  changed: public.note a\n")


def test_letters_of_a_key_mean_what_its_type_says(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    with connect(url) as connection:
        connection.execute("insert into note (id, name) values ('abc', 'small')")
        connection.execute("update note set name = 'other' where id = 'a'")
    assert call("backfill", "ABC", url=url, contract=contract).code == 2
    assert call("trace", "ABC", url=url, contract=contract).code == 2
    with connect(url) as connection:
        assert connection.execute("select count(*) from note where done").fetchone() == (0,)
    # What the contract finds rows by is asked for in small letters too.
    assert call("backfill", "SMALL", url=url, contract=contract).out.startswith("abc  changed")
    with connect(url) as connection:
        connection.execute("create extension citext")
        connection.execute("alter table note alter column id type citext")
    code, out, _ = call("trace", "--format", "json", "C", "c", url=url, contract=contract)
    assert (code, [one["id"] for one in json.loads(out)["stories"]]) == (0, ["c"])


def test_a_row_that_cannot_be_asked_hides_no_other(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("name: n.name", 'name: "n.name::int"'), encoding="utf-8")
    with connect(url) as connection:
        connection.execute("update note set name = number + 100 where id <> 'a'")
        connection.execute("update note set name = 'unknown' where id = 'a'")
    code, out, err = call("trace", "--format", "json", "102", url=url, contract=contract)
    told = json.loads(out)["error"]
    assert (code, told["kind"], told["message"].split(":")[0]) == (3, "database", "rows cannot be found by name")
    assert "unknown" not in err
    # Whether a text is a value is a question of the text alone, whatever the rows hold.
    code, out, _ = call("trace", "--format", "json", "no number", "3.5", url=url, contract=contract)
    assert (code, [one["reason"] for one in json.loads(out)["unfound"]]) == (
        2,
        ["it was looked for as id, number and name of public.note, and no such row is there"] * 2,
    )
    with connect(url) as connection:
        connection.execute("update note set name = 101 where id = 'a'")
    told = json.loads(call("trace", "--format", "json", "102", url=url, contract=contract).out)
    assert [one["id"] for one in told["stories"]] == ["'a'"]


def test_a_row_that_is_named_twice_is_told_once(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    told = json.loads(call("trace", "--format", "json", "a", '"a",', "1", "c", url=url, contract=contract).out)
    assert [one["id"] for one in told["stories"]] == ["a", "c"]
    code, out, _ = call("backfill", "a", '"a",', "1", "nothing", "nothing", url=url, contract=contract)
    assert (code, [line.split()[0] for line in out.splitlines()]) == (2, ["a", "nothing"])


def test_what_comes_along_when_a_text_is_pasted() -> None:
    for text in (" x ", "\u201ex\u201c", "'x',", "\u200bx\ufeff", "<x>", "`x`", "x\r\n", "\u00abx\u00bb;"):
        assert trimmed(text) == "x"
    assert trimmed("-x.") == "-x."
