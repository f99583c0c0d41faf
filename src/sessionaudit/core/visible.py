"""Escape text from outside, so that it cannot move the cursor, or hide or reorder other text.

Names, keys of rows, messages of servers and texts of contracts may contain any character that a database can store. All
text shown to people passes through this module last, so that callers need not care; a page does it before it measures
widths.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Control characters (Cc), format characters including the bidirectional ones (Cf), surrogates (Cs), line and paragraph
# separators (Zl, Zp), and characters that a font may omit (Default_Ignorable_Code_Point).
_UNSEEN = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ANY = re.compile(f"[{_UNSEEN}]")
_BUT_BREAKS = re.compile(f"(?!\n)[{_UNSEEN}]")
_BUT_COLOURS = f"\x1b\\[[0-9;]*m|(?!\n)[{_UNSEEN}]"  # compiled when first used: few pages have colours
_OF_SHELLS = frozenset(" !\"$%'\\`")  # of a meaning in quotes, for printf, or where a line is folded
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def hidden(text: str) -> bool:
    """Whether a text contains characters that a reader cannot see."""
    return _ANY.search(text) is not None


def visible(text: str) -> str:
    r"""Return the text on one line, with invisible characters escaped as in `\n`, `\x1b` or `\u202e`."""
    return _ANY.sub(_spelled, text)


def visible_page(text: str, *, colour: bool = False) -> str:
    """Escape a text of several lines; with `colour` keep colour codes, which only a page writes."""
    return re.sub(_BUT_COLOURS if colour else _BUT_BREAKS, _spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if len(character) > 1:  # a colour
        return character
    code = ord(character)
    if 0xDC80 <= code < 0xDD00:  # a byte of a file's name or of a variable that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 256:
        return _SHORT.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def in_text(text: str, spelled: Callable[[int], str], *, breaks: bool) -> str:
    """Replace each such character by the result of `spelled` for its code; with `breaks` also line breaks."""
    return (_ANY if breaks else _BUT_BREAKS).sub(lambda match: spelled(ord(match[0])), text)


def spelled_json(value: Any, *, indent: int | None = 2) -> str:
    """Spell a value as JSON, with invisible characters as JSON escapes."""
    return _BUT_BREAKS.sub(_in_json, json.dumps(value, indent=indent, ensure_ascii=False))


def _in_json(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def shell_word(text: str) -> str:
    r"""Quote a word for a shell.

    If it contains invisible characters, `printf` makes it, as in `"$(printf 'a\012b')"`: `$'…'` is not known to every
    `sh`. Only a word that ends with a line break needs that, as a substitution would lose the break.
    """
    if not hidden(text):
        return shlex.quote(text)
    if text.endswith("\n"):
        return f"$'{''.join(map(_in_octal, text))}'"
    start = _octal("-") if text.startswith("-") else ""
    return f"\"$(printf '{start}{''.join(map(_in_octal, text[bool(start) :]))}')\""


def _in_octal(character: str) -> str:
    return _octal(character) if hidden(character) or character in _OF_SHELLS else character


def _octal(character: str) -> str:
    errors = "surrogateescape" if 0xDC80 <= ord(character) < 0xDD00 else "surrogatepass"  # a byte, or half a character
    return "".join(f"\\{byte:03o}" for byte in character.encode(errors=errors))


def shell_path(path: object) -> str:
    """Quote a file name for a shell, so that no command reads it as an option."""
    return shell_word(option_path(path))


def option_path(path: object) -> str:
    """Spell a file name so that no command reads it as an option."""
    word = str(path)
    return f"./{word}" if word.startswith("-") else word


def escape(code: int) -> str:
    r"""Escape a character for `E'…'` of PostgreSQL; from 128 on, `\x` would be a byte."""
    if code < 128:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shell_line(words: list[str]) -> str:
    """Join words to a line that a shell splits into the same words."""
    return " ".join(map(shell_word, words))
