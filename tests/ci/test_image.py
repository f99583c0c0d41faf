"""The image: pinned by hashes, not root, made of what it needs alone; and what its file says to run works."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from scripts import parts_of_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parents[2]
FILE = (TOP / "Dockerfile").read_text(encoding="utf-8")


class Instruction(NamedTuple):
    """One of a Dockerfile, in one line."""

    word: str
    rest: str


@cache
def instructions() -> tuple[Instruction, ...]:
    """Those of the file: lines that continue are joined, and comments left out."""
    kept = [line for line in FILE.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(kept))
    found = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    return tuple(Instruction(word, rest.strip()) for word, _, rest in found)


def of(word: str) -> list[str]:
    return [one.rest for one in instructions() if one.word == word]


def test_it_is_not_root_and_runs_the_program() -> None:
    assert [one.split(" AS ")[0] for one in of("FROM")] == ["python:3.13-slim"] * 2
    assert of("USER") == ["10001"]
    last = max(number for number, one in enumerate(instructions()) if one.word == "FROM")
    assert of("USER") == [one.rest for one in instructions()[last:] if one.word == "USER"]
    assert of("ENTRYPOINT") == ['["sessionaudit"]']
    assert not re.search(r"https?:|--index|--extra-index|--trusted-host", FILE), "no address may stand in it"


def test_nothing_is_installed_without_a_hash() -> None:
    calls = [call for run in of("RUN") for call in run.split("&&") if " install " in call]
    assert calls
    for call in calls:
        assert "--require-hashes" in call or ("--no-deps" in call and "--no-index" in call), call
    assert "--no-build-isolation" in next(run for run in of("RUN") if "pip wheel" in run)


def test_the_parts_of_the_lock_are_up_to_date() -> None:
    found = {path.stem: path.read_text(encoding="utf-8") for path in (TOP / "requirements").iterdir()}
    assert found == parts_of_lock.parts(), "run scripts/parts_of_lock.py, as `make lock` does"


def sources() -> Iterator[tuple[list[str], str]]:
    for one in of("COPY"):
        if not one.startswith("--from"):
            *names, target = one.split()
            yield names, target


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {name for names, _ in sources() for name in names}
    assert copied == kept
    assert all((TOP / name).exists() for name in copied)
    assert "*" in ignored
    assert not any(fnmatch.fnmatch(".git", name) for name in kept)


@pytest.mark.slow
def test_what_is_run_makes_a_program_that_works(tmp_path: Path) -> None:
    """The instructions of the first stage, in a directory and with a Python of their own."""
    home, build = tmp_path / "opt", tmp_path / "build"
    python = tmp_path / "python"
    subprocess.run([sys.executable, "-m", "venv", str(python)], check=True)
    build.mkdir()
    for one in instructions():
        if one.word == "COPY" and not one.rest.startswith("--from"):
            *names, target = one.rest.split()
            for name in names:
                place = build / (name if target == "./" else target)
                subprocess.run(["cp", "-r", str(TOP / name), str(place)], check=True)
        elif one.word == "RUN" and "useradd" not in one.rest:
            script = one.rest.replace("/opt/sessionaudit", str(home))
            subprocess.run(["sh", "-ec", script], cwd=build, env={"PATH": f"{python}/bin:/usr/bin:/bin"}, check=True)
    program = [str(home / "bin" / "sessionaudit"), "lint", "--embedded", str(TOP / "expected_schema.yaml")]
    done = subprocess.run(
        program, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Clean" in done.stdout
    installed = subprocess.run([str(python / "bin" / "pip"), "--python", str(home / "bin" / "python"), "list"],
                               capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert not re.search(r"^(pytest|ruff|mypy|hatchling) ", installed, re.MULTILINE)
