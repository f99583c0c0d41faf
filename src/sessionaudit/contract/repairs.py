"""Find and read the repair files of a contract, and check their content."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.core.place import where
from sessionaudit.core.query import KEYS, takes_keys
from sessionaudit.core.streams import base_of
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from sessionaudit.core.node import Scalar

MOST_BYTES = 1024 * 1024
_MOST_CHARACTERS = 240
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"`])")
_FOR_A_PERSON = re.compile(r"\b(a person|by hand)\b")
_REFUSAL = re.compile(r"(Never|Not|No|Only|Does not|Leaves)\b")


def path_of(file: str, name: Scalar) -> Path:
    """Return a repair file's path: inside the directory of the contract, whose main file is `file`, after resolving
    links. Raises ContractError.
    """
    place = where(name)
    try:
        folder = base_of(Path(file)).resolve()
        path = (folder / name).resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL, or a cycle of links
        raise ContractError(f"cannot read the repair {str(name)!r}: this is not a file name", location=place) from None
    if Path(name).is_absolute() or not path.is_relative_to(folder):
        raise ContractError(
            f"the repair {name} is outside the contract's directory",
            location=place,
            hint="Its path is relative to the file that names it, and must be inside that directory.",
        )
    return path


def said_of(text: str) -> str:
    """Return the sentence of a repair file's header that says what is left for a person, or what it does not do.

    Without such a sentence it is the first; without a header, "".
    """
    lines: list[str] = []
    for line in text.strip().splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.lstrip("-").strip())
    paragraphs = "\n".join(lines).split("\n\n")
    sentences = [one for paragraph in paragraphs for one in _SENTENCE.split(" ".join(paragraph.split())) if one]
    chosen = (one for told in (_FOR_A_PERSON.search, _REFUSAL.match) for one in sentences if told(one))
    said = next(chosen, next(iter(sentences), ""))
    return said if len(said) <= _MOST_CHARACTERS else f"{said[:_MOST_CHARACTERS].rpartition(' ')[0]} …"


def text_of(file: str, name: Scalar) -> str:
    """Read a repair file; its name is relative to the main file `file`. Raises ContractError, without its content."""
    place = where(name)
    try:
        text = files.read(path_of(file, name), MOST_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ContractError(
            f"cannot read the repair {name}: {reason}",
            location=place,
            hint="Its path is relative to the file that names it.",
        ) from None
    if "\0" in text:
        raise ContractError(f"the repair {name} is a binary file", location=place)
    if not takes_keys(text):
        raise ContractError(
            f"the repair {name} has no parameter {KEYS}",
            location=place,
            hint="It must repair only the rows with these keys.",
        )
    return text
