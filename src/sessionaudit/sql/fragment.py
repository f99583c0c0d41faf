"""Read one fragment of the contract's SQL with a cursor, and the types that fragments name.

A kind reads its one-line form with it: `accept` takes a word if it comes next, `expect` refuses the fragment if it does
not, `until` cuts out an expression without parsing it.
"""

from __future__ import annotations

import re
from copy import copy
from functools import lru_cache

from sessionaudit.sql.text import Token, UnclosedError, cut, quoted, unliteral, unquote

_OPENING = {"(": ")", "[": "]"}
_LONGEST_SHOWN = 60
_AROUND = re.compile(r" ?([(),-]) ?")
_MOST_MODIFIERS = 64  # words; one or two numbers, or names of an extension


class FragmentError(ValueError):
    """A fragment that cannot be read; `offset` counts characters from its start."""

    def __init__(self, message: str, offset: int, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


class Fragment:
    """The tokens of one SQL fragment and a position among them."""

    def __init__(self, text: str, *, several: bool = False) -> None:
        """Cut the text; `several` tells that it may have several statements, with “;” between them."""
        self.text = text
        self._several = several
        try:
            self._tokens = cut(text)
        except UnclosedError as error:
            raise FragmentError(str(error), error.start) from None
        # What each could be as a keyword or a mark.
        self._words = tuple(["" if one.sort in {"quoted", "string"} else one.text.lower() for one in self._tokens])
        self._at = 0
        self._closing: dict[int, int] = {}  # the position of the closing bracket, by that of the opening one
        self._balance()

    def _balance(self) -> None:
        open_marks: list[int] = []
        for place, token in enumerate(self._tokens):
            if token.sort != "mark":
                continue
            if token.text in _OPENING:
                open_marks.append(place)
            elif token.text in {")", "]"}:
                if not open_marks or _OPENING[self._tokens[open_marks[-1]].text] != token.text:
                    raise FragmentError(f"unmatched “{token.text}”", token.start)
                self._closing[open_marks.pop()] = place
            elif token.text == ";" and not self._several:
                raise FragmentError("“;” is not allowed here", token.start)
        if open_marks:
            mark = self._tokens[open_marks[-1]]
            raise FragmentError(f"unclosed “{mark.text}”", mark.start)

    # Looking

    def peek(self, *words: str) -> bool:
        """Whether these words come next in the fragment."""
        return self._words[self._at : self._at + len(words)] == words

    def at_word(self, words: frozenset[str]) -> bool:
        """Whether one of these words comes next."""
        return self._at < len(self._words) and self._words[self._at] in words

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._tokens)

    @property
    def at_quoted(self) -> bool:
        """Whether a quoted identifier comes next, which is never a keyword or a built-in type."""
        token = self._token()
        return token is not None and token.sort == "quoted"

    def _token(self, ahead: int = 0) -> Token | None:
        index = self._at + ahead
        return self._tokens[index] if index < len(self._tokens) else None

    # Taking

    def accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        taken = self._words[self._at : self._at + len(words)] == words
        self._at += len(words) if taken else 0
        return taken

    def expect(self, *words: str) -> None:
        """Take these words; refuse the fragment if they do not come next."""
        if not self.accept(*words):
            raise self.error(f"“{' '.join(words)}”")

    def one_of(self, *phrases: str) -> str:
        """Take the first matching phrase; refuse the fragment if none matches."""
        for phrase in phrases:
            if self.accept(*phrase.split()):
                return phrase
        raise self.error(" or ".join(f"“{phrase}”" for phrase in phrases))

    def name(self, what: str = "a name") -> str:
        """Take an identifier; fold it to lower case unless it is quoted."""
        token = self._token()
        if token is None or token.sort not in {"word", "quoted"}:
            raise self.error(what)
        self._at += 1
        return unquote(token.text)

    def qualified(self, schema: str, what: str = "a name") -> tuple[str, str]:
        """Take `name` or `schema.name`; a bare name is in `schema`."""
        first = self.name(what)
        return (first, self.name(what)) if self.accept(".") else (schema, first)

    def names(self, what: str = "a column") -> tuple[str, ...]:
        """Take a list of identifiers in parentheses."""
        self.expect("(")
        found = [self.name(what)]
        while self.accept(","):
            found.append(self.name(what))
        self.expect(")")
        return tuple(found)

    def parenthesised(self) -> str:
        """Take the content of parentheses, without parsing it."""
        start = self._token()
        if start is None or start.text != "(":
            raise self.error("“(”")
        self._skip()
        return self.text[start.end : self._tokens[self._at - 1].start].strip()

    def inner(self) -> Fragment:
        """Take what stands in parentheses, as a fragment whose places are those of this one."""
        start, first = self._token(), self._at + 1
        if start is None or start.text != "(":
            raise self.error("“(”")
        self._skip()
        found = copy(self)
        found._tokens, found._words = self._tokens[: self._at - 1], self._words[: self._at - 1]
        found._at = first
        return found

    def modifiers(self) -> str:
        """Take the modifiers of a type with their parentheses, if any come next, without white space."""
        first = self._at
        if not self.peek("("):
            return ""
        if self._closing[first] - first > _MOST_MODIFIERS:
            raise self.error("the modifiers of a type")
        self._skip()
        return _AROUND.sub(r"\1", " ".join(token.text for token in self._tokens[first : self._at]))

    def until(self, *stops: tuple[str, ...], what: str = "an expression") -> str:
        """Take everything up to one of the `stops` outside of parentheses, or to the end."""
        first = self._token()
        if first is None or any(self.peek(*stop) for stop in stops):
            raise self.error(what)
        while not self.done and not any(self.peek(*stop) for stop in stops):
            self._skip()
        return self.text[first.start : self._tokens[self._at - 1].end]

    def value(self, what: str = "a value") -> str:
        """Take one word, number or string, unchanged."""
        token = self._token()
        if token is None or token.sort in {"mark", "operator"}:
            raise self.error(what)
        self._at += 1
        return token.text

    def word(self, what: str) -> str:
        """Take a name or a string, and return its value."""
        token = self._token()
        if token is None or token.sort not in {"word", "quoted", "string", "number"}:
            raise self.error(what)
        self._at += 1
        return unliteral(token.text) if token.sort == "string" else unquote(token.text)

    def rest(self) -> str:
        """Take everything that is left, unchanged; it may be empty."""
        token = self._token()
        self._at = len(self._tokens)
        return self.text[token.start :].strip() if token else ""

    def end(self, expected: str = "the end") -> None:
        """Refuse the fragment if anything is left."""
        if not self.done:
            raise self.error(expected)

    def _skip(self) -> None:
        self._at = self._closing.get(self._at, self._at) + 1

    def error(self, expected: str, hint: str = "") -> FragmentError:
        """Return an error at the current token."""
        token = self._token()
        text = token.text if token else ""
        text = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
        found = f"found “{text}”" if token else "found the end"
        return FragmentError(f"expected {expected}, {found}", token.start if token else len(self.text), hint)


