"""Every snippet of docs/configuration.md and docs/doctor.md is taken, or runs; and what they list is what there is."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from calls import call
from doctors import role_of
from sessionaudit.cli.commands import loaded
from sessionaudit.cli.defaults.found import defaults_of
from sessionaudit.cli.defaults.jsonschema import schema
from sessionaudit.defaults.options import refusal
from sessionaudit.demo import system

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

TOP = Path(__file__).parents[1]
CONFIGURATION, DOCTOR = (
    (TOP / "docs" / name).read_text(encoding="utf-8") for name in ("configuration.md", "doctor.md")
)
(TOML,) = re.findall(r"```toml\n(.*?)```", CONFIGURATION, re.DOTALL)
_EXPORTED = re.findall(r"^export (.*)$", CONFIGURATION, re.MULTILINE)
EXPORTS = dict(shlex.split(line)[0].split("=", 1) for line in _EXPORTED)
CALLS = re.findall(r"^sessionaudit (doctor.*)$", DOCTOR, re.MULTILINE)

# How the lines of the examples begin that do not depend on the database.
EXAMPLES = (
    *("Ready:", "Lacking:", "What is lacking", "What to know", "✗ auditor is no member", "What the contract has sent"),
    *("grant service_role", "alter role", "Links cannot", "✗ For the stories", "The database cannot", "✓ address"),
)


def test_the_table_and_the_variables_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in EXPORTS.items():
        monkeypatch.setenv(name, value)
    check = defaults_of("check", loaded("check"), list)
    assert check.wrong == ()
    assert check.values == {
        "contract": "db/expected_schema.yaml",
        "statement_timeout": "10",
        "fail_on": "warning",
        "format_": ["json"],
        "ignore": ["auth.*", "unexpected-index"],
    }
    assert defaults_of("migrations", loaded("migrations"), list).values["folder"] == "db/migrations"


def test_what_is_listed_as_refused_is_refused_for_that_reason() -> None:
    rows = re.findall(r"^\| (`--.*?) \| (.*?) \|$", CONFIGURATION, re.MULTILINE)
    reasons = ["permits a change", "says what a call does", "names a file that is written", "may contain a password"]
    assert len(rows) == len(reasons)
    for (options, _), reason in zip(rows, reasons, strict=True):
        for words in re.findall(r"`([^`]+)`", options):
            command, _, word = words.rpartition("--")
            assert reason in refusal(command.strip(), word), words


def test_the_schema_is_that_of_the_program_and_takes_the_page() -> None:
    made = schema()
    assert json.loads((TOP / "schemas" / "defaults.schema.json").read_text(encoding="utf-8")) == made
    validator = jsonschema.Draft202012Validator(made)
    validator.validate(tomllib.loads(TOML)["tool"]["sessionaudit"])
    mistakes: list[dict[str, Any]] = [
        *(
            {"yes": True},
            {"check": {"explain": 1}},
            {"check": {"fail-on": "all"}},
            {"chek": {}},
            {"check": {"format": ["json=x"]}},
        ),
    ]
    for wrong in mistakes:
        assert not validator.is_valid(wrong), wrong


def test_the_commands_of_the_page_run(template: Template, make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database(template("good", system.statements(system.GOOD)))
    assert len(CALLS) == 5
    for line in CALLS:
        said = call(*shlex.split(line), cwd=tmp_path, DATABASE_URL=url)
        assert said.code == (3 if "db.internal" in line else 0), (line, said.out, said.err)
    assert json.loads((tmp_path / "doctor.json").read_text(encoding="utf-8"))["version"] == 1


@pytest.mark.thorough
def test_the_page_shows_what_is_printed(template: Template, make_database: MakeDatabase, tmp_path: Path) -> None:
    """Each line of the examples, but for names and numbers, is one that the program prints."""
    url = make_database(template("broken", system.statements(system.BROKEN)))
    with role_of(url, "auditor") as poor:
        said = call("doctor", "-d", poor, "-c", str(TOP / "expected_schema.yaml"), cwd=tmp_path, COLUMNS="120")
    refused = call("doctor", "-d", "postgresql://auditor@127.0.0.1:1/x", cwd=tmp_path, COLUMNS="120")
    printed = {_bare(line) for line in (said.out + refused.out).splitlines()}
    shown = (line for line in DOCTOR.splitlines() if line.startswith("    ") and line.strip())
    examples = (
        "Ready:",
        "Lacking:",
        "What is lacking",
        "What to know",
        "grant service_role",
        "alter role",
        "Links cannot",
    )
    for line in shown:
        if line.strip().startswith((*examples, "✗ auditor is no member", "✓ address", "The database cannot")):
            assert any(one.startswith(_bare(line)[:18]) for one in printed), line


def _bare(line: str) -> str:
    return re.sub(r"\d+", "0", line.strip())
