"""The programs from outside that tests need: those that npm has and a browser, which read what we print, and others."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

CACHE = Path(__file__).parents[1] / ".cache"
# Where it is set, as in .ci/run, a consumer that cannot be had fails the test: nothing is left out there unseen.
REQUIRED = "SESSIONAUDIT_TEST_CONSUMERS"
PLAYWRIGHT = ("playwright-core", "1.65.1")  # drives a browser
_BROWSERS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


def lacking(what: str) -> NoReturn:
    """Leave the test out, as a machine without npm or a browser can run the others; fail it where all must be there."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, and {what}")
    pytest.skip(what)  # only where the variable is not set


def npm_package(name: str, version: str) -> Path:
    """The folder of a package of npm, unpacked once: no script of it runs, and what it depends on is not there."""
    place = CACHE / "npm" / f"{name.replace('/', '+')}@{version}"
    if place.exists():
        return place
    _needs_npm(name)
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


def npm_installed(place: Path, *packages: str) -> Path:
    """Where packages of npm are with all that they depend on, and with what their scripts make: installed once."""
    with once(place, packages) as is_first:
        if is_first:
            _needs_npm(packages[0])
            installed("npm", "install", "--prefix", place, "--no-save", "--no-audit", "--no-fund", *packages)
    return place / "node_modules"


@contextlib.contextmanager
def once(place: Path, packages: Sequence[str]) -> Generator[bool]:
    """Yield whether these packages are still to be installed there; who else asks waits until they are."""
    place.mkdir(parents=True, exist_ok=True)
    done = place / "done"
    with (place / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_first = not done.exists() or done.read_text(encoding="utf-8") != " ".join(packages)
        yield is_first
        done.write_text(" ".join(packages), encoding="utf-8")


def installed(*words: str | Path) -> None:
    """Run a command that installs packages from where this machine has them; without them there is nothing to test."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=280)
    if done.returncode:
        lacking(f"{Path(words[0]).name} does not give the packages: {done.stderr[-200:]}")


def _needs_npm(package: str) -> None:
    if shutil.which("npm") is None:
        lacking(f"npm is not there, which gives {package}")


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
