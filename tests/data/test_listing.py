"""`backfill --list`: every broken row, in every format, as it comes, and nothing but reading."""

from __future__ import annotations

import csv
import io
import itertools
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from marks import thorough
from rows import STUCK, TOP, image, orphans, start
from servers import connect
from sessionaudit.audits.data import queries
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.backfill import broken_rows

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from calling import Calls
    from sessionaudit.contract.model import Contract

# What a spreadsheet, a terminal or a parser of ours may stumble over, and a null beside an empty text.
TEXTS = [
    "plain",
    "a,b",
    'say "x"',
    "two\r\nlines",
    "\x1b[2Jgone",
    "=1+1",
    " blank ",
    "",
    None,
    "\u202eevil",
    "naïve 試",
]
SCHEMA = json.loads((TOP / "schemas" / "list.schema.json").read_text(encoding="utf-8"))
CONTRACT = """version: 1
tables:
  note: {}
invariants:
  note_is_good:
    summary: Every note is good
    each: note n
    where:
      it is: n.id > 0
    has: good g
    "on": g.id = n.id
    since: n.at
    show:
      text: n.text
      reading: current_setting('transaction_read_only')
  pair_is_good:
    summary: Every pair is good
    of: pair
    violations: select a, b from pair where a <> b
    severity: note
  nothing:
    summary: Nothing is wrong
    each: note n
    has: note o
    "on": o.id = n.id
    show: {late: n.at}
"""


@pytest.fixture
def notes(database: str, tmp_path: Path) -> tuple[str, Path]:
    """A table with a text for each trap, the youngest first; one whose key has two columns; and their contract."""
    with connect(database) as connection:
        connection.execute("create table note (id int primary key, at timestamptz, text text)")
        connection.execute("create table good (id int primary key)")
        connection.execute("create table pair (a int, b int, primary key (a, b))")
        connection.execute("insert into pair values (1, 1), (1, 2), (3, 2)")
        for number, text in enumerate(TEXTS, start=1):
            connection.execute("insert into note values (%s, %s::timestamptz - %s * interval '1 day', %s)",
                               (number, "2026-01-31 12:00+00", number, text))  # fmt: skip
        connection.execute("update note set at = null where id = 1")
    path = tmp_path / "contract.yaml"
    path.write_text(CONTRACT, encoding="utf-8")
    return database, path


# Who waits longest comes first, and last of whom it is not known.
ORDER = [*range(len(TEXTS), 1, -1), 1]


def rows_of(text: str, format_: str) -> list[dict[str, Any]]:
    """The rows of note_is_good, whatever spells them."""
    if format_ == "csv":
        table = csv.DictReader(io.StringIO(text, newline=""))
        return [{"key": one["key"], "text": one["text"]} for one in table if one["invariant"] == "note_is_good"]
    if format_ == "jsonl":
        lines = [json.loads(line) for line in text.split("\n")[:-1]]
        found = [one for one in lines if one["invariant"] == "note_is_good"]
    else:
        found = json.loads(text)["invariants"][0]["rows"]
    return [{"key": one["key"], "text": one["show"]["text"]} for one in found]


def test_every_row_comes_as_it_is(notes: tuple[str, Path], tmp_path: Path, call: Calls) -> None:
    url, contract = notes
    file = tmp_path / "list"
    for format_, output in itertools.product(("csv", "jsonl", "json"), (False, True)):
        words = ("--output", str(file)) if output else ()
        code, out, err = call("backfill", "--list", "--format", format_, *words, url=url, contract=contract)
        text = file.read_bytes().decode() if output else out
        texts = [text or "" for text in TEXTS] if format_ == "csv" else TEXTS  # a null is nothing there
        wanted = [{"key": str(number), "text": texts[number - 1]} for number in ORDER]
        assert (code, rows_of(text, format_)) == (1, wanted)
        assert f"{len(TEXTS) + 2} broken rows of 2 invariants." in err
        assert (f"Written to {file}" in err, out == "") == (output, output)
        assert "\x1b" not in text or format_ == "csv"


