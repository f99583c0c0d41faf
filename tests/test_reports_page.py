"""Every snippet of docs/reports.md; the commands of the pipelines in docs/ci.md write what the tools read."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from junitparser import JUnitXml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ci_tools import read_annotations, sarif_mistakes
from pages import TOP, page
from sessionaudit.report.formats import FORMATS
from sessionaudit.report.told import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import MakeDatabase, Template

PAGE = page("docs/reports.md").text
BLOCKS = page("docs/reports.md").blocks
(_ALERTS,) = (yaml.safe_load(block.text) for block in BLOCKS if block.language == "yaml")
_TEXTS = "\n".join(block.text for block in (*BLOCKS, *page("docs/ci.md").blocks))
CALLS = re.findall(r"sessionaudit check [^'\n]*--format[^'\n]*", _TEXTS)


def test_every_format_is_on_the_page() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert rows == [one.name for one in FORMATS if not one.of_checklist]
    assert {f"`{one.name}`" for one in FORMATS if one.of_checklist} <= set(re.findall(r"`[\w-]+`", PAGE))


READERS: dict[str, Callable[[str], object]] = {
    "sarif": lambda text: list(sarif_mistakes(json.loads(text))) == [],
    "junit": lambda text: JUnitXml.fromstring(text.encode()).failures == 1,
    "github": lambda text: read_annotations(text)[0].name == "error",
    "gitlab": lambda text: json.loads(text)[0]["check_name"] == "missing-column",
    "markdown": lambda text: "### sessionaudit: failed" in text,
    "html": lambda text: '<h1 id="verdict-heading">sessionaudit: failed</h1>' in text,
    "openmetrics": lambda text: {one.name for one in text_string_to_metric_families(text)},
    "table": lambda text: "missing-column  gone" in text,
    "json": lambda text: len(json.loads(text)["findings"]) == 1,
}


@pytest.mark.parametrize("line", dict.fromkeys(CALLS))
def test_a_command_writes_what_its_tool_reads(
    line: str,
    template: Template,
    make_database: MakeDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from typer.main import get_command

    from sessionaudit.cli.app import app

    url = make_database(template("one column", ["create table public.t (id int not null)"]))
    contract = "version: 1\ntables: {t: {columns: {id: int not null, gone: text}}}\n"
    (tmp_path / "expected_schema.yaml").write_text(contract, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    words = [word.replace("/var/lib/node_exporter/", "") for word in shlex.split(line)[1:]]
    with pytest.raises(SystemExit) as ended:
        get_command(app).main(words, prog_name="sessionaudit")
    assert ended.value.code == 1
    out = capsys.readouterr().out
    asked = [after.partition("=") for word, after in itertools.pairwise(words) if word == "--format"]
    assert asked
    for name, _, file in asked:
        assert READERS[name](Path(file).read_text(encoding="utf-8") if file else out), name


def test_alerts_are_about_metrics_that_exist() -> None:
    text = (TOP / "tests" / "report" / "goldens" / "clean-openmetrics.txt").read_text(encoding="utf-8")
    linked = (TOP / "tests" / "report" / "goldens" / "linked-openmetrics.txt").read_text(encoding="utf-8")
    known = {one.name for told in (text, linked) for one in text_string_to_metric_families(told)}
    (group,) = _ALERTS["groups"]
    used = {name for rule in group["rules"] for name in re.findall(r"sessionaudit_\w+", rule["expr"])}
    assert used <= known
    assert used


def test_what_is_said_of_severities_is_so() -> None:
    from sessionaudit.report.formats import gitlab

    for severity, name in gitlab._SEVERITIES.items():
        assert re.search(rf"\b{severity}\b (?:is )?`{name}`", PAGE), severity
    assert f"not checked is `{gitlab._SERIOUS}`" in PAGE
    assert CODES
