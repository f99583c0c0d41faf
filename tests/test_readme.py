"""Every command and every snippet of the README runs here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import program
from editors import validator
from marks import thorough
from sessionaudit import errors
from sessionaudit.cli.commands import COMMANDS as NAMES
from sessionaudit.contract.jsonschema import schema
from sessionaudit.contract.loader import load
from sessionaudit.demo import application_files, history, system

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text(encoding="utf-8")
BLOCKS = [(match[1], match[2]) for match in re.finditer(r"```(\w+)\n(.*?)```", README, re.DOTALL)]


def commands(block: str) -> list[list[str]]:
    """The commands of a block, word by word."""
    return [shlex.split(line, comments=True) for line in block.splitlines() if line.strip()]


COMMANDS = [command for language, block in BLOCKS if language == "sh" for command in commands(block)]
SNIPPETS = [block for language, block in BLOCKS if language == "yaml"]
TARGETS = set(re.findall(r"^([\w-]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_block_is_of_a_language_that_is_tested() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "yaml"}
    assert {command[0] for command in COMMANDS} == {"make", "pip", "export", "sessionaudit"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command[0] == "make"], ids=shlex.join)
def test_a_target_is_there(command: list[str]) -> None:
    assert set(command[1:]) <= TARGETS


SESSIONS = [
    [command for command in commands(block) if command[0] == "sessionaudit"]
    for language, block in BLOCKS
    if language == "sh" and "\nsessionaudit " in f"\n{block}"
]


@pytest.mark.parametrize(
    "session",
    [SESSIONS[0], *map(thorough, SESSIONS[1:])],
    ids=lambda session: shlex.join(session[0]) if session else "none",
)
def test_the_commands_of_a_block_run(
    session: list[list[str]],
    template: Callable[[str, list[str]], str],
    make_database: Callable[..., str],
    tmp_path: Path,
) -> None:
    recorded = any(command[1] == "migrations" for command in session)
    parts = system.RECORDED if recorded else system.BROKEN
    url = make_database(template(parts[-1], system.statements(parts)))
    shutil.copy(TOP / "expected_schema.yaml", tmp_path)
    shutil.copytree(TOP / "repairs", tmp_path / "repairs")
    if any(
        command[1] == "snapshot" and "--update" not in command for command in session
    ):  # a database without a contract
        (tmp_path / "expected_schema.yaml").unlink()
    if recorded:
        history.write_broken(tmp_path / history.FOLDER)
    if any(command[1] == "scan" for command in session):
        application_files.write_broken(tmp_path / application_files.FOLDER)
    if any(command[1] == "backfill" for command in session):  # rows are mended once the schema is
        asked = f"--only schema --only {system.UNKNOWN} --allow rewrite --allow loosen --with-data"
        session = [shlex.split(f"sessionaudit repair --apply --yes {asked}"), *session]
    for command in session:
        result = subprocess.run(
            [sys.executable, "-m", *(url if word.startswith("postgresql://") else word for word in command)],
            cwd=tmp_path,
            env={**os.environ, "DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode in allowed(command), result.stderr
        assert "Traceback" not in result.stderr


def allowed(command: list[str]) -> set[int]:
    """The exit codes with which a command of the README may end on the broken system."""
    if "--apply" in command and "--yes" not in command:
        return {errors.EXIT_USAGE}  # there is no terminal to ask on
    if "--apply" in command and "--only" not in command:  # what the contract does not name is left
        return {errors.EXIT_FINDINGS}
    if "--as" in command:  # what is wrong concerns another role
        return {errors.EXIT_CLEAN}
    if command[1] in {"migrations", "scan", "access", "probe"}:
        return {errors.EXIT_FINDINGS}
    if command[1] == "check":  # invariants that stand on the missing column are not checked
        return {errors.EXIT_CLEAN, errors.EXIT_FINDINGS, errors.EXIT_DATABASE}
    if command[1] == "trace" or "--list" in command or {"--all", "--yes"} <= {*command}:
        return {errors.EXIT_FINDINGS}  # something is missing, or left for a person
    return {errors.EXIT_CLEAN}


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_contract_of_the_readme_is_one(snippet: str, tmp_path: Path) -> None:
    path = tmp_path / "expected_schema.yaml"
    path.write_text(snippet, encoding="utf-8")
    load(path)
    validator().validate(yaml.safe_load(re.sub(r"(\d{4}-\d\d-\d\d)", r'"\1"', snippet)))


def test_a_contract_of_the_readme_shows_what_most_have(tmp_path: Path) -> None:
    path = tmp_path / "expected_schema.yaml"
    path.write_text(max(SNIPPETS, key=len), encoding="utf-8")
    contract = load(path)
    # docs/contract.md has an example of every kind.
    shown = "extension enum table column key foreign_key index function policy grant trigger publication".split()
    assert all(contract.objects[name] for name in shown)


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \| [a-z]", README, re.MULTILINE)}
    assert told == {value for name, value in vars(errors).items() if name.startswith("EXIT_")}


def test_the_options_are_those_of_the_program() -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", README)) - {"--regen", "--schema-only"}
    help_ = "".join(
        program.run([*program.START, *words, "--help"], capture_output=True, text=True).stdout
        for words in ([], *([name] for name in sorted(NAMES)))
    )
    assert told <= set(re.findall(r"--[a-z]+(?:-[a-z]+)*", help_))


def test_the_schemas_are_fresh() -> None:
    import json

    stored = json.loads((TOP / "schemas" / "expected_schema.schema.json").read_text(encoding="utf-8"))
    assert stored == schema(), "run `make schemas`"


def test_the_contract_of_the_repository_keeps_its_schema() -> None:
    validator().validate(yaml.safe_load((TOP / "expected_schema.yaml").read_text(encoding="utf-8")))