def test_csv_is_that_of_rfc_4180(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    text = call("backfill", "--list", "--format", "csv", url=url, contract=contract).out
    assert text.startswith("invariant,key,since,text,reading,late\r\n")
    assert 'note_is_good,3,2026-01-28 12:00:00+00,"say ""x""",on,\r\n' in text
    assert 'note_is_good,8,2026-01-23 12:00:00+00,"",on,\r\n' in text  # an empty text
    assert "note_is_good,9,2026-01-22 12:00:00+00,,on,\r\n" in text  # a null
    assert 'pair_is_good,"(1,2)",,,,\r\npair_is_good,"(3,2)",,,,\r\n' in text


def test_json_has_the_number_and_jsonl_one_object_a_line(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    told = json.loads(call("backfill", "--list", "--format", "json", url=url, contract=contract).out)
    jsonschema.validate(told, SCHEMA)
    assert (told["version"], told["count"], told["error"]) == (1, len(TEXTS) + 2, None)
    assert [(one["invariant"], one["count"], one["more"], one["skipped"]) for one in told["invariants"]] == [
        ("note_is_good", len(TEXTS), False, None),
        ("pair_is_good", 2, False, None),
        ("nothing", 0, False, None),
    ]
    assert told["invariants"][1]["rows"][0] == {"key": "(1,2)", "since": None, "show": {}}
    assert told["invariants"][0]["rows"][0]["since"] == "2026-01-20 12:00:00+00"
    # In no transaction in which anything could be written.
    assert {row["show"]["reading"] for row in told["invariants"][0]["rows"]} == {"on"}


def test_a_table_shows_what_cannot_be_seen(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    code, out, err = call("backfill", "--list", url=url, contract=contract)
    assert (code, err) == (1, "")
    assert r"  5    2026-01-26 12:00:00+00  \x1b[2Jgone" in out
    assert r"two\r\nlines" in out
    assert r"\u202eevil" in out
    assert "nothing: Nothing is wrong\n  no row breaks it\n" in out
    assert out.endswith(f"\n{len(TEXTS) + 2} broken rows of 2 invariants.\n")


def test_on_a_terminal_csv_shows_what_cannot_be_seen(
    notes: tuple[str, Path], call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, contract = notes
    monkeypatch.setattr("sessionaudit.cli.backfill.list_writing._width", lambda: 80)
    out = call("backfill", "--list", "--format", "csv", url=url, contract=contract).out
    assert not {"\x1b", "\r", "\u202e"} & set(out)
    assert len(out.splitlines()) == 1 + len(TEXTS) + 2


BOUNDS: list[tuple[tuple[str, ...], list[int], bool]] = [
    (("--limit", "2"), ORDER[:2], True),
    (("--limit", str(len(TEXTS))), ORDER, False),
    (("--since", "2026-01-29 12:00+00"), [2], False),
    (("--since", "2026-01-27", "--limit", "1"), [4], True),
    (("--since", "2027-01-01"), [], False),
]


def test_since_and_limit_bound_the_list(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    for words, keys, more in BOUNDS:
        asked = ("backfill", "--list", "--invariant", "note_is_good", "--format", "json", *words)
        code, out, err = call(*asked, url=url, contract=contract)
        told = json.loads(out)
        assert [row["key"] for row in told["invariants"][0]["rows"]] == [str(key) for key in keys]
        assert (code, told["count"], told["invariants"][0]["more"]) == (int(bool(keys)), len(keys), more)
        assert ("there are more" in err) == more


def test_since_needs_a_time(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    code, _, err = call("backfill", "--list", "--since", "yesterday", url=url, contract=contract)
    assert (code, "--since cannot be used for pair_is_good" in err) == (2, True)


def test_the_demos_rows_are_those_that_check_counts(mended: str, call: Calls) -> None:
    before = image(mended)
    told = json.loads(call("backfill", "--list", "--format", "json", url=mended).out)
    found = {one["invariant"]: one for one in told["invariants"]}
    checked = json.loads(call("check", "--only", "data", "--format", "json", url=mended).out)
    counts = {one["object"].split()[-1]: int(one["actual"].split()[0]) for one in checked["findings"] if one["actual"]}
    assert {name: one["count"] for name, one in found.items() if one["count"]} == counts
    said = {one["message"] for one in checked["findings"] if "` shows all of them." in one["message"]}
    assert len(said) == sum(count > queries.SAMPLE for count in counts.values()) > 0
    first = found["session_has_request"]["rows"][0]
    assert (first["key"], first["since"]) == (STUCK, "2025-10-27 00:38:41+00")
    assert first["show"]["email"] == "maria.petrov@example.com"
    assert image(mended) == before


def test_a_system_without_broken_rows(good: str, call: Calls) -> None:
    code, out, _ = call("backfill", "--list", url=good)
    assert (code, out.splitlines()[-1]) == (0, "No row is broken.")


def test_what_cannot_be_listed_is_never_called_whole(broken: str, call: Calls) -> None:
    for format_ in ("table", "csv", "jsonl", "json"):
        code, out, err = call("backfill", "--list", "--format", format_, url=broken)
        said = out if format_ == "table" else err
        assert (code, "not listed: invariant session_has_request: The column metadata" in said) == (3, True)
        assert "1 broken row of 1 invariant; 8 invariants could not be listed completely." in said
        if format_ == "json":
            assert len({one["invariant"] for one in json.loads(out)["invariants"] if one["skipped"]}) == 8


def test_a_list_that_ends_half_way_tells_so(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    text = contract.read_text(encoding="utf-8")
    # The oldest row comes, those after it cannot be shown.
    contract.write_text(text.replace("text: n.text", "text: 1 / (id - 10)"), encoding="utf-8")
    code, out, _ = call("backfill", "--list", "--format", "json", url=url, contract=contract)
    first, second, _ = json.loads(out)["invariants"]
    assert (code, first["rows"], second["count"]) == (3, [], 2)
    assert "division by zero" in first["skipped"]["reason"]


@pytest.mark.parametrize("format_", ["table", thorough("csv"), thorough("jsonl"), "json"])
def test_a_list_that_is_not_whole_is_no_file(
    notes: tuple[str, Path], tmp_path: Path, call: Calls, format_: str
) -> None:
    url, contract = notes
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("text: n.text", "text: 1 / (id - 10)"), encoding="utf-8")
    file = tmp_path / "list"
    for before in ("before", None):
        file.write_text(before, encoding="utf-8") if before else file.unlink()
        for quiet in ((), ("--quiet",)):
            words = ("backfill", "--list", "--format", format_, "--output", str(file), *quiet)
            code, out, err = call(*words, url=url, contract=contract)
            assert (code, out, "division by zero" in err) == (3, "", True)
            assert f"{file} was not written: the list would be incomplete." in " ".join(err.split())
            assert (file.read_text(encoding="utf-8") if file.exists() else None) == before
    assert {one.name for one in tmp_path.iterdir()} == {"contract.yaml"}
    # What goes to a stream is told as failed beside it.
    code, out, err = call("backfill", "--list", "--format", format_, url=url, contract=contract)
    assert (code, "division by zero" in (out if format_ == "table" else err)) == (3, True)
    code, out, err = call("backfill", "--list", "--quiet", url=url, contract=contract)
    assert (code, out, "division by zero" in err) == (3, "", True)


def test_a_list_that_is_interrupted_is_an_object_still(
    notes: tuple[str, Path], call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, contract = notes
    whole = broken_rows.texts

    def interrupted(cursor: psycopg.Cursor[Any]) -> list[tuple[str | None, ...]]:
        rows = whole(cursor)
        if rows[0][0] == "1":  # the last piece
            raise KeyboardInterrupt
        return rows

    monkeypatch.setattr(broken_rows, "PIECE", len(TEXTS) - 1)
    monkeypatch.setattr(broken_rows, "texts", interrupted)
    code, out, _ = call("backfill", "--list", "--format", "json", url=url, contract=contract)
    told = json.loads(out)
    jsonschema.validate(told, SCHEMA)
    assert (code, told["error"]["kind"], len(told["invariants"])) == (130, "interrupted", 1)
    assert len(told["invariants"][0]["rows"]) == len(TEXTS) - 1


SLIPS = ("n.txet", "nextval('s')", "n.text) from note n; commit; drop table note; select (1")


def test_what_is_shown_is_an_expression_that_only_reads(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    with connect(url) as connection:
        connection.execute("create sequence s")
    text = contract.read_text(encoding="utf-8")
    for slip, format_ in itertools.product(SLIPS, ("table", "json")):
        contract.write_text(text.replace("n.text", f'"{slip}"'), encoding="utf-8")
        code, out, err = call("backfill", "--list", "--format", format_, url=url, contract=contract)
        assert (code, "contract.yaml:14:" in err) == (2, True), err
        if format_ == "json":  # whole, though it ends before its time
            told = json.loads(out)["error"]
            assert (told["location"]["line"], told["exit_code"]) == (14, 2)
    with connect(url) as connection:
        assert connection.execute("select count(*) from note").fetchone() == (len(TEXTS),)
        assert connection.execute("select is_called from s").fetchone() == (False,)


def test_a_label_that_every_list_has_is_refused(notes: tuple[str, Path], call: Calls) -> None:
    url, contract = notes
    contract.write_text(contract.read_text(encoding="utf-8").replace("text: n.text", "key: n.text"), encoding="utf-8")
    code, _, err = call("backfill", "--list", url=url, contract=contract)
    assert (code, "contract.yaml:14:" in err, "already has a column “key”" in err) == (2, True, True)


def test_rows_come_in_pieces(mended: str, contract: Contract) -> None:
    """Memory holds one piece, however many rows there are."""
    orphans(mended, 2 * broken_rows.PIECE)
    invariant = next(one for one in contract.invariants if one.name == "session_has_request")
    with connect(mended) as connection:
        table = tables(connection, [invariant.each.path])[invariant.each.path]
        pieces = broken_rows.rows(connection, contract, invariant, table, (), timeout=30)
        sizes = [len(rows) for rows in pieces]
    assert sizes == [broken_rows.PIECE, broken_rows.PIECE, 3]


def test_a_file_is_there_whole_or_not_at_all(notes: tuple[str, Path], tmp_path: Path, call: Calls) -> None:
    url, contract = notes
    file = tmp_path / "list.csv"
    file.write_text("before", encoding="utf-8")
    link = tmp_path / "link.csv"
    link.symlink_to(file)
    file.chmod(0o600)
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("select a, b from pair", "select a, c from pair"), encoding="utf-8")
    words = ("backfill", "--list", "--format", "csv", "--output", str(link))
    assert call(*words, url=url, contract=contract).code == 2
    assert file.read_text(encoding="utf-8") == "before"
    contract.write_text(text, encoding="utf-8")
    assert call(*words, url=url, contract=contract).code == 1
    assert (link.is_symlink(), file.stat().st_mode & 0o777) == (True, 0o600)
    assert file.read_text(encoding="utf-8").startswith("invariant,key,")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contract.yaml", "link.csv", "list.csv"]


def test_a_reader_that_has_seen_enough(mended: str) -> None:
    orphans(mended, 2000)
    listed = start("backfill", "--list", "--format", "jsonl", url=mended)
    assert listed.stdout is not None
    assert listed.stderr is not None
    assert json.loads(listed.stdout.readline())["invariant"] == "request_has_session"
    listed.stdout.close()
    with listed.stderr:
        assert (listed.wait(60), listed.stderr.read()) == (1, "")


def test_csv_and_jsonl_are_for_lists(call: Calls) -> None:
    code, _, err = call("backfill", STUCK, "--format", "csv", url="host=127.0.0.1 port=1")
    assert (code, "--format csv is for lists" in err) == (2, True)
