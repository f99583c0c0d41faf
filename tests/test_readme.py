"""The README: short, with a picture of what the program prints now; `test_pages` runs what is in it."""

from __future__ import annotations

import json
import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import yaml
from scripts import screenshot

import counts
import program
from editors import validator
from pages import README, TOP, is_contract, not_looked_at, page
from sessionaudit.contract.jsonschema import schema
from sessionaudit.contract.loader import load
from sessionaudit.demo import system
from sessionaudit.report import Canvas
from sessionaudit.report.forest import forest
from sessionaudit.report.formats import TABLE
from sessionaudit.report.saved.reading import read

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template
    from sessionaudit.core.report import Report

PAGE = page(README.name)
# Where it ran, and on which version.
PLACE = re.compile(r"in\S+?on\S+?,PostgreSQL[\d.]+?(?=;)")


def test_it_is_short() -> None:
    lines = PAGE.text.splitlines()
    assert len(lines) <= 200
    assert [line for line in lines if len(line) > 120] == []


def test_the_picture_is_what_is_printed_now(template: Template, make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database(template(system.RECORDED[-1], system.statements(system.RECORDED)))
    system.write_project(tmp_path)
    call = [*program.START, *screenshot.COMMAND, "--format", "table", "--format", "json=report.json"]
    environment = {**os.environ, "DATABASE_URL": url, "COLUMNS": str(screenshot.WIDTH)}
    result = program.run(call, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 1, result.stderr
    stored = "\n".join(screenshot.lines(screenshot.PICTURE.read_text(encoding="utf-8")))
    assert bare(stored) == bare(screenshot.excerpt(result.stdout).plain), "run `make screenshot`"
    report = read(tmp_path / "report.json")
    fits_a_screen(report)
    counts.agree(report)


def fits_a_screen(report: Report) -> None:
    """All that follows from the causes is read without scrolling, and each place is in it, at any width."""
    for width, most in ((140, 44), (80, 64)):
        story = TABLE.render(report, Canvas(width)).partition("\n\npublic.")[0]
        assert story.count("\n") < most
        assert max(map(len, story.splitlines())) <= max(width, 84)  # the longest place
        told = re.sub(r"\s+", " ", story)
        assert "5 causes explain 32 of 42 findings, and why 7 parts are not checked." in told
        for tree in forest(report.findings, report.unchecked):
            for branch in tree.every if tree.is_cause else ():
                assert branch.finding.rule.name in story
                place = branch.finding.location
                assert place is not None
                assert re.search(rf"[:,e] ?{place.line}\b", story), place
                assert PurePath(place.file).name in story


def bare(text: str) -> str:
    """A text without blanks, which a picture has by the place of its words, and without the place of the database."""
    return PLACE.sub("", "".join(text.split()))


def test_a_contract_of_the_readme_shows_what_most_have(tmp_path: Path) -> None:
    path = tmp_path / "expected_schema.yaml"
    path.write_text(max((block.text for block in PAGE.blocks if is_contract(block)), key=len), encoding="utf-8")
    contract = load(path)
    shown = "extension enum table column key foreign_key index policy grant".split()
    assert all(contract.objects[name] for name in shown)


def test_what_is_not_looked_at_is_a_part_of_the_whole_list() -> None:
    def parts(text: str) -> set[str]:
        words = re.sub(r"\*\*[^*]+\*\*|(^|(?<= ))- ", " ", text)
        return {part.strip() for part in re.split(r"[,;.:]", words) if part.strip()}

    section = PAGE.text.partition("**Not looked at:**")[2].partition("\n\n")[0]
    told = " ".join(section[section.index("\n- ") :].removesuffix(" and more.").split())
    there = {part[0].lower() + part[1:] for part in parts(not_looked_at())}
    assert parts(told) < there
    assert len(parts(told)) > 10
    assert "](docs/limits.md#what-is-not-looked-at)" in section


def test_the_schemas_are_fresh() -> None:
    stored = json.loads((TOP / "schemas" / "expected_schema.schema.json").read_text(encoding="utf-8"))
    assert stored == schema(), "run `make schemas`"


def test_the_contract_of_the_repository_keeps_its_schema() -> None:
    validator().validate(yaml.safe_load((TOP / "expected_schema.yaml").read_text(encoding="utf-8")))
