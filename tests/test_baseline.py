"""A baseline accepts what was there on a day, and nothing else; its file is refused at the place of a mistake."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from calling import Calls
from caserunner import make_roles
from reported import WAIVER, finding, report
from servers import connect
from sessionaudit.baseline import reading, writing
from sessionaudit.baseline.judging import judged_by
from sessionaudit.cli.asked_baseline import AskedBaseline
from sessionaudit.core.finding import Severity, Skipped
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.core.report import Unproven
from sessionaudit.errors import FileError
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template
    from servers import DatabaseServer
    from sessionaudit.core.baseline import Baseline
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

TODAY = dt.date(2026, 11, 27)
COLUMN = finding("missing-column", "column", "public/t/a", "int", None)
TYPE = finding("column-type", "column", "public/t/b", "int", "text")
ROWS = replace(finding("orphaned-rows", "invariant", "waits", "x", "43 rows"), rows=43, audit="data")


def whole(*findings: Finding) -> Report:
    """A report that examined everything."""
    told = report(*findings)
    return replace(told, outcomes=tuple(replace(one, whole=True, checked={one.noun: 9}) for one in told.outcomes))


def baseline(
    told: Report, tmp_path: Path, *, before: Baseline | None = None, edited: tuple[str, str] = ("", "")
) -> Baseline:
    """The baseline of a report, as it is read from its file."""
    file = tmp_path / "baseline.yaml"
    text = writing.written(told, before, TODAY).text
    assert edited[0] in text
    file.write_text(text.replace(*edited) if edited[0] else text, encoding="utf-8")
    return reading.read(file)


def judged(told: Report, known: Baseline) -> tuple[set[str], set[str], str]:
    """The rules of what counts and of what is accepted, and what is said."""
    result = judged_by(told, known, "RENEW", TODAY)
    rules = [{one.rule.name for one in some} for some in (result.findings, [one for one, _ in result.accepted])]
    return rules[0], rules[1], "; ".join(result.remarks)


def test_what_was_there_is_accepted_and_what_is_new_counts(tmp_path: Path) -> None:
    known = baseline(whole(TYPE, ROWS), tmp_path)
    assert judged(whole(TYPE, ROWS), known) == (set(), {"column-type", "orphaned-rows"}, "")
    assert judged(whole(TYPE, ROWS, COLUMN), known)[0] == {"missing-column"}
    worded = replace(TYPE, message="It reads differently now.")
    assert judged(whole(worded, ROWS), known)[1] == {"column-type", "orphaned-rows"}


def test_what_became_worse_counts(tmp_path: Path) -> None:
    known = baseline(whole(replace(TYPE, severity=Severity.NOTE), ROWS), tmp_path)
    counts, accepted, said = judged(whole(TYPE, replace(ROWS, rows=1044)), known)
    assert (counts, accepted) == ({"column-type", "orphaned-rows"}, set())
    assert "accepts SA204 column-type of column public.t.b as a note: it is an error now, and counts" in said
    assert "as 43 rows: it is 1,044 now, and counts" in said
    milder = judged(whole(replace(TYPE, severity=Severity.NOTE), replace(ROWS, rows=1)), known)
    assert milder == (set(), {"column-type", "orphaned-rows"}, "")


LONG = "begin\n  perform 1;" + " perform 2;" * 100 + "\nend"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("text", "varchar(4)", "as “text”: it is “varchar(4)” now, and counts"),
        ("text", None, "as “text”: it is nothing now, and counts"),
        (LONG, f"{LONG} ", "…"),
        ("tëxt\u202e: '#{", "tëxt", "as “tëxt"),
        ("a\udcffb", "a\udcfeb", "it is"),
    ],
)
def test_what_is_otherwise_now_counts(was: str, now: str | None, said: str, tmp_path: Path) -> None:
    """Whatever the message says, and though the severity is the same."""
    before = replace(TYPE, facet="type", actual=was)
    known = baseline(whole(before), tmp_path)
    assert judged(whole(before), known) == (set(), {"column-type"}, "")
    counts, accepted, told = judged(whole(replace(before, actual=now)), known)
    assert (counts, accepted) == ({"column-type"}, set())
    assert said in told
    assert writing.written(whole(replace(before, actual=now)), known, TODAY).changed == 1
    assert len(max(Path(known.file).read_text(encoding="utf-8").splitlines(), key=len)) < 400


def test_an_unexpected_object_is_accepted_as_it_is_defined(tmp_path: Path) -> None:
    policy = replace(
        finding("unexpected-policy", "policy", "public/t/p", None, "policy"), definition="p: {for: select}"
    )
    known = baseline(whole(policy), tmp_path)
    assert judged(whole(policy), known)[2] == ""
    assert judged(whole(replace(policy, definition="p: {for: all}")), known)[0] == {"unexpected-policy"}


def test_of_rows_the_number_decides(tmp_path: Path) -> None:
    known = baseline(whole(ROWS), tmp_path)
    assert judged(whole(replace(ROWS, actual="43 rows: of others")), known) == (set(), {"orphaned-rows"}, "")
    step = replace(TYPE, rule=RULES["step-other-values"], actual="id: “1”")
    known = baseline(whole(step), tmp_path)
    assert judged(whole(replace(step, actual="id: “2”")), known) == (set(), {"step-other-values"}, "")
    known = baseline(whole(ROWS), tmp_path, edited=("    rows: 43\n", ""))
    assert judged(whole(ROWS), known)[::2] == (
        {"orphaned-rows"},
        f"{known.file} accepts SD001 orphaned-rows of invariant waits as 0 rows: it is 43 now, and counts",
    )


def test_of_several_that_share_a_fingerprint_those_that_are_as_before_are_accepted(tmp_path: Path) -> None:
    other = replace(TYPE, actual="varchar(4)")
    known = baseline(whole(TYPE, other), tmp_path)
    worded = [replace(one, message="It reads differently.") for one in (other, TYPE)]
    assert judged(whole(*worded), known) == (set(), {"column-type"}, "")


def test_a_file_that_does_not_say_how_things_were_accepts_them_and_says_so(tmp_path: Path) -> None:
    facet = replace(TYPE, facet="type")
    known = baseline(whole(facet, COLUMN, ROWS), tmp_path)
    old = tuple(replace(one, actual=None) for one in known.entries)
    counts, _, said = judged(whole(replace(facet, actual="boolean"), COLUMN, ROWS), replace(known, entries=old))
    assert counts == set()
    assert said == (
        f"of {known.file}, 1 entry without “actual” cannot say how it was, so whether it changed is not known. "
        "To write it anew: `RENEW`"
    )


@pytest.mark.parametrize(
    "edited",
    [
        ("column public.t.b", "column public.t.harmless"),
        ("SA204 column-type", "SA205 column-nullability"),
        ("audit: schema", "audit: code"),
    ],
)
def test_an_entry_accepts_nothing_but_what_it_says(edited: tuple[str, str], tmp_path: Path) -> None:
    """Whoever reviews the file reads the object, and not the fingerprint."""
    if edited[0] != "audit: schema":
        with pytest.raises(FileError, match="the fingerprint is not that of"):
            baseline(whole(TYPE), tmp_path, edited=edited)
    known = baseline(whole(TYPE), tmp_path)
    file = Path(known.file)
    lines = [one for one in file.read_text(encoding="utf-8").splitlines() if "actual:" not in one]
    file.write_text("\n".join(lines).replace(*edited), encoding="utf-8")
    with pytest.raises(FileError, match=r"its fingerprint accepts SA204 column-type of column public\.t\.b") as raised:
        judged(whole(TYPE), reading.read(file))
    assert raised.value.location is not None
    assert (raised.value.exit_code, raised.value.location.line > 5) == (2, True)


def test_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    call = replace(TYPE, ref=ObjectRef("call", (Spelled("a\udcffb.ts"), "x")), message="a\udcff", actual="\udcfe")
    known = baseline(whole(call), tmp_path)
    assert judged(whole(call), known) == (set(), {"column-type"}, "")
    other = replace(call, ref=ObjectRef("call", (Spelled("a\udcfeb.ts"), "x")))
    assert judged(whole(other), known)[0] == {"column-type"}


def test_an_entry_ends_with_its_day(tmp_path: Path) -> None:
    line = "    severity: error\n"
    for until, counts in ((TODAY, set[str]()), (TODAY - dt.timedelta(days=1), {"column-type"})):
        known = baseline(whole(TYPE), tmp_path, edited=(line, f"{line}    until: {until}\n"))
        result = judged(whole(TYPE), known)
        assert result[0] == counts
        assert ("1 entry ended, and what they accepted counts again: SA204 column-type" in result[2]) is bool(counts)


def test_two_that_share_a_fingerprint_are_two(tmp_path: Path) -> None:
    known = baseline(whole(TYPE), tmp_path)
    result = judged_by(whole(replace(TYPE, message="the new one"), TYPE), known, "RENEW", TODAY)
    assert [one.message for one in result.findings] == ["the new one"]


def test_what_is_gone_is_told_only_where_it_was_looked_for(tmp_path: Path) -> None:
    known = baseline(whole(TYPE, ROWS, COLUMN), tmp_path)
    told = whole(ROWS, COLUMN)
    said = judged(told, known)[2]
    assert (
        "1 entry is no longer found: SA204 column-type of column public.t.b. To take out what is gone: `RENEW`" in said
    )
    schema, data = told.outcomes
    unlike = (
        replace(told, selected=("--only schema",)),
        replace(told, outcomes=(replace(schema, skipped=(Skipped("x", "y"),)), data)),
        replace(told, outcomes=(replace(schema, whole=False), data)),
        replace(told, outcomes=(replace(schema, unproven=(Unproven(frozenset({RULES["column-type"]}), "y"),)), data)),
        replace(told, outcomes=(data,)),
    )
    for one in unlike:
        assert judged(one, known) == (set(), {"orphaned-rows", "missing-column"}, "")
    limited = baseline(replace(whole(TYPE, ROWS), selected=("--only schema",)), tmp_path)
    assert limited.options == ("--only schema",)
    assert "1 entry is no longer found" in judged(replace(whole(ROWS), selected=("--only schema",)), limited)[2]
    assert judged(replace(whole(ROWS), selected=("--only data",)), limited)[2] == ""
    known = baseline(whole(TYPE, ROWS, COLUMN), tmp_path)
    assert judged(replace(told, waived=((TYPE, WAIVER),)), known)[2] == ""  # it is still there
    assert "nothing of" in judged(whole(), known)[2]
    assert "it was written for the contract expected_schema.yaml and the database shop" in judged(whole(), known)[2]


def test_what_is_not_certain_is_never_accepted(tmp_path: Path) -> None:
    perhaps = replace(TYPE, barred=Skipped("check a", "no right"))
    written = writing.written(whole(perhaps), None, TODAY)
    assert (written.total, written.perhaps) == (0, 1)
    known = baseline(whole(TYPE), tmp_path)
    assert judged(whole(perhaps), known)[:2] == ({"column-type"}, set())


def test_written_anew_it_keeps_what_people_wrote(tmp_path: Path) -> None:
    line = "    severity: error\n"
    until = f"{line}    until: 2027-03-31\n    reason: 'until: the #1 enum lands'\n"
    before = baseline(whole(TYPE), tmp_path, edited=(line, until))
    again = baseline(whole(COLUMN, TYPE), tmp_path, before=before)
    assert [(one.rule, str(one.until), one.reason) for one in again.entries] == [
        ("SA201 missing-column", "None", ""),
        ("SA204 column-type", "2027-03-31", "until: the #1 enum lands"),
    ]
    gone = writing.written(whole(COLUMN), again, TODAY)
    assert (gone.total, gone.gone, gone.kept) == (1, 1, 0)
    limited = writing.written(replace(whole(), selected=("--only data",)), again, TODAY)
    assert (limited.total, limited.gone, limited.kept) == (2, 0, 2)
    assert "options:" not in limited.text  # what is kept was found without them


def test_the_text_tells_nothing_of_the_call(tmp_path: Path) -> None:
    odd = "It\nis `sessionaudit backfill --all -d postgresql://app@db.internal/shop`: \u202e'\"#{x}: - [y]"
    known = baseline(whole(replace(TYPE, message=odd)), tmp_path)
    text = Path(known.file).read_text(encoding="utf-8")
    assert not {"db.internal", "\u202e"} & {word for word in ("db.internal", "\u202e") if word in text}
    assert known.entries[0].message == "It is `sessionaudit backfill`: \u202e'\"#{x}: - [y]"
    assert text == writing.written(whole(replace(TYPE, message=odd)), known, TODAY).text
    assert judged(whole(replace(TYPE, message=odd.replace("app@", "other@"))), known)[1] == {"column-type"}


ENTRY = "findings:\n  - {fingerprint: 0123456789abcdef, rule: SA204 column-type, audit: schema, object: column a.b.c"
END = ", severity: error, message: x}\n"
BAD: dict[str, tuple[str, str]] = {
    "nothing": ("", ":1:1: the baseline is empty"),
    "a list": ("- a\n", ":1:1: a baseline is a mapping that begins with “version: 1”"),
    "no baseline": ("a: b\n", ":1:1: this is no baseline: it has neither “version” nor “findings”"),
    "no version": ("findings: []\n", ":1:1: “version” is missing"),
    "newer": (
        "version: 2\nfindings: []\n",
        ":1:10: the baseline has the version “2”, and this program reads version 1",
    ),
    "a contract": ("version: 1\ntables: {}\n", ":1:1: this is a contract, not a baseline"),
    "no findings": ("version: 1\n", ":1:1: “findings” is missing"),
    "a key": ("version: 1\nfinding: []\n", ":2:1: unknown key “finding” in a baseline"),
    "a tab": ("version: 1\n\tfindings: []\n", ":2:1: not valid YAML"),
    "a mapping": ("version: 1\nfindings: {a: b}\n", ":2:11: expected a list of findings, found a mapping"),
    "lacking": (
        "version: 1\nfindings:\n  - {rule: x}\n",
        ":3:5: a finding of a baseline needs “fingerprint” and “audit”",
    ),
    "fingerprint": (
        f"version: 1\n{ENTRY.replace('0123456789abcdef', 'xyz')}{END}",
        ":3:19: expected a fingerprint of 16",
    ),
    "rule": (
        f"version: 1\n{ENTRY.replace('SA204 column-type', 'column-type')}{END}",
        "expected a code and a rule such as",
    ),
    "slip": (f"version: 1\n{ENTRY.replace('column-type', 'colum-type')}{END}", "unknown rule “SA204 colum-type”"),
    "code": (f"version: 1\n{ENTRY.replace('SA204', 'SA205')}{END}", "the code of column-type is SA204"),
    "severity": (
        f"version: 1\n{ENTRY}{END.replace('error', 'fatal')}",
        "expected one of note, warning, error; found “fatal”",
    ),
    "date": (f"version: 1\n{ENTRY}, until: soon{END}", "expected a date such as 2027-03-31, found “soon”"),
    "rows": (
        f"version: 1\n{ENTRY.replace('0123456789abcdef', '459583a1688898f8')}, rows: -1{END}",
        "expected a number of rows, found “-1”",
    ),
    "object": (
        f"version: 1\n{ENTRY}, actual: text{END}",
        ":3:19: the fingerprint is not that of SA204 column-type of column a.b.c, so the entry would accept something",
    ),
    "facet": (f"version: 1\n{ENTRY}, facet: type{END}", "is not that of SA204 column-type of column a.b.c (type)"),
    "list": (f"version: 1\n{ENTRY}, reason: [a]{END}", "expected a text for “reason”, found a list"),
    "twice": (f"version: 1\n{ENTRY}, object: x{END}", "duplicate key “object”"),
    "options": ("version: 1\noptions: a\nfindings: []\n", ":2:10: expected a list of options, found “a”"),
    "alias": ("version: 1\nfindings: &a []\n", ":2:11: the anchor &a is not allowed"),
    "deep": (f"version: 1\nfindings: {'[' * 50}{']' * 50}\n", "nested deeper than 16 levels"),
    "control": ("version: 1\nfindings: \x1b\n", ":2:11: not valid YAML: the character U+001B is not allowed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    text, wanted = BAD[name]
    file = tmp_path / "baseline.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as raised:
        reading.read(file)
    assert wanted in str(raised.value)
    assert raised.value.location is not None
    assert raised.value.exit_code == 2
    assert "contract" not in raised.value.hint


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for file, wanted in (
        (tmp_path / "none", "does not exist"),
        (tmp_path, "Is a directory"),
        (Path("a\0b"), "not a file"),
    ):
        with pytest.raises(FileError, match=wanted):
            reading.read(file)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


def test_an_old_database_starts_today(
    template: Template,
    make_database: MakeDatabase,
    tmp_path: Path,
    call: Calls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the first baseline to the last entry, with each format, through the command line."""
    monkeypatch.chdir(tmp_path)
    url = make_database(template("two columns", ["create table public.t (id int not null, b text)"]))
    contract = tmp_path / "expected_schema.yaml"
    contract.write_text(
        "version: 1\ntables: {t: {columns: {id: int not null, b: int, gone: text}}}\n", encoding="utf-8"
    )
    known = tmp_path / "baseline.yaml"

    written = call("check", "--write-baseline", str(known), url=url, contract=contract)
    assert (written.code, written.out) == (0, "")
    assert f"2 findings written to {known} (2 new)" in written.err
    assert url.rpartition("@")[2].partition("/")[0] not in known.read_text(encoding="utf-8")
    first = known.read_bytes()
    assert call("check", "--write-baseline", str(known), url=url, contract=contract).code == 0
    assert known.read_bytes() == first

    names = ("json", "sarif", "junit", "github", "gitlab", "markdown", "openmetrics", "table")
    places = [f"--format={name}={tmp_path / name}" for name in names]
    checked = call("check", "--baseline", str(known), *places, "--verbose", url=url, contract=contract)
    texts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in names}
    assert (checked.code, checked.err.count("warning")) == (0, 0), checked.err
    assert texts["table"].startswith(
        "Accepted by the baseline\n  error SA201 missing-column of column public.t.gone, accepted"
    )
    said = " ".join(texts["table"].split())
    assert "Nothing new: 4 objects in " in said
    assert "(2 accepted by the baseline)" in said
    assert not [name for name in names if "Clean" in texts[name]]
    told = json.loads(texts["json"])
    assert (told["findings"], told["summary"]["accepted"], len(told["accepted"])) == ([], 2, 2)
    results = json.loads(texts["sarif"])["runs"][0]["results"]
    assert {one["suppressions"][0]["status"] for one in results} == {"accepted"}
    assert results[0]["suppressions"][0]["location"]["physicalLocation"]["artifactLocation"]["uri"] == "baseline.yaml"
    suites = ET.fromstring(texts["junit"])
    assert (suites.get("failures"), suites.get("skipped")) == ("0", "2")
    assert texts["github"].count("::error") == 0
    assert json.loads(texts["gitlab"]) == []
    assert "Accepted by the baseline" in texts["markdown"]
    assert "sessionaudit_accepted{" in texts["openmetrics"]

    with connect(url) as connection:
        connection.execute("alter table public.t add gone text; alter table public.t drop id")
    checked = call("check", "--baseline", str(known), url=url, contract=contract)
    assert checked.code == 1
    assert "missing-column  id" in checked.out
    assert "1 error in " in checked.out
    line = f"sessionaudit check --write-baseline {known} -d "
    assert "1 entry is no longer found: SA201 missing-column of column public.t.gone." in checked.err
    assert line in checked.err

    repaired = call("repair", url=url, contract=contract)
    assert "alter column" in repaired.out.lower() or "integer" in repaired.out  # of what is accepted too
    refused = call("check", "--write-baseline", str(contract), url=url, contract=contract)
    assert refused.code == 2
    assert "this is a contract, not a baseline" in refused.err
    assert "--write-baseline replaces only a baseline: name another file." in refused.err


