"""Read `[tool.sessionaudit]` of the nearest pyproject.toml that has it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.core.finding import Location
from sessionaudit.defaults.options import SETTABLE
from sessionaudit.defaults.stated import StatedDefault, problem
from sessionaudit.errors import DefaultsError
from sessionaudit.files import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "pyproject.toml"
_MOST_BYTES = 1024 * 1024
_OURS = b"sessionaudit"
_TABLE = ("tool", "sessionaudit")
_ON_LINE = re.compile(r"line (\d+)(?:, column (\d+))?")


def stated(directory: Path) -> Iterator[StatedDefault | DefaultsError]:
    """Return the defaults of the file that concerns a directory, and what is wrong with it; nothing without a file."""
    for folder in _upwards(directory):
        path = folder / NAME
        try:
            content = read(path, _MOST_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            hint = "Make it readable, or run the command in another directory: its defaults would be missing."
            place = Location(_shown(path, directory), 0)
            yield DefaultsError(f"cannot read it: {error.strerror}", location=place, hint=hint)
            return
        if _OURS in content and (found := _read(content, path, _shown(path, directory))) is not None:
            yield from found
            return


def _upwards(directory: Path) -> Iterator[Path]:
    """Yield the directory and those that hold it, to the top of the repository or of the file system."""
    try:
        device = directory.stat().st_dev
        for folder in (directory, *directory.parents):
            if folder.stat().st_dev != device:
                return
            yield folder
            if (folder / ".git").exists():
                return
    except OSError:  # it was removed, or may not be looked into
        return


def _shown(path: Path, directory: Path) -> str:
    return os.path.relpath(path, directory)


def _read(content: bytes, path: Path, shown: str) -> list[StatedDefault | DefaultsError] | None:
    """Return what a file states; None if it has no such table."""
    import tomllib  # noqa: PLC0415 - most calls have no such file

    try:
        text = content.decode()
        data: Any = tomllib.loads(text)
    except UnicodeDecodeError as error:
        place = Location(shown, content.count(b"\n", 0, error.start) + 1)
        said = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        return [DefaultsError(said, location=place, hint="Save the file as UTF-8.")]
    except ValueError as error:
        found = _ON_LINE.search(str(error))
        line, column = (int(number or 0) for number in found.groups()) if found else (0, 0)
        said = str(error).partition(" (at ")[0]
        return [DefaultsError(f"it is not TOML: {said}", location=Location(shown, line, column))]
    for word in _TABLE:
        data = cast("dict[str, Any]", data).get(word) if isinstance(data, dict) else None
    if data is None:
        return None
    lines = KeyLines(text, shown)
    if not isinstance(data, dict):
        return [DefaultsError("tool.sessionaudit must be a table", location=lines.place(()))]
    return [*_stated(cast("dict[str, Any]", data), path.parent, lines)]


def _stated(table: dict[str, Any], directory: Path, lines: KeyLines) -> Iterator[StatedDefault | DefaultsError]:
    for key, value in table.items():
        if isinstance(value, dict) and key in SETTABLE:
            of_command = cast("dict[str, Any]", value)
            yield from (_one(key, word, one, directory, lines.place((key, word))) for word, one in of_command.items())
        else:
            yield _one("", key, value, directory, lines.place((key,)))


def _one(command: str, word: str, value: Any, directory: Path, place: Location) -> StatedDefault | DefaultsError:
    wrong = problem(command, word, place)
    if wrong is None and not _is_value(value):
        wrong = DefaultsError(
            f"the default of “{word}” is no value of an option",
            location=place,
            hint="It is a text, a number, true or false, or a list of texts.",
        )
    return wrong or StatedDefault(command, word, value, place, directory)


def _is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in cast("list[object]", value))
    return isinstance(value, (bool, int, float, str))


class KeyLines:
    """Finds the line of a key; tomllib, which reads each line's key here, tells no places."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), start=1):
            head = line.strip()
            if head.startswith("["):
                table = _keys(head) or table
                self._lines.setdefault(table, number)
            elif "=" in head and (keys := _keys(head.partition("=")[0] + "= 0")):
                for end in range(1, len(keys) + 1):
                    self._lines.setdefault((*table, *keys[:end]), number)

    def place(self, path: tuple[str, ...]) -> Location:
        """Return the line of a key below our table; that of the table, if the key is in a form that hides it."""
        whole = (*_TABLE, *path)
        found = (self._lines[whole[:end]] for end in range(len(whole), 0, -1) if whole[:end] in self._lines)
        return Location(self._file, next(found, 0))


def _keys(line: str) -> tuple[str, ...]:
    """Return the keys of a line of TOML, from the outside; none if it is no whole one."""
    import tomllib  # noqa: PLC0415 - as above

    try:
        data: Any = tomllib.loads(line)
    except ValueError:
        return ()
    keys: list[str] = []
    while isinstance(data, dict) and len(cast("dict[str, Any]", data)) == 1:
        key, data = next(iter(cast("dict[str, Any]", data).items()))
        keys.append(key)
    return tuple(keys)
