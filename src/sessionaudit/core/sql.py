"""SQL text: identifiers, literals and the tokens of a fragment.

The only place where SQL is put together from parts, and where the contract's SQL is cut into
parts. Nothing here knows what the words mean; see `fragment` for that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# PostgreSQL quotes an identifier that is any but an unreserved keyword (src/include/parser/kwlist.h).
_KEYWORDS = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
    cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
    desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
    grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
    json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
    lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize
    not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision
    primary real references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using values
    varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces
    xmlparse xmlpi xmlroot xmlserialize xmltable""".split()
)
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


@lru_cache(maxsize=65536)
def quoted(name: str) -> str:
    """Spell an identifier as PostgreSQL's `quote_ident` does."""
    if _PLAIN.match(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def identifier(*path: str) -> str:
    """Spell a dotted identifier with every part quoted, for SQL that is run."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in path)


def literal(value: str) -> str:
    """Spell a string literal that reads the same whatever `standard_conforming_strings` says."""
    body = value.replace("'", "''")
    return f" E'{body.replace(chr(92), chr(92) * 2)}'" if "\\" in body else f"'{body}'"


class Token(NamedTuple):
    """A word of SQL: its sort (a group of `_TOKENS`), its text, and where it starts and ends."""

    sort: str
    text: str
    start: int
    end: int


_TOKENS = re.compile(
    r"""
      (?P<space>   \s+ | --[^\n]* )
    | (?P<comment> /\* )
    | (?P<string>  [eE]'(?:[^'\\]|''|\\.)*' | (?:[uU]&|[bBxXnN])?'(?:[^']|'')*' )
    | (?P<dollar>  \$(?P<tag>[^\W\d]\w*)?\$ .*? \$(?(tag)(?P=tag))\$ )
    | (?P<quoted>  (?:[uU]&)?"(?:[^"]|"")+" )
    | (?P<number>  (?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)? )
    | (?P<word>    [^\W\d][\w$]* )
    | (?P<cast>    :: | := | => )
    | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+ )
    | (?P<mark>    [()\[\],.;:] )
    | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)


class UnclosedError(ValueError):
    """A quote or comment that never ends; `start` is where it begins."""

    def __init__(self, what: str, start: int) -> None:
        super().__init__(f"{what} that is never closed")
        self.start = start


def tokens(text: str) -> Iterator[Token]:
    """Cut SQL into words, leaving out white space and comments.

    Raises UnclosedError.
    """
    position, end = 0, len(text)
    while position < end:
        match = _TOKENS.match(text, position)
        if match is None:  # pragma: no cover - the last group takes any character
            raise AssertionError(text)
        sort = match.lastgroup or ""
        if sort == "comment":
            position = _after_comment(text, position)
            continue
        if sort == "other":
            names = {"'": "a string", '"': "a quoted name", "$": "a dollar-quoted string"}
            raise UnclosedError(names.get(match[0], f"an unknown character {match[0]!r}"), position)
        if sort != "space":
            yield Token(sort, match[0], position, match.end())
        position = match.end()


def _after_comment(text: str, start: int) -> int:
    depth, position = 0, start
    while True:
        opening, closing = text.find("/*", position), text.find("*/", position)
        if closing < 0:
            raise UnclosedError("a comment", start)
        if 0 <= opening < closing:
            depth, position = depth + 1, opening + 2
        else:
            depth, position = depth - 1, closing + 2
            if not depth:
                return position


@lru_cache(maxsize=16384)
def canonical(text: str) -> str:
    """The same SQL with the case of its words, its white space and its comments made alike.

    Two texts with one canonical form are one text to PostgreSQL's scanner.
    """
    parts: list[str] = []
    for token in tokens(text):
        if token.sort == "word":
            parts.append(token.text.lower())
        elif token.sort == "quoted":
            name = token.text[1:-1].replace('""', '"') if token.text[0] == '"' else None
            parts.append(token.text if name is None else quoted(name))
        else:
            parts.append(token.text)
    return " ".join(parts)


@lru_cache(maxsize=16384)
def unqualified(text: str, schema: str) -> str:
    """The same SQL without `schema.` before names, as the contract would write it; for showing."""
    if schema not in text:
        return text
    try:
        found = list(tokens(text))
    except UnclosedError:  # not SQL, but a list of enum values, say
        return text
    result, position = "", 0
    for index, token in enumerate(found[:-1]):
        before = found[index - 1].text if index else ""
        if (
            token.sort in {"word", "quoted"}
            and unquote(token.text) == schema
            and found[index + 1].text == "." != before
        ):
            result += text[position : token.start]
            position = found[index + 1].end
    return result + text[position:]


def enclosed(text: str) -> str:
    """The same SQL in parentheses, unless one pair of them stands around the whole already."""
    depth = 0
    for token in tokens(text):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.end < len(text.rstrip()):
            return f"({text})"
    return text if text.startswith("(") else f"({text})"


def unquote(name: str) -> str:
    """The name that an identifier stands for: folded to lower case unless it was quoted."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def unliteral(text: str) -> str:
    """The text that a string literal stands for, whichever quotes it has."""
    if text.startswith("$"):
        tag = text[: text.index("$", 1) + 1]
        return text[len(tag) : -len(tag)]
    if text[:2] in {"e'", "E'"}:
        inner = text[2:-1].replace("''", "'")
        return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1]), inner)
    return text[1:-1].replace("''", "'")