def test_the_command_to_write_it_anew_has_no_password(tmp_path: Path) -> None:
    known = baseline(whole(TYPE, ROWS), tmp_path)
    CALLING.forget()
    CALLING.command, CALLING.takes = "check", None
    CALLING.given = {
        "against": ("--against", "postgresql://app:s3cret@db/shop"),
        "baseline": ("--baseline", known.file),
        "only": ("--only", "public.t"),
        "verbose": ("--verbose",),
    }
    told = AskedBaseline(known, None, None).judge(whole(ROWS))
    CALLING.forget()
    line = f"`sessionaudit check --write-baseline {known.file} --against postgresql://app@db/shop --only public.t`"
    assert line in told.remarks[0]


def test_access_that_grows_is_new(
    template: Template, make_database: MakeDatabase, tmp_path: Path, call: Calls, server: DatabaseServer
) -> None:
    """Each of these is told by the same rule, object and facet as before."""
    make_roles(server.url)
    one, two = "case_reader", "case_writer"
    url = make_database(
        template(
            "what grows",
            [
                "create table t (id int, b int); alter table t enable row level security",
                f"create policy extra on t for select to {one} using (id = 1); grant select, insert on t to {one}",
                "create function f() returns int language sql as 'select 1'; revoke all on function f() from public",
                f"grant execute on function f() to {one}; create view v as select id from t",
                f"create schema e; grant create on schema e to {one}",
            ],
        )
    )
    contract = tmp_path / "expected_schema.yaml"
    contract.write_text(
        "version: 1\n"
        f"tables: {{t: {{row_security: enabled, policies: {{}}, grants: {{{one}: [select]}}, "
        f"access: {{{one}: {{select: none}}}}}}}}\n"
        "functions: {f(): {definition: returns int language sql as 'select 0', grants: {case_login: [execute]}}}\n"
        "views: {v: {query: select b as id from t}}\n"
        "schemas: {e: {grants: {case_login: [usage]}}}\n",
        encoding="utf-8",
    )
    known = tmp_path / "baseline.yaml"
    assert call("check", "--write-baseline", str(known), url=url, contract=contract).code == 0
    checked = call("check", "--baseline", str(known), "--fail-on", "note", url=url, contract=contract)
    assert (checked.code, checked.err) == (0, ""), checked.out
    with connect(url) as connection:
        connection.execute(
            "drop policy extra on t; create policy extra on t for all using (true);"
            f"grant delete, truncate, update on t to {one};"
            "create or replace function f() returns int language sql as 'select 2';"
            f"grant execute on function f() to {two}; create or replace view v as select 7 as id;"
            f"grant create on schema e to {two}"
        )
    checked = call(
        "check", "--baseline", str(known), "--fail-on", "note", "--format", "json", url=url, contract=contract
    )
    told = json.loads(checked.out)
    assert checked.code == 1
    assert told.get("accepted", []) == []
    wanted = {"SA512", "SA524", "SA604", "SA612", "SA234", "SA167", "SB002"}
    assert {one["code"] for one in told["findings"]} >= wanted


def test_a_baseline_that_is_a_cycle_of_links(tmp_path: Path, call: Calls) -> None:
    file = tmp_path / "loop.yaml"
    file.symlink_to(file.name)
    said = call("check", "--baseline", str(file), url="postgresql://nobody@127.0.0.1:1/x")
    assert (said.code, "Too many levels of symbolic links" in " ".join(said.err.split())) == (2, True), said.err
