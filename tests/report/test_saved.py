"""A saved report is printed as the check would have printed it; a file that is none is refused with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from msgspec.structs import replace
from typer.main import get_command

from calling import Calls
from marks import one_in
from reported import CLEAN, DRIFTED, HOSTILE, KNOWN, LINKED
from sessionaudit.cli.app import app
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.demo import system
from sessionaudit.errors import FileError
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS
from sessionaudit.report.saved import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import MakeDatabase, Template
    from sessionaudit.core.report import Report

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
BY_NAME = {one.name: one for one in FORMATS}
CANVASES = (Canvas(80), Canvas(140, colour=True, verbose=True), Canvas(100, flat=True))
REPORTS = {"drifted": DRIFTED, "clean": CLEAN, "linked": LINKED, "known": KNOWN}


def saved(report: Report, file: Path) -> Report:
    file.write_text(BY_NAME["json"].render(report, Canvas()), encoding="utf-8")
    return reading.read(file)


@pytest.mark.parametrize("name", REPORTS)
def test_each_format_is_the_same_from_the_file(name: str, tmp_path: Path) -> None:
    CALLING.forget()
    read = saved(REPORTS[name], tmp_path / "report.json")
    jsonschema.validate(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")), SCHEMA)
    for format_ in FORMATS:
        for canvas in CANVASES if format_.styled else CANVASES[:1]:
            assert format_.render(read, canvas) == format_.render(REPORTS[name], canvas), format_.name


def test_what_no_format_shows_is_kept_too(tmp_path: Path) -> None:
    read = saved(KNOWN, tmp_path / "report.json")
    assert read.notes == KNOWN.notes
    for name in ("accepted", "selected", "failing", "began", "seconds", "filtered", "standard", "database"):
        assert getattr(read, name) == getattr(KNOWN, name), name
    assert [(one.rows, one.barred) for one in read.findings] == [(one.rows, one.barred) for one in KNOWN.findings]
    refs = (ObjectRef("call", (Spelled("a b.ts"), Spelled(" insert t 2"))), ObjectRef("call", ("a b.ts",)))
    told = [[*one.looked_at()] for one in read.outcomes]
    assert told == [[*one.looked_at()] for one in KNOWN.outcomes]
    odd = replace(CLEAN, outcomes=(replace(CLEAN.outcomes[0], looked_at=lambda: refs),))
    again = [*saved(odd, tmp_path / "odd.json").outcomes[0].looked_at()]
    assert [str(one) for one in again] == [str(one) for one in refs]


def test_the_broken_system_is_printed_from_its_file(
    template: Template,
    make_database: MakeDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All formats, from one check and from its file: the same texts, messages and exit code."""
    monkeypatch.chdir(Path(__file__).parents[2])
    url = make_database(template("broken", system.statements(system.BROKEN)))
    kept = tmp_path / "saved.json"
    places = [[f"--format={one}={tmp_path / one.name}.{when}" for one in FORMATS] for when in ("checked", "read")]
    checked = Calls(capsys)("check", "--explain", "-q", *places[0], url=url)
    kept.write_bytes((tmp_path / "json.checked").read_bytes())
    with pytest.raises(SystemExit) as ended:
        get_command(app).main(["report", str(kept), "-q", *places[1]], prog_name="sessionaudit")
    assert ended.value.code == checked.code == 1
    assert len(json.loads(kept.read_text(encoding="utf-8"))["findings"]) > 20
    for one in FORMATS:
        before, after = ((tmp_path / f"{one.name}.{when}").read_bytes() for when in ("checked", "read"))
        assert after == before, one.name


