"""Spell identifiers and literals, and split SQL text into tokens.

Only this module composes SQL from parts, and splits the contract's SQL into parts. It does not know what the words
mean; see `fragment` for that.
"""

from __future__ import annotations

import contextlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# PostgreSQL quotes an identifier that is a keyword, unless it is an unreserved one (src/include/parser/kwlist.h).
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
    """Spell a string literal that means the same for any setting of `standard_conforming_strings`."""
    body = value.replace("'", "''")
    return f" E'{body.replace(chr(92), chr(92) * 2)}'" if "\\" in body else f"'{body}'"


def doubled(text: str) -> str:
    """Double each `%` of a text, for use in a `format` or RAISE pattern, or in a statement with parameters."""
    return text.replace("%", "%%")


def sent(sql: str) -> bytes:
    """Encode SQL for the server, as bytes that psycopg sends unchanged.

    A byte that is not valid UTF-8, which a database in SQL_ASCII may contain, is sent back unchanged.
    """
    return sql.encode(errors="surrogateescape")


def dollar_tag(word: str, text: str) -> str:
    """Return the shortest of `$word$`, `$word_$`, `$word__$` and so on that does not occur in a text."""
    used = {len(match[1]) for match in re.finditer(rf"(?=\${word}(_*)\$)", f"{text}$")}
    return f"${word}{'_' * next(length for length in range(len(used) + 1) if length not in used)}$"


def dollar_quoted(text: str, word: str = "") -> str:
    """Quote a text with dollar quotes that do not occur in it."""
    mark = dollar_tag(word or "body", text) if word or "$" in text else "$$"
    return mark + text + mark


class Token(NamedTuple):
    """A token of SQL: its sort (a group of `_TOKENS`), its text, and its start and end."""

    sort: str
    text: str
    start: int
    end: int


