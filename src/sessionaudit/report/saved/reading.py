"""Read a saved report: the JSON that `check --format json` printed, and nothing else."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, cast

import msgspec

from sessionaudit import files
from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_and_column
from sessionaudit.errors import FileError
from sessionaudit.report.saved.making import made
from sessionaudit.report.saved.places import place_of
from sessionaudit.report.saved.shapes import SavedReport

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.report import Report

VERSION = 1
MOST_BYTES = 64 * 1024 * 1024  # a database of 5,000 tables takes a tenth of it
STDIN = "-"
_AGAIN = "Write one with `sessionaudit check --format json --output FILE`."
_AT = re.compile(r"(?P<said>.*?)(?: - at `(?P<path>.*)`)?", re.DOTALL)
_CUT = "the file ends in the middle of the report: it was not written, or not copied, completely"


def read(file: Path) -> Report:
    """Read a saved report; `-` is stdin. Raises FileError with the place of what is wrong."""
    name = "stdin" if str(file) == STDIN else str(file)
    text = _text(file, name)
    return made(_shaped(text, _loaded(text, name), name), name)


def _text(file: Path, name: str) -> str:
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if str(file) == STDIN else files.read(file, MOST_BYTES)
    except FileNotFoundError:
        raise FileError(f"the report {name} does not exist", hint=_AGAIN) from None
    except files.NotAFileError as error:
        raise FileError(f"cannot read the report {name}: {error.strerror}", hint="For a pipe, write -.") from None
    except OSError as error:
        raise FileError(
            f"cannot read the report {name}: {error.strerror}", hint="Name a file that you may read."
        ) from None
    except ValueError:  # a NUL in the name
        raise FileError(f"cannot read the report {name!r}: this is not a file name") from None
    if len(raw) > MOST_BYTES:
        raise FileError(f"cannot read the report {name}: it is larger than {MOST_BYTES // 1024 // 1024} MiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(errors="replace")
        place = Location(name, *line_and_column(before, len(before)))
        raise FileError(f"the byte 0x{raw[error.start]:02x} is not UTF-8", location=place, hint=_AGAIN) from None


def _loaded(text: str, name: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = Location(name, error.lineno, error.colno)
        if not text.strip():
            raise FileError("the file is empty", location=Location(name, 1, 1), hint=_AGAIN) from None
        cut = text.lstrip()[:1] == "{" and (error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"))
        said = _CUT if cut else f"this is no report, as it is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise FileError(said, location=place, hint=_AGAIN) from None
    except RecursionError:
        raise FileError("this is no report: it is nested too deep", location=Location(name, 1, 1)) from None
    except ValueError:
        raise FileError("this is no report: a number has thousands of digits", location=Location(name, 1, 1)) from None
    if "\\ud" in text.lower():  # what stands for bytes of a file's name is text, other halves of characters are none
        try:
            json.dumps(data, ensure_ascii=False).encode(errors="surrogateescape")
        except UnicodeEncodeError as error:
            code = f"\\u{ord(error.object[error.start]):04x}"
            place = Location(name, *line_and_column(text, max(text.lower().find(code), 0)))
            raise FileError(f"this is no report: {code} is half of a character", location=place) from None
    if not isinstance(data, dict) or not {"version", "findings", "error"} & data.keys():
        raise FileError("this is JSON, but no report of sessionaudit", location=Location(name, 1, 1), hint=_AGAIN)
    return cast("dict[str, Any]", data)


def _shaped(text: str, data: dict[str, Any], name: str) -> SavedReport:
    def refused(message: str, hint: str, *path: str | int) -> FileError:
        return FileError(message, location=Location(name, *line_and_column(text, place_of(text, path))), hint=hint)

    version = data.get("version")
    if type(version) is int and version > VERSION:
        said = f"the report has the version {version}, and this program reads version {VERSION}"
        raise refused(said, "Read it with the version of sessionaudit that wrote it, or a later one.", "version")
    if type(version) is not int or version != VERSION:
        raise refused("this is no report of sessionaudit: its “version” is not 1", _AGAIN, "version")
    if isinstance(error := data.get("error"), dict):
        told = str(cast("dict[str, Any]", error).get("message", ""))
        raise refused(f"the file has no report, but the error that ended the call: {told}", _AGAIN, "error")
    if "findings" in data and "audits" not in data:
        said = "the report lacks “audits”: it was written by an older sessionaudit, or by another command"
        raise refused(said, _AGAIN)
    try:
        return msgspec.convert(data, SavedReport)
    except msgspec.ValidationError as error:
        match = _AT.fullmatch(str(error))
        words = match["said"] if match else str(error)
        path = _steps(match["path"] or "") if match else ()
        where = f"{_spelled(path)}: " if path else ""
        raise refused(f"this is no report that can be printed: {where}{_plain(words)}", _AGAIN, *path) from None
    except UnicodeEncodeError:  # bytes of a file's name where no text may be
        raise refused("this is no report: it has bytes where no text may be", _AGAIN) from None
    except RecursionError:
        raise refused("this is no report: it is nested too deep", _AGAIN) from None


def _steps(path: str) -> tuple[str | int, ...]:
    """The keys and numbers of a path as msgspec spells it: `$.findings[0].line`. Of some keys it says `[...]`."""
    found = re.findall(r"\[(\d+)\]|\.([\w-]+)|(\[\.\.\.\])", path)
    return tuple(int(number) if number else key for number, key, any_ in found if not any_)


def _spelled(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _plain(said: str) -> str:
    """What msgspec says, in our words and quotes."""
    said = re.sub(r"Expected `str` matching regex .*", "it is no such word", said, flags=re.DOTALL)
    said = re.sub(r"^Object missing required field `(.*)`$", r"“\1” is missing", said)
    return re.sub(r"^Expected", "expected", said.replace("got `", "found `")).replace("`", "")
