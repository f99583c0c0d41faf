"""What differs between two reports: nothing is new or gone that only one of them looked for."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from msgspec.structs import replace
from typer.main import get_command

from reported import ACCEPTED, CLEAN, HOSTILE, KNOWN, LINKED, WAIVER, finding, report
from sessionaudit.cli.app import app
from sessionaudit.core.difference import FAILING, FindingChange, ReportDifference, difference
from sessionaudit.core.finding import Severity, Skipped
from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.core.report import Outcome, Searched
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS as OF_REPORTS
from sessionaudit.report.formats.difference import FORMATS

if TYPE_CHECKING:
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "difference.schema.json").read_text(encoding="utf-8"))
JSON = next(one for one in OF_REPORTS if one.name == "json")
BY_NAME = {one.name: one for one in FORMATS}
A = finding("missing-column", "column", "public/t/a", "int", None)
B = finding("column-type", "column", "public/t/b", "int", "text")
C = finding("unexpected-column", "column", "public/t/c", None, "text")
ROWS = replace(finding("orphaned-rows", "invariant", "waits", "x", "43 rows"), rows=43, audit="data")


def whole(*findings: Finding) -> Report:
    told = report(*findings)
    return replace(told, outcomes=tuple(replace(one, whole=True, checked={one.noun: 9}) for one in told.outcomes))


def compared(older: Report, newer: Report) -> ReportDifference:
    return difference(older, newer, ("old.json", "new.json"), Severity.ERROR)


def changes(older: Report, newer: Report) -> dict[str, set[str]]:
    """The rules of the findings, by what became of them."""
    found = compared(older, newer)
    told = {change.name.lower(): {one.finding.rule.name for one in found.of(change)} for change in FindingChange}
    return {change: rules for change, rules in told.items() if rules}


def test_what_is_new_gone_and_unchanged() -> None:
    assert changes(whole(A, B), whole(B, C)) == {
        "new": {"unexpected-column"},
        "gone": {"missing-column"},
        "unchanged": {"column-type"},
    }


def test_what_is_worse_or_milder() -> None:
    more, note = replace(ROWS, rows=44), replace(B, severity=Severity.NOTE)
    assert changes(whole(ROWS, note), whole(more, B)) == {"worse": {"orphaned-rows", "column-type"}}
    assert changes(whole(more, B), whole(ROWS, note)) == {"milder": {"orphaned-rows", "column-type"}}
    assert changes(whole(B), whole(replace(B, message="in other words"))) == {"unchanged": {"column-type"}}


def test_what_is_otherwise_now_is_changed_and_fails() -> None:
    """Rows are not: their number counts."""
    other, milder = replace(B, actual="varchar(4)"), replace(B, actual="boolean", severity=Severity.WARNING)
    assert changes(whole(B), whole(other)) == {"changed": {"column-type"}}
    assert changes(whole(B), whole(milder)) == {"changed": {"column-type"}}
    assert changes(whole(ROWS), whole(replace(ROWS, actual="43 rows: others"))) == {"unchanged": {"orphaned-rows"}}
    for now, fails in ((other, True), (milder, False)):
        page = compared(whole(B), whole(now))
        assert page.fails(*FAILING) is fails
        for one in FORMATS:
            text = one.render(page, Canvas(80))
            assert "text" in text
            assert str(now.actual) in text


def test_what_came_from_stdin_is_named_so_and_printed_from_there() -> None:
    part = replace(whole(B).outcomes[0], skipped=(Skipped("x", "y"),))
    page = difference(whole(B), replace(whole(B), outcomes=(part,)), ("old.json", "-"), Severity.ERROR)
    said = " ".join(FORMATS[0].render(page, Canvas(80)).split())
    assert ", then stdin" in said
    assert "In stdin, 1 part could not be checked." in said


def test_what_is_accepted_now_is_not_gone() -> None:
    waived = replace(whole(), waived=((ACCEPTED, WAIVER),))
    assert changes(whole(ACCEPTED), waived) == {"accepted": {"column-type"}}
    assert changes(waived, whole(ACCEPTED)) == {"new": {"column-type"}}


def test_what_only_one_looked_for_is_not_known() -> None:
    full = whole(A, ROWS)
    schema, data = full.outcomes
    limited = (
        replace(full, findings=(ROWS,), selected=("--only data",)),
        replace(full, findings=(ROWS,), outcomes=(replace(schema, whole=False), data)),
        replace(full, findings=(ROWS,), outcomes=(replace(schema, skipped=(Skipped("x", "y"),)), data)),
        replace(full, findings=(ROWS,), outcomes=(data,)),
    )
    for one in limited[1:]:
        assert changes(full, one) == {"unknown": {"missing-column"}, "unchanged": {"orphaned-rows"}}
        assert changes(one, full) == {"unseen": {"missing-column"}, "unchanged": {"orphaned-rows"}}
    assert changes(full, limited[0])["unknown"] == {"missing-column"}
    alike = replace(full, selected=("--only data",))
    assert changes(alike, limited[0])["gone"] == {"missing-column"}


def test_what_the_contract_names_no_more_is_not_known() -> None:
    told = whole()
    schema, data = told.outcomes
    nothing = replace(told, outcomes=(schema, replace(data, checked={})))
    assert changes(whole(A, ROWS), nothing) == {"gone": {"missing-column"}, "unknown": {"orphaned-rows"}}
    table, other = ObjectRef("table", ("public", "t")), ObjectRef("table", ("public", "other"))
    holding = replace(told, outcomes=(replace(schema, looked_at=lambda: [table]), data))
    without = replace(told, outcomes=(replace(schema, looked_at=lambda: [other]), data))
    assert changes(whole(A), holding) == {"gone": {"missing-column"}}
    assert changes(whole(A), without) == {"unknown": {"missing-column"}}


def test_a_call_in_a_file_that_is_deleted_is_gone_if_its_directory_was_searched() -> None:
    def read(*files: str, below: str = "src/", passed_over: tuple[str, ...] = ()) -> Report:
        told = whole(*calls)
        refs = tuple(ObjectRef("call", (Spelled(file),)) for file in files)
        code = Outcome(
            audit="code",
            noun="call",
            checked={"call": 9},
            whole=True,
            looked_at=lambda: refs,
            searched=Searched((below,), passed_over),
        )
        return replace(told, outcomes=(*told.outcomes, code))

    ref = ObjectRef("call", (Spelled("src/a b.ts"), Spelled(" select t")))
    one = replace(finding("unknown-column", "call", "x", None, None), ref=ref, audit="code")
    calls: tuple[Finding, ...] = (one,)
    older, calls = read("src/a b.ts", "src/c.ts"), ()
    gone, unknown = {"gone": {"unknown-column"}}, {"unknown": {"unknown-column"}}
    assert changes(older, read("src/a b.ts", "src/c.ts")) == gone  # the file is there, and the call was put right
    assert changes(older, read("src/c.ts")) == gone
    assert changes(older, read("src/c.ts", below="")) == gone
    assert changes(older, read("src/c.ts", below="src/lib/")) == unknown
    assert changes(older, read("src/c.ts", passed_over=("src/a b.ts",))) == unknown
    assert changes(older, read("src/c.ts", below="", passed_over=("src/",))) == unknown
    for above in ("../src/a.ts", "/src/a.ts"):
        searched = Searched(("", "lib/"))
        assert not searched.misses(f"{above} select t"), "the current directory was searched, and it is not there"
        assert Searched((above[: -len("a.ts")],)).misses(f"{above} select t")


def test_report_diff_has_a_help_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    for words in (("report", "diff", "--help"), ("help", "report", "diff")):
        with pytest.raises(SystemExit) as ended:
            get_command(app).main([*words], prog_name="sessionaudit")
        assert not ended.value.code
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert "sessionaudit report diff [OPTIONS] OLDER NEWER" in told[0]
    assert "--flat" not in told[0]
    assert "junit" not in told[0]
    assert "3 it is not known what became of a finding" in " ".join(told[0].split())


@pytest.mark.parametrize("name", BY_NAME)
def test_each_format_tells_all_of_it(name: str) -> None:
    older = replace(
        whole(A, B, replace(C, message=f"It is {HOSTILE}\u0085.")), began=dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    )
    newer = replace(whole(B, replace(ROWS, message=HOSTILE), LINKED.findings[-1]), contract=HOSTILE)
    text = BY_NAME[name].render(compared(older, newer), Canvas(80, verbose=True))
    for one in (A, C, ROWS, LINKED.findings[-1]):
        assert one.rule.code in text
    assert not {"\x1b", "\u202e", "\u0085"} & set(text)
    assert "2026-11-27" in text
    if name == "json":
        told = json.loads(text)
        jsonschema.validate(told, SCHEMA)
        assert told["summary"] == {
            "new": 2,
            "worse": 0,
            "changed": 0,
            "unseen": 0,
            "milder": 0,
            "accepted": 0,
            "gone": 2,
            "unknown": 0,
            "unchanged": 1,
        }


def test_lines_of_the_table_fit() -> None:
    found = compared(replace(KNOWN, outcomes=whole().outcomes), whole(A, B, ROWS))
    for width in (60, 80, 140):
        text = BY_NAME["table"].render(found, Canvas(width))
        assert [line for line in text.splitlines() if len(line) > width and len(max(line.split(), key=len)) < 25] == []
        assert "Gone\n" in text or "Not known" in text


def test_many_findings_fit_a_comment() -> None:
    many = [finding("missing-column", "column", f"public/t/column_{place}", "int", None) for place in range(700)]
    text = BY_NAME["markdown"].render(compared(whole(), whole(*many)), Canvas())
    assert len(text) < 65_536
    assert "New (700)" in text
    assert "more findings" in text


def saved(told: Report, file: Path) -> str:
    file.write_text(JSON.render(told, Canvas()), encoding="utf-8")
    return str(file)


def test_the_exit_code_tells_whether_something_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema, data = whole().outcomes
    unseen = replace(whole(), outcomes=(replace(schema, whole=False), data))
    unchecked = replace(whole(), outcomes=(replace(schema, skipped=(Skipped("x", "y"),)), data))
    none, one, note = whole(), whole(A), whole(replace(A, severity=Severity.NOTE))
    calls = (
        (none, none, (), 0),
        (none, one, (), 1),
        (one, none, (), 0),
        (one, one, (), 0),
        (note, one, (), 1),
        (one, note, (), 0),
        (none, note, (), 0),
        (none, note, ("--fail-on", "note"), 1),
        (none, one, ("--fail-on", "never"), 0),
        (unseen, one, (), 3),
        (unseen, note, (), 0),
        (none, unchecked, (), 3),
        (none, replace(one, failing=None), (), 0),
        (one, unseen, (), 3),
        (one, unseen, ("--fail-on", "never"), 3),
        (note, unseen, (), 3),
        (none, unseen, (), 0),
    )
    for place, (older, newer, words, wanted) in enumerate(calls):
        files = [saved(older, tmp_path / "older.json"), saved(newer, tmp_path / "newer.json")]
        with pytest.raises(SystemExit) as ended:
            get_command(app).main(["report", "diff", *files, *words], prog_name="sessionaudit")
        assert ended.value.code == wanted, place
    assert "1 new" in capsys.readouterr().out


def test_what_report_cannot_do_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(CLEAN, tmp_path / "clean.json")
    calls = {
        ("diff", file): "Missing argument 'NEWER'",
        ("diff", file, file, file): "Got unexpected extra argument",
        ("diff", file, file, "--format", "sarif"): "'sarif' is not one of 'table', 'json', 'markdown'",
        ("diff", file, file, "--flat"): "No such option: --flat",
        ("diff", file, file, "--quiet", "--verbose"): "--verbose has no effect with --quiet, which prints nothing",
        ("diff", file, file, "--format", "json", "--verbose"): "--verbose has no effect with --format json",
        (file, file): "one report is printed at a time, and 2 are named",
        (file, "--format", "checklist"): "has no checklist",
        (str(tmp_path / "none"),): "does not exist",
        (str(tmp_path),): "cannot read the report",
    }
    for words, wanted in calls.items():
        with pytest.raises(SystemExit) as ended:
            get_command(app).main(["report", *words], prog_name="sessionaudit")
        assert (ended.value.code, wanted in " ".join(capsys.readouterr().err.split())) == (2, True), words