# A literal may continue after a line break, with the same kind of quotes; only `--` comments may come between
# (`quotecontinue` in scan.l). So E'a', a line break and '\'' are one string.
_ON = r"'(?:[ \t\f\v]|--[^\n\r]*+)*+[\n\r](?:[ \t\n\r\f\v]++|--[^\n\r]*+[\n\r])*+'"
# As in src/backend/parser/scan.l: only ASCII blanks are white space, and every character beyond ASCII is a letter.
# Such classes are written as what they leave out: Python takes 8 ms to compile them with ranges beyond ASCII.
_FIRST = r"[^\x00-@\[-^`{-\x7f]"
_IN_TAG = r"[^\x00-/:-@\[-^`{-\x7f]"
_IN_WORD = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
_TOKENS = re.compile(
    rf"""
    [ \t\n\r\f\v]*+
    (?: (?P<word>  (?![eEbBxXnN]'|[uU]&['"]){_FIRST}{_IN_WORD}* )
    | (?P<mark>    [()\[\],;] | \.(?![0-9]) | :(?![:=]) )
    | (?P<remark>  --[^\n\r]* )
    | (?P<comment> /\* )
    | (?P<string>  [eE]'(?:[^'\\]++|''|\\.|{_ON})*+' | (?:[uU]&|[nN])?'(?:[^']++|''|{_ON})*+'
                 | [bBxX]'(?:[^']++|{_ON})*+' )
    | (?P<dollar>  \$(?P<tag>{_FIRST}{_IN_TAG}*+)?\$ .*? \$(?(tag)(?P=tag))\$ )
    | (?P<parameter> \$[0-9]+ )
    | (?P<quoted>  (?:[uU]&)?"(?:[^"]|"")++" )
    | (?P<number>  0[xX][0-9a-fA-F_]+ | 0[oO][0-7_]+ | 0[bB][01_]+
                 | (?:[0-9][0-9_]*(?:\.(?!\.)[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)? )
    | (?P<cast>    :: | := )
    | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+ )
    | (?P<other>   . )
    | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)


_NO_TOKENS = frozenset({"remark", "comment", "other"})


class UnclosedError(ValueError):
    """A quote or comment is not closed; `start` is where it begins."""

    def __init__(self, what: str, start: int) -> None:
        super().__init__(f"unterminated {what}")
        self.start = start


def cut(text: str) -> tuple[Token, ...]:
    """Split SQL into tokens, as `tokens` does, whole; a short text that was cut lately is not cut again.

    Raises UnclosedError.
    """
    return _cut(text) if len(text) < _MOST_REMEMBERED else tuple(tokens(text))


_MOST_REMEMBERED = 2_000  # characters
_MADE_OF = "select "
_new = tuple[Any, ...].__new__  # a third of the time that Token takes to call it


@lru_cache(maxsize=256)  # whoever compares or respells a text has need of its tokens several times in a row
def _cut(text: str) -> tuple[Token, ...]:
    """Do what `tokens` does in half the time, where no match holds several tokens, a comment or an error."""
    first = len(_MADE_OF)
    if text.startswith(_MADE_OF) and not text.startswith(_MADE_OF, first):
        # A statement that was made of an expression, the tokens of which are known.
        with contextlib.suppress(UnclosedError):  # whose place is another one here
            rest = _cut(text[first:])
            parts = [_new(Token, (sort, one, first + start, first + end)) for sort, one, start, end in rest]
            return (Token("word", _MADE_OF.strip(), 0, first - 1), *parts)
    found: list[Token] = []
    for match in _TOKENS.finditer(text):
        sort = match.lastgroup
        if sort is None:  # only white space is left
            break
        one, end = match[sort], match.end()
        if sort in _NO_TOKENS or (sort == "operator" and len(one) > 1 and one[-1] in "+-"):
            return tuple(tokens(text))
        found.append(_new(Token, ("cast" if one == "=>" else sort, one, end - len(one), end)))
    return tuple(found)


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Split SQL into tokens from `start` on, leaving out white space and comments.

    Raises UnclosedError.
    """
    position, end = start, len(text)
    while position < end:
        match = _TOKENS.match(text, position)
        sort = match.lastgroup if match else None
        if match is None or sort is None:  # only white space is left
            return
        begin, stop = match.span(sort)
        if sort == "word":
            yield Token(sort, text[begin:stop], begin, stop)
            position = stop
            continue
        if sort == "comment":
            position = _after_comment(text, begin)
            continue
        found = text[begin:stop]
        if sort == "other":
            names = {"'": "string", '"': "quoted name", "$": "dollar-quoted string"}
            what = "string" if found in "eEbBxXnNuU" else f"unknown character {found!r}"
            raise UnclosedError(names.get(found, what), begin)
        position = stop
        if sort == "operator":
            stop = _end_of_operator(found, begin)
        if sort != "remark":
            yield Token("cast" if found == "=>" else sort, text[begin:stop], begin, stop)
        for sign in range(stop, position):  # checked here, else the time grows with the square
            yield Token(sort, text[sign], sign, sign + 1)


def _end_of_operator(text: str, start: int) -> int:
    """Return where an operator ends: `=-` is two operators, because only some characters allow a sign at the end."""
    end = len(text)
    if not any(character in "~!@#%^&|`?" for character in text):
        while end > 1 and text[end - 1] in "+-":
            end -= 1
    return start + end


def _after_comment(text: str, start: int) -> int:
    depth, position = 0, start
    while True:
        opening, closing = text.find("/*", position), text.find("*/", position)
        if closing < 0:
            raise UnclosedError("comment", start)
        if 0 <= opening < closing:
            depth, position = depth + 1, opening + 2
        else:
            depth, position = depth - 1, closing + 2
            if not depth:
                return position


@lru_cache(maxsize=16384)
def canonical(text: str) -> str:
    """Normalize the case of words, the white space and the comments of SQL.

    Two texts with the same canonical form are the same text to PostgreSQL's scanner.
    """
    return " ".join(canonical_words(text))


def canonical_words(text: str) -> list[str]:
    """The tokens of SQL in the spelling in which `canonical` has them. Raises UnclosedError."""
    parts: list[str] = []
    for token in cut(text):
        if token.sort == "word":
            parts.append(folded(token.text))
        elif token.sort == "quoted":
            name = token.text[1:-1].replace('""', '"') if token.text[0] == '"' else None
            parts.append(token.text if name is None else quoted(name))
        elif token.text == "!=":
            parts.append("<>")
        elif token.sort == "string" and token.text[0] not in "eE":
            parts.append(joined(token.text))
        else:
            parts.append(token.text)
    return parts


@lru_cache(maxsize=16384)
def unqualified(text: str, schema: str, kept: frozenset[str] = frozenset()) -> str:
    """Remove `schema.` before names, except those `kept`, as the contract would write the SQL.

    The name of a query in WITH also keeps the schema: without it, the name would mean that query.
    """
    if schema not in text:
        return text
    try:
        found = cut(text)
    except UnclosedError:  # not SQL, but a list of enum values, say
        return text
    given = frozenset(given_by_with(found))
    result, position = "", 0
    for index, token in enumerate(found[:-1]):
        before = found[index - 1].text if index else ""
        if (
            token.sort in {"word", "quoted"}
            and found[index + 1].text == "." != before
            and unquote(token.text) == schema
            and not (index + 2 < len(found) and any(unquote(found[index + 2].text) in names for names in (kept, given)))
        ):
            result += text[position : token.start]
            position = found[index + 1].end
    return result + text[position:]


def given_by_with(found: Sequence[Token]) -> Iterator[str]:
    """The names before `as (`, with what may stand between."""
    if not any(token.text.lower() == "as" for token in found):
        return
    for place, token in enumerate(found):
        words = [one.text.lower() for one in found[place + 1 : place + 5]]
        after = [word for word in words if word not in {"not", "materialized"}]
        if token.sort in {"word", "quoted"} and after[:2] == ["as", "("]:
            yield unquote(token.text)
        elif token.text == ")" and after[:2] == ["as", "("]:  # behind the names of its columns
            start = next((at for at in range(place, -1, -1) if found[at].text == "("), 0)
            if start and found[start - 1].sort in {"word", "quoted"}:
                yield unquote(found[start - 1].text)


def enclosed(text: str) -> str:
    """Put SQL in parentheses, unless one pair encloses the whole already."""
    depth, whole = 0, text.startswith("(")
    for token in cut(text):
        depth += (token.text == "(") - (token.text == ")")
        whole = whole and (depth > 0 or token.end == len(text.rstrip()))
    return text if whole else in_parentheses(text)


def in_parentheses(text: str) -> str:
    """Put SQL in parentheses, the second of which no comment that comes last takes in."""
    found = cut(text)
    end = found[-1].end if found else 0
    return f"({text}\n)" if "--" in text[end:] else f"({text})"


def folded(word: str) -> str:
    """Fold an unquoted identifier as PostgreSQL does: only ASCII letters are changed."""
    return word.lower() if word.isascii() else re.sub(_CAPITALS, lambda match: match[0].lower(), word)


def unquote(name: str) -> str:
    """Return the name that an identifier denotes: folded to lower case unless it is quoted."""
    if name[:2] in {"u&", "U&"} and name[2:3] == '"':
        return _unicode(name[3:-1].replace('""', '"'))
    return name[1:-1].replace('""', '"') if name.startswith('"') else folded(name)


# Compiled when first used, as all of these: few contracts have such texts.
_SEAMS = rf"(?s:(?P<kept>''|\\.)|{_ON})"
_PLAIN_SEAMS = rf"(?P<kept>'')|{_ON}"


def joined(text: str) -> str:
    """Join a string literal that continues after a line break; `\\0` ends an escape that could grow."""
    if "\n" not in text and "\r" not in text:
        return text
    escapes = text[0] in "eE"
    seams, mark = (_SEAMS, "\0") if escapes else (_PLAIN_SEAMS, "")
    start = text.index("'") + 1
    return text[:start] + re.sub(seams, lambda match: match["kept"] or mark, text[start:-1]) + "'"


def unliteral(text: str) -> str:
    """Return the value of a string literal with any kind of quotes."""
    if text.startswith("$"):
        tag = text[: text.index("$", 1) + 1]
        return text[len(tag) : -len(tag)]
    text = joined(text)
    if text[:2] in {"e'", "E'"}:
        return _unescaped(text[2:-1])
    if text[:2] in {"u&", "U&"}:
        return _unicode(text[3:-1].replace("''", "'"))
    if text[:2] in {"n'", "N'"}:
        text = text[1:]
    return text[1:-1].replace("''", "'")


_CAPITALS = "[A-Z]+"
_ESCAPES = (
    r"(?s:(?P<quote>'')"
    r"|(?P<bytes>(?:(?:\\[0-7]{1,3}|\\x[0-9a-fA-F]{1,2})\0*)+)"
    r"|\\(?:u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<plain>.)))"
)
_BYTES = r"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))"
_UNICODE = r"\\(?:([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|(\\))"
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match["quote"]:
            return "'"
        if match["bytes"]:
            found = bytes(int(x, 16) if x else int(o, 8) & 255 for x, o in re.findall(_BYTES, match["bytes"]))
            return found.decode("utf-8", "replace")
        if code := match["short"] or match["long"]:
            return _character(code)
        return _CONTROLS.get(match["plain"], match["plain"])

    return _paired(re.sub(_ESCAPES, one, text).replace("\0", ""))


def _unicode(text: str) -> str:
    return _paired(re.sub(_UNICODE, lambda match: "\\" if match[3] else _character(match[1] or match[2]), text))


def _character(code: str) -> str:
    return chr(min(int(code, 16), 0x10FFFF))


def _paired(text: str) -> str:
    """Combine two escapes that form one character (a surrogate pair)."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def canonical_json(text: str) -> str:
    """Normalize JSON as jsonb does: without blanks, and with sorted keys. Raises ValueError."""
    # A number becomes the tuple of its digits, which differs from every JSON string.
    return repr(json.loads(text, parse_float=tuple, parse_int=tuple, parse_constant=tuple, object_pairs_hook=_pairs))


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")
    return dict(sorted(pairs))
