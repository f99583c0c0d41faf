"""Write invisible characters in SQL as PostgreSQL's escapes.

People read a script before they run it. A name or a text in it may contain a control character, or one that changes the
order of what is displayed, so that people read another statement than the server. Only the spelling is changed: a name
becomes `U&"…"`, a text `E'…'`, and a comment contains the escape itself.
"""

from __future__ import annotations

import re

from sessionaudit.core.visible import escape, hidden, in_text, visible_page
from sessionaudit.sql.text import folded, unliteral, unquote

_WORD = "[A-Za-z_\\x80-\U0010ffff][\\w$\\x80-\U0010ffff]*+"
# The text between two of these contains nothing from outside.
_PARTS = re.compile(
    rf"""(?P<comment> --[^\n]* | /\*.*?\*/ )
       | (?P<string>  [eE]'(?:[^'\\]|''|\\.)*+' | (?:[uU]&|[nN])?'(?:[^']|'')*+' )
       | (?P<dollar>  \$(?P<tag>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*+)?\$ .*? \$(?(tag)(?P=tag))\$ )
       | (?P<quoted>  (?:[uU]&)?"(?:[^"]|"")++" )
       | (?P<word>    (?![uU]&['"]|[eEnN]'){_WORD} )""",
    re.VERBOSE | re.DOTALL,
)


def plain(sql: str) -> str:
    """Escape all invisible characters in SQL, except line breaks."""
    if not hidden(sql.replace("\n", "")):
        return sql
    return visible_page(_PARTS.sub(_respelled, sql))


def indentable(sql: str, *, by_bytes: bool = False) -> str:
    r"""Escape all invisible characters in SQL, and line breaks where these stand in a text or a name.

    So its lines can be indented, and pasted, and mean the same. A text goes on in a line of its own after each of its
    line breaks. With `by_bytes` a character is written as the bytes of it, as SQL_ASCII has no `\u`.
    """

    def respelled(match: re.Match[str]) -> str:
        text = match[0]
        if match.lastgroup != "string" or not hidden(text):
            return _name(unquote(text)) if match.lastgroup == "quoted" and hidden(text) else text
        lines = unliteral(text).replace("\\", "\\\\").replace("'", "''").split("\n")
        lines = [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]
        return ("E" if text[0] in "eE" else " E") + "\n  ".join(
            f"'{in_text(line, spelled, breaks=True)}'" for line in lines
        )

    def spelled(code: int) -> str:
        if code == ord("\n"):
            return "\\n"
        if code == ord("\t"):
            return "\\t"
        if by_bytes or 0xDC80 <= code <= 0xDCFF:  # the latter is a byte that is no character
            return "".join(f"\\x{byte:02x}" for byte in chr(code).encode(errors="surrogateescape"))
        return escape(code)

    return _PARTS.sub(respelled, sql)


def _respelled(match: re.Match[str]) -> str:
    text = match[0]
    if not hidden(text.replace("\n", "")):
        return text
    if match.lastgroup == "comment":
        return visible_page(text)
    if match.lastgroup == "word":
        return _name(folded(text))
    return _name(unquote(text)) if match.lastgroup == "quoted" else _text(unliteral(text))


def _name(name: str) -> str:
    body = name.replace("\\", "\\\\").replace('"', '""')
    return f'U&"{in_text(body, _by_code, breaks=True)}"'


def _by_code(code: int) -> str:
    return f"\\{code:04x}" if code < 0x10000 else f"\\+{code:06x}"


def _text(text: str) -> str:
    body = text.replace("\\", "\\\\").replace("'", "''")
    return f" E'{in_text(body, escape, breaks=False)}'"
