"""Every snippet of docs/ci.md: pipelines keep the schemas of their tools, and what they call is understood."""

from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from check_jsonschema import builtin_schemas

from consumers import npm_package, told_by_node, with_needed
from lintcases import written
from pages import page
from rows import run
from sessionaudit.cli.commands import COMMANDS, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = [(match[1], match[2]) for match in re.finditer(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)]
YAML: list[dict[Any, Any]] = [yaml.safe_load(text) for language, text in BLOCKS if language == "yaml"]
ACTION = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
HOOKS = {hook["id"] for hook in yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
WORKFLOWS = [one for one in YAML if "jobs" in one]
(PIPELINE,) = (one for one in YAML if "jobs" not in one and "repos" not in one)
_BEFORE = re.compile(rf"^.*?(?=sessionaudit (?:{'|'.join(COMMANDS)})\b)")
(CONFIGURATION,) = (one for one in YAML if "repos" in one)


@pytest.mark.parametrize(
    ("name", "value"), [*(("github-workflows", one) for one in WORKFLOWS), ("gitlab-ci", PIPELINE)]
)
def test_a_pipeline_keeps_the_schema_of_its_tool(name: str, value: dict[Any, Any]) -> None:
    text = files(builtin_schemas).joinpath("vendor", f"{name}.json").read_text(encoding="utf-8")
    workflow = {("on" if key is True else key): part for key, part in value.items()}  # YAML 1.1 reads `on` as true
    schema = json.loads(text)
    jsonschema.validators.validator_for(schema)(schema).validate(workflow)


PARSER = (
    ("@actions/workflow-parser", "0.3.61"),
    (("@actions/expressions", "0.3.61"), ("yaml", "2.9.1"), ("cronstrue", "2.61.0")),
)
# Of each a mistake that no schema sees, or one of the schema.
WRONG = {
    "action.yml": ("inputs.sarif == 'true'", "inputs.sarif = 'true'", "Unexpected symbol: '='"),
    "workflow.yml": ("runs-on:", "run-on:", "Unexpected value 'run-on'"),
}


@pytest.mark.thorough
def test_the_parser_of_github_reads_the_action_and_the_workflows(tmp_path: Path) -> None:
    action = (TOP / "action.yml").read_text(encoding="utf-8")
    blocks = [*BLOCKS, *((one.language, one.text) for one in page("docs/reports.md").blocks)]
    workflows = [text for language, text in blocks if language == "yaml" and "jobs:" in text]
    assert len(workflows) == 3
    texts = {"right/action.yml": action, **{f"right/{n}.yml": text for n, text in enumerate(workflows)}}
    for name, (right, wrong, _) in WRONG.items():
        texts[f"wrong/{name}"] = (action if name == "action.yml" else workflows[0]).replace(right, wrong, 1)
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    package, needed = PARSER
    folder = with_needed(npm_package(*package), *needed)
    told = told_by_node(Path(__file__).with_name("parsed_by_github.mjs"), folder, *(tmp_path / name for name in texts))
    said = {str(Path(name).relative_to(tmp_path)): errors for name, errors in json.loads(told).items()}
    assert {name: errors for name, errors in said.items() if errors and name.startswith("right")} == {}
    for name, (_, _, error) in WRONG.items():
        assert any(error in one for one in said[f"wrong/{name}"]), said


def test_the_action_is_called_with_inputs_that_it_has() -> None:
    steps = [step for one in WORKFLOWS for job in one["jobs"].values() for step in job["steps"]]
    used = [step for step in steps if step.get("uses", "").startswith("OWNER/sessionaudit@")]
    assert len(used) == 4
    assert {name for step in used for name in step["with"]} <= ACTION["inputs"].keys()
    lines = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `") and line.count("|") == 4]
    rows = {name.strip(" `"): default.strip(" `") for _, name, default, *_ in lines}
    defaults = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
    assert {name for name in rows if name in defaults} == defaults.keys()
    told = {**rows, "contract": "", "token": "${{ github.token }}"}
    assert {name: told[name].replace('""', "") for name in defaults} == defaults
    assert set(re.findall(r"`([\w-]+)`", PAGE.split("| output | |")[1].split("\n\n")[0])) == ACTION["outputs"].keys()


def test_pre_commit_is_told_of_hooks_that_there_are() -> None:
    (repository,) = CONFIGURATION["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == HOOKS
    assert repository["rev"] == f"v{_version()}"
    assert set(re.findall(r"OWNER/sessionaudit@(\S+)", PAGE)) == {f"v{_version()}"}


def _version() -> str:
    from sessionaudit import __version__

    return __version__


def calls() -> Iterator[list[str]]:
    """The calls of the program on the page, word by word: in scripts, in pipelines, in the image, in the action."""
    for line in (line for _, text in BLOCKS for line in text.splitlines()):
        for part in re.split(r"&&|\|\|", _BEFORE.sub("", line)):
            words = shlex.split(part, comments=True) if part.strip().startswith("sessionaudit ") else []
            if words[1:] and words[1] in COMMANDS:
                yield words[1:]
    for workflow in WORKFLOWS:
        for job in workflow["jobs"].values():
            for step in (one for one in job["steps"] if one.get("uses", "").startswith("OWNER/")):
                yield [step["with"]["command"], *shlex.split(step["with"].get("args", ""))]


CALLS = sorted({tuple(one) for one in calls()})


def test_the_program_understands_every_call() -> None:
    assert len(CALLS) >= 10
    for name, *words in CALLS:
        loaded(name).make_context(name, words)


def test_lint_runs_as_the_page_says(tmp_path: Path) -> None:
    written(tmp_path)
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    for words in (one for one in CALLS if one[0] == "lint" and "--embedded" not in one):
        done = run(*words, url=nowhere, cwd=tmp_path, SESSIONAUDIT_CONTRACT="expected_schema.yaml")
        assert done.returncode == 0, done.stderr


def test_what_it_says_of_the_rules_is_so() -> None:
    from sessionaudit.kinds.lint_rules import RULES
    from sessionaudit.rulebook import EXPIRED, IDLE

    spoken = set(re.findall(r"\bS[AL]\d{3}\b", PAGE))
    for first, last in re.findall(r"(SL\d{3}) to (SL\d{3})", PAGE):
        spoken |= {f"SL{number}" for number in range(int(first[2:]), int(last[2:]) + 1)}
    assert spoken == {rule.code for rule in (*RULES, EXPIRED, IDLE)} - {"SL001"}