_STRING = re.compile(r"'[^'\\]*'")
_TRICKY = re.compile(r"""['"$\\;\[\]]|--|/\*""")


def whole(expression: str) -> str:
    """Return the expression if its quotes and parentheses are balanced. Raises FragmentError.

    A contract has thousands of expressions, so simple ones are checked without splitting them into tokens.
    """
    bare = _STRING.sub("", expression)
    depth = 0
    for mark in re.findall("[()]", bare):
        depth += 1 if mark == "(" else -1
        if depth < 0:
            break
    if depth or _TRICKY.search(bare) or not bare.strip():
        Fragment(expression).until()
    return expression


# Types

_ALIASES = {
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "bool": "boolean",
    "float8": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "dec": "numeric",
    "varchar": "character varying",
    "char": "character",
    "nchar": "character",
    "varbit": "bit varying",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
}
# Those of them that are names in pg_type, and can also be written in quotes.
_CATALOG_NAMES = {
    **{name: _ALIASES[name] for name in ("int4", "int8", "int2", "bool", "float8", "float4", "varchar", "varbit")},
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "time": "time without time zone",
}
_MANY_WORDS = (
    ("double", "precision"),
    ("character", "varying"),
    ("char", "varying"),
    ("national", "character", "varying"),
    ("national", "char", "varying"),
    ("nchar", "varying"),
    ("national", "character"),
    ("national", "char"),
    ("bit", "varying"),
)
_FIRST_OF_MANY = frozenset(words[0] for words in _MANY_WORDS)
_MANY_WORD_ALIASES = {
    "char varying": "character varying",
    "national character varying": "character varying",
    "national char varying": "character varying",
    "nchar varying": "character varying",
    "national character": "character",
    "national char": "character",
}
BUILTIN_TYPES = frozenset(
    """bigint bit boolean box bpchar bytea character cid cidr circle date daterange datemultirange inet int4range
    int8range int4multirange int8multirange integer interval json jsonb jsonpath line lseg macaddr macaddr8 money name
    numeric nummultirange numrange oid path pg_lsn pg_snapshot point polygon real regclass regcollation regconfig
    regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype smallint text tid time timestamp
    tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid void xid xid8 xml trigger
    event_trigger record anyelement anyarray anynonarray anyenum anyrange anycompatible cstring refcursor
    aclitem""".split()
)
SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}
_FLOAT_DIGITS = re.compile(r"\((?:[1-9]|[1-4][0-9]|5[0-3])\)\Z")
_OWN_TYPES = BUILTIN_TYPES.union(_ALIASES.values(), ("time", "timestamp", "timetz", "timestamptz", "interval"))
_NUMBERS = re.compile(r"\([0-9]+(?:,-?[0-9]+)?\)\Z", re.ASCII)
_INTERVAL_FIELDS = ("year", "month", "day", "hour", "minute", "second")


