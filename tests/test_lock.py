"""What is built and tested is pinned: every dependency, direct and not, within the ranges of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parents[1]
LOCK = (TOP / "requirements.lock").read_text(encoding="utf-8")
OF_DOCS = (TOP / "requirements-docs.lock").read_text(encoding="utf-8")  # apart, as only `make docs` needs it
PROJECT: dict[str, Any] = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
_PINNED = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\\n(?P<hashes>(?:    --hash=\S+(?: \\)?\n)+)",
    re.MULTILINE,
)
PINNED = {canonicalize_name(match["name"]): Version(match["version"]) for match in _PINNED.finditer(LOCK)}
PINNED_FOR_DOCS = {canonicalize_name(match["name"]): Version(match["version"]) for match in _PINNED.finditer(OF_DOCS)}


def listed(group: str) -> Iterator[str]:
    for one in PROJECT["dependency-groups"][group]:
        if isinstance(one, str):
            yield one
        else:
            yield from listed(one["include-group"])


def direct() -> list[str]:
    project = PROJECT["project"]
    optional = [one for extra in project["optional-dependencies"].values() for one in extra]
    groups = [one for group in PROJECT["dependency-groups"] if group != "docs" for one in listed(group)]
    return sorted({*project["dependencies"], *optional, *groups, *PROJECT["build-system"]["requires"]})


@pytest.mark.parametrize("lock", [LOCK, OF_DOCS], ids=["requirements.lock", "requirements-docs.lock"])
def test_a_lock_is_nothing_but_pins_with_hashes(lock: str) -> None:
    assert _PINNED.sub("", lock) == ""
    assert re.search(r"https?:|//|@|index|\.(?:org|com|io)\b", lock) is None, "no address may stand in it"
    assert re.findall(r"--hash=(?!sha256:[0-9a-f]{64}\b)\S+", lock) == []


def test_there_are_as_many_pins_as_there_must_be() -> None:
    assert len(PINNED) > 40
    for requirement in map(Requirement, listed("docs")):
        assert PINNED_FOR_DOCS[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("text", direct())
def test_a_direct_dependency_is_pinned_within_its_range(text: str) -> None:
    requirement = Requirement(text)
    assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier


def test_what_a_pinned_package_needs_is_pinned_too() -> None:
    """As far as it is installed here: by what the packages themselves say."""
    extras = {canonicalize_name(one.name): one.extras for one in map(Requirement, direct())}
    installed = {canonicalize_name(str(one.metadata["Name"])): one for one in metadata.distributions()}
    looked_at = [name for name in PINNED if name in installed]
    assert len(looked_at) > 30
    for name in looked_at:
        for text in installed[name].requires or ():
            needed = Requirement(text)
            wanted = ("", *extras.get(name, ()))
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in wanted):
                pinned = PINNED.get(canonicalize_name(needed.name))
                assert pinned is not None, f"{name} needs {text}"
                assert installed[name].version != str(PINNED[name]) or pinned in needed.specifier, f"{name}: {text}"


def test_what_is_made_and_tested_is_installed_from_the_lock() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    for target, recipe in re.findall(r"^(\S+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE):
        for line in re.findall(r".* pip install .*", recipe):
            if "$(BIN)" in line:
                assert (
                    "--require-hashes --requirement requirements.lock" in line
                    or "--no-deps --no-build-isolation" in line
                )
            elif target == ".cache/docs/.ready":
                assert "--require-hashes --requirement requirements-docs.lock" in line
            else:
                assert target in {"lock", "newest"}, line
    assert "pip install" not in (TOP / ".ci" / "run").read_text(encoding="utf-8")


def test_the_build_backend_is_pinned_for_a_build_without_isolation() -> None:
    assert set(PROJECT["build-system"]["requires"]) <= set(PROJECT["dependency-groups"]["build"])
    assert {"hatchling", "editables"} <= PINNED.keys()
