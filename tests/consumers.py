"""The programs from outside that read what we print: those that npm has, and a browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

CACHE = Path(__file__).parents[1] / ".cache"
REQUIRED = "SESSIONAUDIT_TEST_CONSUMERS"  # where it is set, a consumer that cannot be had is an error
PLAYWRIGHT = ("playwright-core", "1.65.1")  # drives a browser
_BROWSERS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


def lacking(what: str) -> NoReturn:
    """Leave the test out, or fail it where all consumers must be there."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, and {what}")
    pytest.skip(what)


def npm_package(name: str, version: str) -> Path:
    """The folder of a package of npm, unpacked once: no script of it runs, and what it depends on is not there."""
    place = CACHE / "npm" / f"{name.replace('/', '+')}@{version}"
    if place.exists():
        return place
    if shutil.which("npm") is None:
        lacking(f"npm is not there, which gives {name}")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as draft:
        words = ("npm", "pack", "--silent", f"{name}@{version}")
        packed = subprocess.run(words, cwd=draft, capture_output=True, text=True, check=False, timeout=280)
        if packed.returncode:
            lacking(f"npm does not give {name}@{version}: {packed.stderr[-200:]}")
        (archive,) = Path(draft).glob("*.tgz")
        with tarfile.open(archive) as file:
            file.extractall(draft, filter="data")
        with contextlib.suppress(OSError):  # another process was faster
            (Path(draft) / "package").rename(place)
    return place


def with_needed(place: Path, *needed: tuple[str, str]) -> Path:
    """The same package, which finds there those that it needs."""
    for name, version in needed:
        link = place / "node_modules" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            link.symlink_to(npm_package(name, version))
    return place


def chromium() -> str:
    """The browser: that of the machine, or the one that `scripts/get-chromium.sh` unpacked."""
    own = CACHE / "chromium" / "chromium"
    found = str(own) if own.exists() else next(filter(None, map(shutil.which, _BROWSERS)), None)
    return found or lacking("there is no Chromium: make .cache/chromium gets it where Debian's packages are")


def told_by_node(script: Path, *words: str | Path, stdin: str = "") -> str:
    """What a program of Node prints; it must succeed."""
    done = subprocess.run(
        ["node", script, *words], input=stdin, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