def type_name(fragment: Fragment, schema: str) -> str:
    """Take a type and return PostgreSQL's canonical spelling, as `format_type` prints it.

    A type in `schema`, like a built-in one, is spelled without its schema.
    """
    base = _base_type(fragment, schema)
    dimensions = False
    while fragment.accept("["):
        if not fragment.accept("]"):
            fragment.value("a number or “]”")
            fragment.expect("]")
        dimensions = True
    if not dimensions and fragment.accept("array"):
        dimensions = True
        if fragment.accept("["):
            fragment.value("a number")
            fragment.expect("]")
    return base + "[]" if dimensions else base


def _base_type(fragment: Fragment, schema: str) -> str:
    fragment.accept("setof")
    for words in _MANY_WORDS if fragment.at_word(_FIRST_OF_MANY) else ():
        if fragment.accept(*words):
            name = " ".join(words)
            name = _MANY_WORD_ALIASES.get(name, name)
            return _with_modifiers(fragment, name)
    was_quoted = fragment.at_quoted
    first = fragment.name("a type")
    if fragment.accept("."):
        was_quoted = fragment.at_quoted
        second = fragment.name("a type")
        if first != "pg_catalog":
            # public.date is not date: a name that also exists in pg_catalog keeps its schema.
            bare = first == schema and second not in BUILTIN_TYPES and second not in _ALIASES
            return _with_modifiers(fragment, quoted(second) if bare else f"{quoted(first)}.{quoted(second)}")
        first = second
    if was_quoted:
        return '"char"' if first == "char" else _with_modifiers(fragment, _CATALOG_NAMES.get(first, quoted(first)))
    if first in {"time", "timestamp"}:
        modifiers = _numbers(fragment, first)
        zone = "without"
        if fragment.accept("with", "time", "zone"):
            zone = "with"
        else:
            fragment.accept("without", "time", "zone")
        return f"{first}{modifiers} {zone} time zone"
    if first in {"timestamptz", "timetz"}:
        return f"{first[:-2]}{_numbers(fragment, first)} with time zone"
    if first == "interval":
        return _interval(fragment)
    if first == "float":
        before = copy(fragment)
        digits = fragment.modifiers()
        if digits and not _FLOAT_DIGITS.match(digits):
            raise before.error("“float” with at most 53 binary digits")
        return "real" if digits and int(digits[1:-1]) <= 24 else "double precision"
    if first in _ALIASES:
        return _with_modifiers(fragment, _ALIASES[first])
    return _with_modifiers(fragment, first if first in BUILTIN_TYPES or first in SERIALS else quoted(first))


def _with_modifiers(fragment: Fragment, name: str) -> str:
    modifiers = _numbers(fragment, name)
    if not modifiers and name in {"character", "bit"}:
        return f"{name}(1)"
    if name == "bpchar" and modifiers:
        return f"character{modifiers}"
    if name == "numeric" and modifiers and "," not in modifiers:
        modifiers = f"{modifiers[:-1]},0)"
    return name + modifiers


def _numbers(fragment: Fragment, name: str) -> str:
    """Take the modifiers of a type; those of PostgreSQL's own types must be numbers."""
    before = copy(fragment) if fragment.peek("(") else fragment
    modifiers = fragment.modifiers()
    if modifiers and name in _OWN_TYPES and not _NUMBERS.match(modifiers):
        raise before.error(f"“{name}” with numbers in parentheses")
    return modifiers


def _interval(fragment: Fragment) -> str:
    fields = ""
    for field in _INTERVAL_FIELDS:
        if fragment.accept(field):
            fields = f" {field}"
            if fragment.accept("to"):
                fields += f" to {fragment.name('a field of an interval')}"
            break
    return f"interval{fields}{_numbers(fragment, 'interval')}"


@lru_cache(maxsize=4096)
def canonical_type(text: str, schema: str) -> str:
    """Return the canonical spelling of a type in a text of its own, for instance from `format_type`.

    Raises FragmentError.
    """
    fragment = Fragment(text)
    name = type_name(fragment, schema)
    fragment.end("the end of the type")
    return name
