"""Read the text of a contract file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_and_column
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.streams import is_stream
from sessionaudit.core.visible import option_path
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path

# Far more than 5,000 tables need (8 MB), and low enough to limit time and memory.
MOST_BYTES = 32 * 1024 * 1024
SPLIT = "Split it into several contracts, and check them one by one."


def read(path: Path) -> str:
    """Read the text of a contract file. Raises ContractError."""
    if path in _read_once:
        return _read_once[path]
    try:
        raw, again = files.read_any(path, MOST_BYTES)
    except FileNotFoundError:
        line = CALLING.line("snapshot", "--output", option_path(path), without=PARTS)
        raise ContractError(
            f"the contract {path} does not exist",
            hint="Name another with --contract FILE or SESSIONAUDIT_CONTRACT, or write one from the database as it "
            f"is: `{line}`",
        ) from None
    except files.SilentPipeError as error:
        hint = "A command must write the contract into it, such as: --contract <(cat expected_schema.yaml)"
        raise ContractError(f"cannot read the contract {path}: {error.strerror}", hint=hint) from None
    except OSError as error:
        raise ContractError(
            f"cannot read the contract {path}: {error.strerror}", hint="Name another one with --contract FILE."
        ) from None
    except ValueError:  # a NUL in the name
        raise ContractError(f"cannot read the contract {str(path)!r}: this is not a file name") from None
    if len(raw) > MOST_BYTES:
        raise ContractError(f"the contract {path} is larger than {MOST_BYTES // 1024 // 1024} MiB", hint=SPLIT)
    text = decoded(raw, str(path))
    if not again or is_stream(path.as_posix()):  # some systems read a stream on where it was left
        _read_once[path] = text
    return text


# The text of a pipe, which can be read only once.
_read_once: dict[Path, str] = {}


def decoded(raw: bytes, file: str) -> str:
    """Return the text of a contract file. Raises ContractError if it is none."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise ContractError(
            "the contract is in UTF-16, and must be in UTF-8",
            location=Location(file, 1, 1),
            hint="Save the file as UTF-8.",
        )
    if b"\0" in raw:
        location = _byte(file, raw, raw.index(b"\0"))
        raise ContractError("this is a binary file, not a contract", location=location)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(
            f"the byte 0x{raw[error.start]:02x} is not UTF-8",
            location=_byte(file, raw, error.start),
            hint="Save the file as UTF-8.",
        ) from None


def _byte(file: str, raw: bytes, index: int) -> Location:
    before = raw[:index].removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    return Location(file, *line_and_column(before, len(before)))