BAD: dict[str, tuple[str, str]] = {
    "empty": ("", "1:1: the file is empty"),
    "no JSON": ("version: 1\n", "1:1: this is no report, as it is not JSON: expecting value"),
    "a list": ("[1]", "1:1: this is JSON, but no report of sessionaudit"),
    "other JSON": ('{"a": 1}', "1:1: this is JSON, but no report of sessionaudit"),
    "other version": (
        '{\n  "version": 2, "findings": []}',
        "2:14: the report has the version 2, and this program reads",
    ),
    "no version": ('{"findings": []}', "1:1: this is no report of sessionaudit: its “version” is not 1"),
    "true": ('{"version": true, "findings": []}', "1:13: this is no report of sessionaudit: its “version” is not 1"),
    "an error": (
        '{"version": 1, "error": {"message": "cannot connect"}}',
        "1:25: the file has no report, but the error that ended the call: cannot connect",
    ),
    "an older one": ('{"version": 1, "findings": []}', "1:1: the report lacks “audits”: it was written by an older"),
    "deep": ("[" * 100_000, "1:1: this is no report: it is nested too deep"),
    "a deep part": (
        '{"version": 1, "audits": [], "findings": ' + "[" * 900 + "]" * 900 + "}",
        "1:43: this is no report that can be printed: findings[0]: expected object",
    ),
    "digits": ('{"version": ' + "1" * 5000 + "}", "1:1: this is no report: a number has thousands of digits"),
    "half a character": ('{"version": 1,\n"findings": "a\\uD800"}', "2:15: this is no report: \\ud800 is half of a"),
    "a control character": ('{"version": 1, "findings": "\x1b"}', "1:29: this is no report, as it is not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_report_is_refused_at_its_place(name: str, tmp_path: Path) -> None:
    text, wanted = BAD[name]
    file = tmp_path / "report.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as raised:
        reading.read(file)
    assert str(raised.value).startswith(f"{file}:{wanted}")


# A value of a report in place of which another stands, and what is said of that.
WRONG: dict[str, tuple[tuple[str | int, ...], Any, str]] = {
    "a word of ours": (("findings", 0, "code"), "\x1b[2J", "findings[0].code: it is no such word"),
    "a severity": (("findings", 1, "severity"), "fatal", "findings[1].severity: it is no such word"),
    "a type": (("findings", 2, "message"), 7, "findings[2].message: expected str, found int"),
    "a line": (("findings", 0, "location", "line"), -1, "findings[0].location.line: expected int >= 0"),
    "a date": (("waived", 0, "waiver", "until"), "soon", "waived[0].waiver.until: Invalid RFC3339 encoded date"),
    "a cause": (("findings", 0, "because"), ["0" * 16], "it names a finding 0000000000000000, and has none"),
    "too few": (("skipped",), [], "it counts more parts that were not checked than it lists"),
    "no waiver": (("waived", 0, "waiver"), None, "what is waived has no waiver"),
    "a time": (("began",), "2026-11-27T03:00:00", "began: "),
    "a long path": (("findings", 0, "ref", "path"), ["a"] * 11, "findings[0].ref.path: expected array of length"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    path, value, wanted = WRONG[name]
    data = json.loads(BY_NAME["json"].render(LINKED, Canvas()))
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    file = tmp_path / "report.json"
    file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    with pytest.raises(FileError) as raised:
        reading.read(file)
    assert wanted in str(raised.value)
    place = raised.value.location
    assert place is not None
    if "[" in wanted:
        line = file.read_text(encoding="utf-8").splitlines()[place.line - 1]
        assert f'"{path[-1]}": ' in line
        assert line[place.column - 1 :].startswith(json.dumps(value)[:1])


def test_a_file_cut_in_half_says_so(tmp_path: Path) -> None:
    text = BY_NAME["json"].render(LINKED, Canvas()).rstrip()
    file = tmp_path / "report.json"
    for end in range(1, len(text), len(text) // 40):
        file.write_text(text[:end], encoding="utf-8")
        with pytest.raises(FileError, match=r"ends in the middle|is not JSON") as raised:
            reading.read(file)
        assert raised.value.location is not None
    assert "ends in the middle" in str(raised.value)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


MADE = json.loads(BY_NAME["json"].render(KNOWN, Canvas()))


@pytest.mark.parametrize("path", one_in(50, leaves(MADE)), ids=lambda path: ".".join(map(str, path)))
def test_no_value_of_a_file_reaches_a_page_raw(path: tuple[str | int, ...], tmp_path: Path) -> None:
    """Each value in turn is text that would do harm, or of another type: refused, or printed without harm."""
    values: tuple[Any, ...] = (f"{HOSTILE}\x9b\udcff\n::error::x", 2**60, -1, None, [], {})
    for value in values:
        data = json.loads(json.dumps(MADE))
        inner = data
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value
        file = tmp_path / "report.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        try:
            report = reading.read(file)
        except FileError:
            continue
        for format_ in FORMATS if isinstance(value, str) else (BY_NAME["table"], BY_NAME["sarif"]):
            text = format_.render(report, Canvas(100, verbose=True))
            assert not {"\x1b", "\u202e", "\x9b", "\udcff"} & set(text), format_.name
        annotations = BY_NAME["github"].render(report, Canvas())
        assert not [line for line in annotations.splitlines() if line.startswith("::error::x")]
