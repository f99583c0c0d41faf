"""Decide whether two expressions mean the same, as far as their texts show it.

There are two steps, and each answers only “the same” or “unknown”. The first compares the tokens of PostgreSQL's
scanner, the second the parse trees of PostgreSQL's grammar (see `sql.expression`). If the answer is unknown, the server
is asked (see `postgres.trial`).

The actual expression is one that the server printed with an empty search_path. Such a text is more explicit than
others: a function or type without a schema is in pg_catalog, a literal shows its type, and no implicit cast of an
operand or argument is left out (ruleutils.c, `get_rule_expr`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

from sessionaudit.sql.constant import Tree, constant, kept_text, literal, typed
from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import BUILTIN_TYPES
from sessionaudit.sql.text import canonical_words, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Fits = Callable[[Tree, str], bool]


def same_words(left: str, right: str) -> bool:
    """Whether two texts have the same tokens, except for parentheses around the whole."""
    if left == right:
        return True
    try:
        return _bare(left) == _bare(right)
    except ValueError:
        return False


@lru_cache(maxsize=16384)
def _bare(text: str) -> str:
    """Return the canonical form of a text without the parentheses around the whole."""
    words = canonical_words(text)
    pairs = _pairs_around(words) if words[:1] == ["("] else 0
    return " ".join(words[pairs : len(words) - pairs])


def _pairs_around(words: Sequence[str]) -> int:
    opened: list[int] = []
    partner: dict[int, int] = {}
    for place, word in enumerate(words):
        if word == "(":
            opened.append(place)
        elif word == ")" and opened:
            partner[opened.pop()] = place
    pairs = 0
    while partner.get(pairs) == len(words) - 1 - pairs:
        pairs += 1
    return pairs


def same_meaning(
    expected: str,
    actual: str,
    *,
    wrap: Callable[[str], str],
    schema: str,
    shadowed: Callable[[frozenset[str]], bool],
    type_: str | None = None,
) -> bool:
    """Whether two expressions certainly mean the same; False also if this is unknown.

    `actual` is printed by the server. `wrap` makes a statement of an expression. A name in `schema` may be written
    without the schema, unless `shadowed` says that pg_catalog has a function of that name. If an expression is a single
    literal, `type_` is the type that it gets.
    """
    if expected == actual:
        return True
    try:
        left, right = wrap(expected), wrap(actual)
    except ValueError:  # not SQL: PostgreSQL prints an argument without a name as ""
        return same_words(expected, actual)
    short = len(left) + len(right) < _MOST_REMEMBERED
    stripped = (_same_with if short else _same_with.__wrapped__)(expected, actual, left, right, schema, type_)
    return stripped is not None and not (stripped and shadowed(stripped))


_MOST_REMEMBERED = 2_000  # characters; a snapshot proves each of its texts, and is then checked


@lru_cache(maxsize=32768)
def _same_with(
    expected: str, actual: str, left: str, right: str, schema: str, type_: str | None
) -> frozenset[str] | None:
    """Compare two expressions, and the statements `left` and `right` that were made of them.

    Returns the functions that must be pg_catalog's if they are to mean the same, else None.
    """
    if same_words(expected, actual):
        return frozenset()
    try:
        wanted, found = tree(left, schema), tree(right, schema)
        if wanted is None or found is None:
            return None
        stripped = wanted[1] | found[1]
        return stripped if _TreeComparison(stripped).alone(wanted[0], found[0], type_) else None
    except (ValueError, RecursionError):  # JSON that is invalid or nested too deeply
        return None


# Literals whose type one side does not state

_SAFE = frozenset({"text", "uuid", "jsonb", "boolean", "numeric", "bytea", "inet", "interval", "bpchar"})
_COMPARING = frozenset({"=", "<>", "<", ">", "<=", ">="})
# The type of a bare literal after these operators, for any left operand.
_TAKES: dict[str, str] = {
    **dict.fromkeys(("->", "->>", "?", "~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*"), "text"),
    **dict.fromkeys(("#>", "#>>", "?|", "?&", "#-"), "text[]"),
    **dict.fromkeys(("@>", "<@"), "jsonb"),
}
# Functions of any type: to these a bare literal is not a text.
_TAKE_ANYTHING = frozenset(
    """pg_typeof format concat concat_ws json_build_array json_build_object jsonb_build_array jsonb_build_object
    num_nulls num_nonnulls pg_column_size""".split()
)


def _is_tree(value: Any) -> TypeGuard[Tree]:
    return isinstance(value, tuple) and bool(value)  # pyright: ignore[reportUnknownArgumentType]  # of a tuple of anything


def _ends_in_null(case: Tree) -> bool:
    """Whether a CASE ends in the ELSE NULL that PostgreSQL adds."""
    return bool(case[-2] == ("kw", "else") and case[-1][:2] == ("cast", ("name", "null")))


def _nothing(_bare: Tree, _type: str) -> bool:
    return False


def _text(bare: Tree, type_: str) -> bool:
    return bool(bare[0] == "string" and type_ == "text")


class _TreeComparison:
    """Compares trees; `stripped` are the functions that need not be in pg_catalog."""

    def __init__(self, stripped: frozenset[str]) -> None:
        self._stripped = stripped

    def alone(self, expected: Tree, actual: Tree, type_: str | None) -> bool:
        """Compare two statements; `type_` is the type of a literal that is the whole expression."""
        if type_ is None or len(expected) != 3 or len(actual) != 3:
            return self._same(expected, actual, _nothing)
        # Without the type's modifiers: 'long'::varchar(2) truncates, but a bare default that is too long is an error.
        type_ = _plain(type_)
        texts = [kept_text(one, "bpchar" if type_ == "character" else type_) for one in (expected[2], actual[2])]
        if texts[0] is not None and texts[0] == texts[1]:
            return True
        return self._same(expected[2], actual[2], lambda bare, spelled: bare[0] == "string" and spelled == type_)

    def _same(self, expected: Any, actual: Any, fits: Fits) -> bool:
        if expected == actual:
            return True
        if not (_is_tree(expected) and _is_tree(actual)):
            return False
        if actual[0] == "cast" and literal(expected):
            return fits(expected, actual[2]) and typed(expected, actual[2]) == actual
        if expected[0] == actual[0] == "case" and len(actual) == len(expected) + 2 and _ends_in_null(actual):
            actual = actual[:-2]
        if expected[0] != actual[0] or len(expected) != len(actual):
            return False
        if expected[0] == "op":  # each operand decides the other's type
            fits_at = [_nothing, _nothing, *(_operand(str(expected[1]), actual[5 - at]) for at in (2, 3))]
            triples = zip(expected, actual, fits_at, strict=True)
            return all(self._same(a, b, fits_here) for a, b, fits_here in triples)
        first, fits_there = self._places(expected, actual)
        pairs = enumerate(zip(expected, actual, strict=True))
        return all(self._same(a, b, fits_there if place >= first else _nothing) for place, (a, b) in pairs)

    def _places(self, expected: Tree, actual: Tree) -> tuple[int, Fits]:
        """Return the types that bare literals get in a tree, and the position of the first such literal."""
        head = expected[0]
        if head == "in":
            types = {item[2] if item[0] == "cast" else None for item in actual[3:]}
            return 3, _nothing if len(types) > 1 or literal(actual[2]) else _compared(actual[1], listed=True)
        if head == "call":
            name = expected[1]
            if name in {"coalesce", "greatest", "least"}:
                return 2, _common(actual[2:])
            if name == "nullif":
                # The first argument determines the type of the whole, so only the second may be without a type.
                return 3, _compared("=") if not literal(actual[2]) else _nothing
            return 2, _nothing if name in self._stripped or name in _TAKE_ANYTHING or "." in name else _text
        if head == "case" or (head == "array" and all(item[0] == "string" for item in expected[1:])):
            return 1, _text
        return 1, _nothing


def _plain(type_: str) -> str:
    """Return the type without its modifiers."""
    return re.sub(r"\([^)]*\)", "", type_)


def _operand(operator: str, other: Tree) -> Fits:
    if literal(other) or other == ("name", "null"):
        return _nothing
    if operator in _COMPARING:
        if other[0] != "cast":
            return _compared(operator)
        wanted = _plain(other[2])
    elif operator == "||":
        wanted = "text" if _is_text(other) else ""
    else:
        wanted = _TAKES.get(operator, "")
    return lambda bare, type_: bare[0] == "string" and type_ == wanted


def _is_text(tree: Tree) -> bool:
    """Whether an operand is certainly text, so that `||` joins texts and not arrays or JSON documents."""
    if tree[0] == "op":
        joined = tree[1] == "||" and any(map(_is_text, tree[2:])) and all(_is_text(x) or literal(x) for x in tree[2:])
        return joined or tree[1] in {"->>", "#>>"}
    return bool(tree[0] == "cast" and tree[2] == "text")


def _compared(operator: str, *, listed: bool = False) -> Fits:
    """Return the types that a literal can get next to an operand that is printed without a cast.

    Only types that PostgreSQL compares with no other type count: a date, for example, can be compared with a timestamp
    too. Integers of all widths compare alike. A name can be compared with a text; the result is the same as with a name
    only if the order does not matter and the text is not truncated.
    """

    def fits(bare: Tree, type_: str) -> bool:
        if bare[0] != "string":
            return (type_ == "double precision" and not listed) or (_whole(bare) and type_ in {"numeric", "bigint"})
        if type_ == "text":
            return operator in {"=", "<>"} and len(sent(bare[1])) < 64
        if type_ in _SAFE:
            return True
        base = re.split(r"[ (\[]", type_, maxsplit=1)[0]
        return base not in BUILTIN_TYPES | {'"char"', "double"} and not type_.endswith("[]")

    return fits


def _whole(number: Tree) -> bool:
    digits = number[1] if number[0] == "number" else number[1][1]
    return str(digits).isdigit()


def _common(items: tuple[Tree, ...]) -> Fits:
    """Return the type of a literal where all items get one type: that of the others, or text if all are literals."""
    others = any(not constant(item) and item != ("name", "null") for item in items)

    def fits(bare: Tree, type_: str) -> bool:
        if bare[0] == "string":
            return others or type_ == "text"
        if not others:
            return False
        return type_ in {"double precision", "real"} or (_whole(bare) and type_ in {"bigint", "numeric"})

    return fits
