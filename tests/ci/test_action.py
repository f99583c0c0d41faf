"""The GitHub Action: its steps run here as the runner runs them, but for what only GitHub has."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from check_jsonschema import builtin_schemas

from lintcases import GOOD, written

TOP = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
# What `gh api` does of what the action calls: it lists comments, changes one, and writes one.
GH = """#!/usr/bin/env python3
import json, os, pathlib, sys
store = pathlib.Path(os.environ["RUNNER_TEMP"]) / "comments.json"
comments = json.loads(store.read_text()) if store.exists() else {}
words = sys.argv[2:]
path = next(word for word in words if word.startswith("repos/"))
method = words[words.index("--method") + 1] if "--method" in words else "GET"
if method == "GET":
    assert words[words.index("--jq") + 1].endswith("| .id")
    for name, body in comments.items():
        if body.startswith("<!-- sessionaudit -->") and body.rstrip().endswith("\\n" + os.environ["MARK"]):
            print(name)
    sys.exit(0)
field = words[words.index("--field") + 1]
name = path.rpartition("/")[2] if method == "PATCH" else str(len(comments) + 1)
comments[name] = pathlib.Path(field.removeprefix("body=@")).read_text()
store.write_text(json.dumps(comments))
"""


class Ran(NamedTuple):
    """What came of the steps: the code of the job, what was printed, the outputs, the summary and the comments."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    comments: dict[str, str]


class Runner:
    """A runner of GitHub's with the program installed, as far as a composite action knows one."""

    def __init__(self, folder: Path) -> None:
        self.work, self._temp = folder / "work", folder / "temp"
        self._bin = folder / "bin"
        for path in (self.work, self._temp / "sessionaudit" / "bin", self._bin):
            path.mkdir(parents=True)
        program = self._temp / "sessionaudit" / "bin" / "sessionaudit"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sessionaudit "$@"\n', encoding="utf-8")
        (self._bin / "gh").write_text(GH, encoding="utf-8")
        for file in (program, self._bin / "gh"):
            file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def run(self, *, install: bool = False, **inputs: str) -> Ran:
        """Run the steps with these inputs; of those that use other actions none."""
        values = {f"inputs.{name}": one.get("default", "") for name, one in ACTION["inputs"].items()}
        values |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        values |= {
            "github.action_path": str(TOP),
            "github.repository": "owner/shop",
            "github.token": "ghs_token",
            "github.event.pull_request.number": "7",
        }
        values = {name: _resolved(value, values) for name, value in values.items()}
        summary, log, code = self._temp / "summary.md", "", 0
        summary.write_text("", encoding="utf-8")
        for number, step in enumerate(STEPS):
            if "run" not in step or (step["name"] == "Install sessionaudit" and not install):
                continue
            if (code and "if" not in step) or not _holds(step.get("if", ""), values):
                continue
            output = self._temp / f"output-{number}"
            output.write_text("", encoding="utf-8")
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SESSIONAUDIT"))}
            env = {**kept, **{name: _resolved(value, values) for name, value in step.get("env", {}).items()}}
            env |= {"PATH": f"{self._bin}:{kept['PATH']}", "RUNNER_TEMP": str(self._temp)}
            env |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
            folder = self.work / _resolved(step.get("working-directory", "."), values)
            words = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
            done = subprocess.run(words, env=env, cwd=folder, capture_output=True, text=True, check=False)
            log += done.stdout + done.stderr
            code = code or done.returncode
            for line in output.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                values[f"steps.{step.get('id')}.outputs.{name}"] = value
        outputs = {name: _resolved(one["value"], values) for name, one in ACTION["outputs"].items()}
        store = self._temp / "comments.json"
        comments = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
        return Ran(code, log, outputs, summary.read_text(encoding="utf-8"), comments)


def _resolved(text: str, values: dict[str, str]) -> str:
    def resolved(match: re.Match[str]) -> str:
        return next((value for part in match[1].split(" || ") if (value := _value(part, values))), "")

    return _EXPRESSION.sub(resolved, str(text))


def _value(part: str, values: dict[str, str]) -> str:
    """Evaluate a name, or a call of `format`."""
    call = re.fullmatch(r"format\('(.*?)', (.*)\)", part)
    return call[1].format(*(values.get(name, "") for name in call[2].split(", "))) if call else values.get(part, "")


def _holds(condition: str, values: dict[str, str]) -> bool:
    """Evaluate a condition of `&&`, `==` and `!=`, as those of the action are."""
    inside = _EXPRESSION.fullmatch(condition)
    return all(_one(part, values) for part in inside[1].split(" && ")) if inside else True


