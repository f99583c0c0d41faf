"""The hooks for pre-commit: what each calls, for which files, and with what installed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from rows import run
from sessionaudit.audits.code.reading import suffixes
from sessionaudit.demo import system

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
BY_ID = {hook["id"]: hook for hook in HOOKS}
DEMO: list[str] = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]["demo"]
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
# What each finds in the project of the demo, which is broken in its migrations and its code, not in its contract.
CODES = {"sessionaudit-lint": 0, "sessionaudit-migrations": 1, "sessionaudit-scan": 1}


def test_every_hook_is_complete() -> None:
    assert BY_ID.keys() == CODES.keys()
    for hook in HOOKS:
        assert hook["name"] == hook["id"].replace("-", " "), hook
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False, "a part of a contract is no contract"
        assert set(hook.get("additional_dependencies", ())) <= set(DEMO)
        assert hook["description"].endswith(".")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_for_the_files_that_it_reads(hook: dict[str, Any]) -> None:
    read = {".yaml", ".yml", ".sql", *(suffixes() if hook["id"] == "sessionaudit-scan" else ())}
    assert {suffix for suffix in read if not re.search(hook["files"], f"some/file{suffix}")} == set()
    assert not re.search(hook["files"], "README.md")


def called(name: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    program, *words = shlex.split(BY_ID[name]["entry"])
    assert program == "sessionaudit"
    return run(*words, *more, url=NOWHERE, cwd=folder, SESSIONAUDIT_CONTRACT="expected_schema.yaml")


@pytest.mark.parametrize(
    "name", ["sessionaudit-lint", *(pytest.param(one, marks=pytest.mark.thorough) for one in CODES)]
)
def test_an_entry_works_without_a_database(name: str, tmp_path: Path) -> None:
    system.write_project(tmp_path)
    done = called(name, tmp_path)
    assert done.returncode == CODES[name], done.stdout + done.stderr


def spoken(words: Sequence[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=env)


@pytest.mark.slow
def test_pre_commit_installs_and_runs_them(tmp_path: Path) -> None:
    tools, project = tmp_path / "tools", tmp_path / "project"
    assert spoken([sys.executable, "-m", "venv", str(tools)], tmp_path).returncode == 0
    installed = spoken([str(tools / "bin" / "pip"), "install", "--quiet", "pre-commit"], tmp_path)
    assert installed.returncode == 0, installed.stderr
    project.mkdir()
    system.write_project(project)
    for words in (["init", "--quiet"], ["add", "."]):
        assert spoken(["git", *words], project).returncode == 0
    environment = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "SESSIONAUDIT_CONTRACT": "expected_schema.yaml"}
    done = spoken([str(tools / "bin" / "pre-commit"), "try-repo", str(TOP), "--all-files"], project, **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    for name, code in CODES.items():
        outcome = "Failed" if code else "Passed"
        assert re.search(rf"^{name.replace('-', ' ')}\.+{outcome}$", done.stdout, re.MULTILINE), done.stdout
