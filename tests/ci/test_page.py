"""Every snippet of docs/ci.md: pipelines keep the schemas of their tools, and what they call is understood."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from check_jsonschema import builtin_schemas
from packaging.requirements import Requirement

import program
from consumers import npm_package, told_by_node, with_needed
from lintcases import written
from rows import run
from servers import connect
from sessionaudit.cli.commands import COMMANDS, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "ci.md").read_text(encoding="utf-8")
# With the steps that the page shows as comments, which are for some projects.
WITH_OPTIONAL = re.sub(r"^( *)# (- |  )", r"\1\2", PAGE, flags=re.MULTILINE)
BLOCKS = dict.fromkeys(
    (match[1], match[2])
    for text in (PAGE, WITH_OPTIONAL)
    for match in re.finditer(r"```(\w+)\n(.*?)```", text, re.DOTALL)
)
YAML: list[dict[Any, Any]] = [yaml.safe_load(text) for language, text in BLOCKS if language == "yaml"]
ACTION = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
HOOKS = {hook["id"] for hook in yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
WORKFLOWS = [one for one in YAML if "jobs" in one]
PIPELINES = [one for one in YAML if "jobs" not in one and "repos" not in one]
_BEFORE = re.compile(rf"^.*?(?=sessionaudit (?:{'|'.join(COMMANDS)})\b)")
_, CONFIGURATION = (one for one in YAML if "repos" in one)


@pytest.mark.parametrize(
    ("name", "value"), [*(("github-workflows", one) for one in WORKFLOWS), *(("gitlab-ci", one) for one in PIPELINES)]
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
    workflows = [text for language, text in BLOCKS if language == "yaml" and "jobs:" in text]
    assert len(workflows) == 4
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
    assert len(used) == 2 + 4
    assert {name for step in used for name in step["with"]} <= ACTION["inputs"].keys()
    lines = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `") and line.count("|") == 4]
    rows = {name.strip(" `"): default.strip(" `") for _, name, default, *_ in lines}
    defaults = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
    assert {name for name in rows if name in defaults} == defaults.keys()
    told = {**rows, "contract": "", "name": "", "token": "${{ github.token }}"}
    assert {name: told[name].replace('""', "") for name in defaults} == defaults
    assert set(re.findall(r"`([\w-]+)`", PAGE.split("| output | |")[1].split("\n\n")[0])) == ACTION["outputs"].keys()


def test_pre_commit_is_told_of_hooks_that_there_are() -> None:
    (repository,) = CONFIGURATION["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == HOOKS
    assert repository["rev"] == f"v{_version()}"
    assert set(re.findall(r"OWNER/sessionaudit@([\w.]+)", PAGE)) == {f"v{_version()}"}


def test_every_job_installs_the_program_in_the_way_that_the_page_explains() -> None:
    asked = {Requirement(words) for words in re.findall(r'pip install "(.*?)"', PAGE)}
    assert asked == {Requirement(f"sessionaudit[demo] @ git+https://github.com/OWNER/sessionaudit@v{_version()}")}
    for job in (job for one in PIPELINES for job in one.values()):
        assert job["script"][0].startswith("pip install ")
    for job in (job for one in WORKFLOWS for job in one["jobs"].values()):
        steps = job["steps"][1:]
        assert steps[0].get("run", "").startswith("pip install ") or all("OWNER/" in step["uses"] for step in steps)


def test_every_check_of_the_page_fails_on_a_new_policy() -> None:
    checks = [words for words in CALLS if words[0] == "check"]
    assert len(checks) > 4
    assert {words[words.index("--fail-on") + 1] for words in checks} == {"warning"}


def _version() -> str:
    from sessionaudit import __version__

    return __version__


def calls() -> Iterator[list[str]]:
    """The calls of the program on the page, word by word: in scripts, in pipelines, in the image, in the action."""
    for line in (line for _, text in BLOCKS for line in text.splitlines()):
        for part in re.split(r"&&|\|\||2>&1|'$", _BEFORE.sub("", line)):
            words = shlex.split(part, comments=True) if part.strip().startswith("sessionaudit ") else []
            if words[1:] and words[1] in COMMANDS:
                yield words[1:]
    for workflow in WORKFLOWS:
        for job in workflow["jobs"].values():
            for step in (one for one in job["steps"] if one.get("uses", "").startswith("OWNER/")):
                fail_on = ["--fail-on", step["with"]["fail-on"]] if "fail-on" in step["with"] else []
                yield [step["with"]["command"], *fail_on, *shlex.split(step["with"].get("args", ""))]


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


def test_files_that_a_job_writes_are_those_that_others_read() -> None:
    for job in (one["jobs"]["database"] for one in WORKFLOWS if "run" in one["jobs"]["database"]["steps"][1]):
        written = {name for step in job["steps"] for name in re.findall(r"--format \w+=(\S+)", step.get("run", ""))}
        read = {step["with"]["sarif_file"] for step in job["steps"] if "with" in step}
        read |= {name for step in job["steps"] for name in re.findall(r"--body-file (\S+)", step.get("run", ""))}
        assert written == read != set()
    for job in (job for one in PIPELINES for job in one.values()):
        assert set(job["artifacts"]["reports"].values()) == set(re.findall(r"=([\w.-]+)", job["script"][1]))
    jenkins = next(text for language, text in BLOCKS if language == "groovy")
    assert re.findall(r"junit=(\S+)'", jenkins) == re.findall(r"junit '(.*)'", jenkins)
    assert jenkins.count("{") == jenkins.count("}")


def test_cron_sends_mail_only_if_something_was_found_or_could_not_be_checked(database: str, tmp_path: Path) -> None:
    """As cron runs it: in the home directory, with no variables but those of the crontab, by a plain shell."""
    *stated, line = next(text for language, text in BLOCKS if language == "crontab").splitlines()
    variables = dict(one.split("=", 1) for one in stated)
    assert variables["DATABASE_URL"].startswith("postgresql://")
    assert "%" not in line, "cron reads it as the end of the line"
    binaries = tmp_path / "shop" / ".venv" / "bin"
    binaries.mkdir(parents=True)
    script = f'#!/bin/sh\necho called >> {tmp_path}/calls\nexec {shlex.join(program.START)} "$@"\n'
    (binaries / "sessionaudit").write_text(script, encoding="utf-8")
    (binaries / "sessionaudit").chmod(0o755)
    (tmp_path / "shop" / "expected_schema.yaml").write_text(
        "version: 1\ntables: {t: {columns: {id: int}, policies: {}}}\n", encoding="utf-8"
    )

    def mail(url: str, folder: str) -> str:
        environment = [f"PATH={variables['PATH'].replace('/srv/shop', str(tmp_path / 'shop'))}", f"DATABASE_URL={url}"]
        command = line.split(maxsplit=5)[5].replace("/srv/shop", folder)
        call = ["env", "-i", f"HOME={tmp_path}", *environment, "/bin/sh", "-c", command]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    shop = str(tmp_path / "shop")
    with connect(database) as connection:
        connection.execute(b"create table public.t (id int)")
        assert mail(database, shop) == ""
        connection.execute(b"create policy everybody on public.t using (true)")
        assert "unexpected-policy  everybody" in mail(database, shop)
    assert "cannot connect" in mail("postgresql://nobody@127.0.0.1:1/nothing", shop)
    assert "cd" in mail(database, str(tmp_path / "gone"))
    assert (tmp_path / "calls").read_text(encoding="utf-8").split() == ["called"] * 3


def test_what_it_says_of_the_rules_is_so() -> None:
    from sessionaudit.kinds.lint_rules import RULES
    from sessionaudit.rulebook import EXPIRED, IDLE

    spoken = set(re.findall(r"\bS[AL]\d{3}\b", PAGE))
    for first, last in re.findall(r"(SL\d{3}) to (SL\d{3})", PAGE):
        spoken |= {f"SL{number}" for number in range(int(first[2:]), int(last[2:]) + 1)}
    assert spoken == {rule.code for rule in (*RULES, EXPIRED, IDLE)} - {"SL001"}