def _one(part: str, values: dict[str, str]) -> bool:
    if part == "!cancelled()":
        return True
    left, operator, right = part.partition(" == ") if " == " in part else part.partition(" != ")
    value = values.get(left, "")
    return bool(value) if not operator else (value == right.strip("'")) is (operator == " == ")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_it_keeps_the_schema_of_actions() -> None:
    text = files(builtin_schemas).joinpath("vendor", "github-actions.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    jsonschema.validators.validator_for(schema)(schema).validate(ACTION)


def test_nothing_from_outside_is_a_part_of_a_script() -> None:
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []
    spoken = (TOP / "action.yml").read_text(encoding="utf-8")
    assert {name for name in ACTION["inputs"] if spoken.count(f"inputs.{name}") == 0} == set()
    for step in (one for one in STEPS if "run" in one):
        assert step["shell"] == "bash"
        assert set(re.findall(r"\$\{?([A-Z_]+)", step["run"])) <= {
            *step.get("env", {}),
            *("RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "ENV"),
        }


def test_a_report_goes_everywhere_and_the_comment_is_replaced(runner: Runner) -> None:
    written(runner.work, GOOD.replace("default 'ok'", "default 'fine'"))
    for fail_on, code in (("error", 1), ("never", 0)):
        ran = runner.run(
            command="lint", comment="true", fail_on=fail_on, args="--only  SL202\n--ignore 'public.orders'"
        )
        assert (ran.code, ran.outputs["exit-code"]) == (code, str(code)), ran.log
        assert "::error file=expected_schema.yaml,line=" in ran.log
        assert "impossible-default" in ran.summary
        assert [*ran.comments] == ["1"], "the second run replaces the comment of the first"
        assert "impossible-default" in ran.comments["1"]
    assert json.loads(Path(ran.outputs["json"]).read_text(encoding="utf-8"))["summary"]["error"] == 1
    assert json.loads(Path(ran.outputs["sarif"]).read_text(encoding="utf-8"))["runs"][0]["results"]


def test_what_is_printed_goes_everywhere_too(runner: Runner) -> None:
    written(runner.work, GOOD.replace("default 'ok'", "default 'fine'"))
    ran = runner.run(command="lint", comment="true", format="markdown", args=" \n ")
    assert (ran.code, [*ran.comments]) == (1, ["1"]), ran.log
    assert "impossible-default" in ran.comments["1"]
    assert ran.summary.strip() in ran.log
    assert all(ran.outputs.values())


MARKS = [f"<!-- sessionaudit-comment: {one} -->" for one in ("lint:./", "lint:./expected_schema.yaml", "shop")]


def test_each_use_has_a_comment_of_its_own_whatever_the_reports_say(runner: Runner) -> None:
    """By its name, else by its command, directory and contract; the reports have the marks of the others in them."""
    marks = " ".join(MARKS)
    written(runner.work, GOOD.replace("mood not null default 'ok'", f"\"mood not null default '{marks}'\""))
    for contract, name in (("", ""), ("expected_schema.yaml", ""), ("", "shop"), ("", "")):
        ran = runner.run(command="lint", comment="true", contract=contract, name=name)
    assert [one.rstrip().rpartition("\n")[2] for one in ran.comments.values()] == MARKS
    assert all(marks in one for one in ran.comments.values()), "code in a report is not escaped"


@pytest.mark.skipif(shutil.which("jq") is None, reason="this machine has no jq, whose language `gh --jq` takes")
def test_the_filter_finds_the_comment_of_its_own_use_alone() -> None:
    (step,) = (one for one in STEPS if "MARK" in one.get("env", {}))
    (own,) = re.findall(r"mine='(.*)'", step["run"])
    other, mark = MARKS[:2]
    head = "<!-- sessionaudit -->"
    bodies = [
        f"{head}\n{mark}\n\n{other}\n",
        f"{mark}",
        f"{head} {mark}",
        f"> {head}\n{mark}",
        f"{head}\r\nx\r\n{mark}\r\n",
    ]
    comments = json.dumps([{"id": place, "body": body} for place, body in enumerate(bodies)])
    environment = {**os.environ, "MARK": mark}
    told = subprocess.run(["jq", own], input=comments, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["4"]


def test_what_an_input_says_is_never_run(runner: Runner) -> None:
    written(runner.work)
    evil = "x; touch pwned; $(touch pwned) `touch pwned`"
    assert runner.run(command=evil).code == 2
    ran = runner.run(command="lint", args=evil, contract=evil, fail_on=evil, format=evil)
    assert ran.code == 2, ran.log
    assert "touch pwned" in ran.log
    assert not [*runner.work.rglob("pwned")]


def test_a_secret_is_never_told(runner: Runner) -> None:
    written(runner.work)
    url = "postgresql://auditor:s3cret-word@127.0.0.1:1/shop"
    ran = runner.run(command="check", database_url=url, comment="true")
    assert (ran.code, ran.outputs["exit-code"]) == (3, "3"), ran.log
    told = [Path(ran.outputs[name]).read_text(encoding="utf-8") for name in ("json", "sarif", "markdown")]
    assert not [text for text in (ran.log, ran.summary, *ran.comments.values(), *told) if "s3cret" in text]


@pytest.mark.slow
def test_it_installs_the_program_that_it_is_a_part_of(runner: Runner) -> None:
    written(runner.work)
    (runner._temp / "sessionaudit" / "bin" / "sessionaudit").unlink()
    ran = runner.run(install=True, command="lint", args="--embedded")
    assert ran.code == 0, ran.log


@pytest.mark.parametrize("command", ["access", pytest.param("probe", marks=pytest.mark.thorough)])
def test_it_runs_what_has_the_formats_of_reports(command: str, runner: Runner) -> None:
    """Without a database it ends with 3, and its reports say why."""
    written(runner.work)
    ran = runner.run(command=command, database_url="postgresql://auditor@127.0.0.1:1/shop")
    assert (ran.code, [*ran.outputs]) == (3, ["exit-code", "markdown", "sarif", "json"]), ran.log
    assert json.loads(Path(ran.outputs["json"]).read_text(encoding="utf-8"))["error"]["kind"] == "database"
    assert "### sessionaudit: could not run" in ran.summary
