"""Writes `requirements/`: the parts of requirements.lock that the image is made of, without what only tests need."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable

TOP = Path(__file__).parents[1]
_ENTRY = re.compile(r"^([a-z0-9-]+)==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
# The image is one of Linux; which version of Python it has does not matter to the packages that there are.
_SYSTEM = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}


def parts() -> dict[str, str]:
    """The texts of the parts by their names: of the lock, what the program needs, and what builds it."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    needed = (*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["demo"])
    return {"runtime": _part(needed), "build": _part(project["dependency-groups"]["build"])}


def _part(wanted: Iterable[str]) -> str:
    lock = (TOP / "requirements.lock").read_text(encoding="utf-8")
    names: set[str] = set()
    waiting = [Requirement(one) for one in wanted]
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        new = [Requirement(said) for said in metadata.requires(name) or ()]
        names.add(name)
        waiting += [
            Requirement(f"{other.name}{_extras(other)}")
            for other in new
            for extra in ("", *one.extras)
            if canonicalize_name(other.name) not in names and _applies(other, extra)
        ]
    return "".join(match[0] for match in _ENTRY.finditer(lock) if match[1] in names)


def _applies(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({**_SYSTEM, "extra": extra})


def _extras(one: Requirement) -> str:
    return f"[{','.join(sorted(one.extras))}]" if one.extras else ""


def main() -> int:
    """Write them."""
    for name, text in parts().items():
        (TOP / "requirements" / f"{name}.lock").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
