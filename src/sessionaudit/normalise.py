"""When two expressions mean the same, as far as their text alone can tell.

Two steps, both of which may only answer “the same” or “cannot tell”: the words of PostgreSQL's
scanner are alike, or sqlglot's trees are alike after rewrites that cannot change a meaning. What
stays open is asked of the server (see `deparse`).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.core.sql import canonical, tokens, unqualified

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

Tree = tuple[Any, ...]

# Words that may stand before a parenthesis without calling anything.
_NOT_CALLS = frozenset(
    """all and any array as between btree by case cast check coalesce else exists filter from gin gist brin hash spgist
    in include is like ilike not nulls on or over row select some then using values when where with
    within""".split()
)
_COMPARISONS = frozenset({"eq", "neq", "gt", "gte", "lt", "lte", "in", "nullsafeeq", "nullsafeneq"})
_RESOLVE_TO_TEXT = frozenset(
    {"call", "expressions:", "ifs:", "if", "like", "ilike", "dpipe", "jsonextract", "jsonextractscalar"}
)
_MOMENTS = ("date", "time", "interval")


def same_words(left: str, right: str) -> bool:
    """Whether two texts are one to PostgreSQL's scanner, but for parentheses around the whole."""
    if left == right:
        return True
    try:
        return _bare(canonical(left)) == _bare(canonical(right))
    except ValueError:
        return False


def _bare(words: str) -> str:
    while words.startswith("( ") and words.endswith(" )"):
        depth = 0
        for token in tokens(words):
            depth += (token.text == "(") - (token.text == ")")
            if not depth and token.end < len(words):
                return words
        words = words[2:-2]
    return words


def calls(text: str) -> frozenset[str]:
    """The names of the functions that a text calls, without their schemas."""
    found = list(tokens(text))
    return frozenset(
        name
        for token, after in zip(found, found[1:], strict=False)
        if after.text == "(" and token.sort in {"word", "quoted"}
        for name in (token.text.lower(),)
        if name not in _NOT_CALLS
    )


def same_meaning(
    expected: str,
    actual: str,
    *,
    wrap: Callable[[str], str],
    schema: str,
    shadowed: Callable[[frozenset[str]], bool],
    type_: str | None = None,
) -> bool:
    """Whether two expressions certainly mean the same; False where this cannot be told.

    `wrap` makes a statement of an expression. A name of `schema` may stand without it, unless
    `shadowed` says that pg_catalog has a function of such a name. `type_` is the type that a
    literal which stands alone is turned into.
    """
    try:
        left, right = unqualified(expected, schema), unqualified(actual, schema)
        if same_words(left, right) and not _hidden(expected, actual, left, right, shadowed):
            return True
        if _odd_quotes(left) or _odd_quotes(right) or _now(calls(left)) != _now(calls(right)):
            return False
        if _hidden(expected, actual, left, right, shadowed):
            return False
        trees = _tree(wrap(left)), _tree(wrap(right))
    except ValueError:  # of our scanner, or of sqlglot
        return False
    if trees[0] is None or trees[1] is None:
        return False
    return _alike(*(_alone(tree) for tree in trees), _Context(literal_type=_type(type_) if type_ else None))


def _alone(tree: Tree) -> Tree:
    """The expression, without the `select` that was wrapped around it."""
    return cast("Tree", tree[1][0]) if tree[0] == "select" and len(tree) == 2 and len(tree[1]) == 1 else tree


def _hidden(expected: str, actual: str, left: str, right: str, shadowed: Callable[[frozenset[str]], bool]) -> bool:
    """Whether taking the schema away may have changed which function is called."""
    stripped = frozenset[str]()
    if left != expected:
        stripped |= calls(left)
    if right != actual:
        stripped |= calls(right)
    return expected != actual and bool(stripped) and shadowed(stripped)


def _odd_quotes(text: str) -> bool:
    """Whether a string has a prefix, a backslash or dollars, which sqlglot may read in its own way."""
    return any(
        token.sort == "dollar" or (token.sort == "string" and (token.text[0] != "'" or "\\" in token.text))
        for token in tokens(text)
    )


def _now(names: frozenset[str]) -> frozenset[str]:
    return names - {"now"}


class _Context:
    """What is known about the place of a literal."""

    __slots__ = ("compared", "literal_type", "textual")

    def __init__(self, *, literal_type: str | None = None, compared: bool = False, textual: bool = False) -> None:
        self.literal_type = literal_type
        self.compared = compared
        self.textual = textual


_NOWHERE = _Context()
_COMPARED = _Context(compared=True)
_TEXT = _Context(textual=True)


def _alike(expected: Any, actual: Any, context: _Context) -> bool:
    if expected == actual:
        return True
    if not (isinstance(expected, tuple) and isinstance(actual, tuple)):
        return False
    left, right = cast("Tree", expected), cast("Tree", actual)
    if right and right[0] == "cast" and left and left[0] in {"string", "number"}:
        return _resolves(left, right, context)
    if len(left) != len(right) or not left:
        return False
    return all(_alike(a, b, _inner(left, index)) for index, (a, b) in enumerate(zip(left, right, strict=True)))


def _inner(tree: Tree, index: int) -> _Context:
    """The place of a tree's part; where a literal stands is what PostgreSQL resolves its type from."""
    if not index:
        return _NOWHERE
    head = tree[0]
    if head in _COMPARISONS:
        others = [part for place, part in enumerate(tree) if place and place != index]
        return _COMPARED if any(part and part[0] not in {"string", "number", "cast"} for part in others) else _NOWHERE
    if head == "list":  # of IN and of ARRAY; where these stand is judged by what stands around them
        return _COMPARED
    return _TEXT if head in _RESOLVE_TO_TEXT else _NOWHERE


def _resolves(literal: Tree, cast_: Tree, context: _Context) -> bool:
    """Whether PostgreSQL gives a bare literal in this place the type that the other side spells out.

    A bare literal takes its type from what it is compared with, from the column whose default it
    is, or becomes text as an argument. Where dates are compared several types would do, so there it
    is not told.
    """
    _, inner, type_ = cast_
    if context.literal_type is not None:
        same_type = type_ in {context.literal_type, context.literal_type.partition("(")[0]}
        return same_type and (inner == literal or (type_ in {"jsonb", "json"} and _same_json(inner, literal, type_)))
    if inner != literal:
        return False
    if context.compared:
        return not type_.startswith(_MOMENTS)
    return context.textual and type_ == "text" and literal[0] == "string"


def _same_json(left: Tree, right: Tree, type_: str) -> bool:
    if type_ != "jsonb":
        return False
    try:
        values = [
            json.loads(side[1], parse_float=str, parse_int=str, object_pairs_hook=_pairs) for side in (left, right)
        ]
    except (ValueError, TypeError, RecursionError):
        return False
    return bool(values[0] == values[1])


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


# Trees


@lru_cache(maxsize=4096)
def _tree(statement: str) -> Tree | None:
    """The normal form of a statement, or None where sqlglot does not understand it."""
    import sqlglot  # noqa: PLC0415 - costs 0.1 s, needed only when two texts differ
    from sqlglot import errors  # noqa: PLC0415

    try:
        parsed = sqlglot.parse_one(statement, read="postgres")
    except errors.SqlglotError:
        return None
    except RecursionError:
        return None
    if parsed.key == "command":
        return None
    return _normal(parsed)


def _type(type_: str) -> str:
    tree = _tree(f"select null::{type_}")
    return cast("str", _alone(tree)[2]) if tree else type_


def _normal(node: exp.Expression) -> Tree:
    rewrite = _REWRITES.get(node.key)
    if rewrite is not None and (tree := rewrite(node)) is not None:
        return tree
    head = ("call", node.key) if hasattr(type(node), "sql_names") else (node.key,)
    return (*head, *(_value(name, node.args[name]) for name in sorted(node.args) if _said(node.args[name])))


def _said(value: Any) -> bool:
    return value is not None and value is not False and value != []


def _value(name: str, value: Any) -> Tree:
    if isinstance(value, list):
        return (f"{name}:", *(_value("", item) for item in cast("list[Any]", value)))
    if hasattr(value, "args"):
        inner = _normal(value)
        return (f"{name}=", inner) if name in _TELLING else inner
    return (f"{name}=", value)


# Arguments whose name must be kept because another one could stand in the same place.
_TELLING = frozenset({"query", "default", "where", "having", "limit", "offset", "order", "group", "filter"})


def _inner_of(node: exp.Expression) -> Tree:
    return _normal(node.this)


def _identifier(node: exp.Expression) -> Tree:
    name: str = node.this
    return ("name", name if node.args.get("quoted") else name.lower())


def _column(node: exp.Expression) -> Tree:
    return ("column", *(_normal(node.args[part]) for part in ("catalog", "db", "table", "this") if node.args.get(part)))


def _literal(node: exp.Expression) -> Tree:
    return ("string" if node.is_string else "number", node.this)


def _cast(node: exp.Expression) -> Tree:
    inner = _normal(node.this)
    type_: str = node.args["to"].sql(dialect="postgres").lower()
    if inner[0] == "string" and type_ in {"int", "bigint", "smallint"} and re.fullmatch(r"-\d+", inner[1]):
        return ("neg", ("number", inner[1][1:]))  # how PostgreSQL prints a negative constant
    return ("cast", inner, type_)


def _any(node: exp.Expression) -> Tree | None:
    """`x = any (array[a, b])` is what PostgreSQL makes of `x in (a, b)`; `<> all` of `not in`."""
    right = node.args["expression"]
    wanted = "any" if node.key == "eq" else "all"
    if right.key == "any":
        arguments = [right.this]
    elif right.key in {"anonymous", "all"}:
        arguments = right.expressions or [right.this]
        if right.key == "anonymous" and str(right.this).lower() != "all":
            return None
    else:
        return None
    if (right.key == "any") != (wanted == "any") or len(arguments) != 1:
        return None
    inner = arguments[0]
    while inner.key == "paren":
        inner = inner.this
    left = _normal(node.this)
    if inner.key == "array":
        found = _in_list(left, [_normal(item) for item in inner.expressions])
    elif inner.key in {"subquery", "select"} and wanted == "any":
        found = ("in", left, _normal(inner))
    else:
        return None
    return found if wanted == "any" else ("not", found)


def _in_list(left: Tree, items: list[Tree]) -> Tree:
    return ("eq", left, items[0]) if len(items) == 1 else ("in", left, ("list", *items))


def _in(node: exp.Expression) -> Tree | None:
    if node.args.get("query") is not None:
        return ("in", _normal(node.this), _normal(node.args["query"]))
    if node.expressions and not node.args.get("unnest") and not node.args.get("field"):
        return _in_list(_normal(node.this), [_normal(item) for item in node.expressions])
    return None


def _binary(node: exp.Expression) -> Tree | None:
    return (node.key, _normal(node.this), _normal(node.args["expression"]))


def _between(node: exp.Expression) -> Tree:
    value = _normal(node.this)
    return ("and", ("gte", value, _normal(node.args["low"])), ("lte", value, _normal(node.args["high"])))


def _not(node: exp.Expression) -> Tree:
    inner = node.this
    while inner.key == "paren":
        inner = inner.this
    if inner.key == "between":
        value = _normal(inner.this)
        return ("or", ("lt", value, _normal(inner.args["low"])), ("gt", value, _normal(inner.args["high"])))
    if inner.key == "eq" and (found := _any(inner)) is None:
        return ("not", _normal(inner))
    tree = _normal(inner)
    if tree[0] == "eq" and inner.key == "in":  # `x not in (a)` is printed as `x <> a`
        return ("neq", *tree[1:])
    return ("not", tree)


def _flat(node: exp.Expression) -> Tree:
    parts: list[Tree] = []
    for side in (node.this, node.args["expression"]):
        tree = _normal(side)
        if tree[0] == node.key:
            parts.extend(tree[1:])
        else:
            parts.append(tree)
    return (node.key, *parts)


def _call(node: exp.Expression) -> Tree:
    name = node.this if isinstance(node.this, str) else _normal(node.this)
    return ("call", name.lower() if isinstance(name, str) else name, *(_normal(item) for item in node.expressions))


def _dot(node: exp.Expression) -> Tree:
    return ("dot", _normal(node.this), _normal(node.args["expression"]))


def _json_path(node: exp.Expression) -> Tree | None:
    """`->> 'key'` is read as a path; `->> 'key'::text` is not."""
    parts = node.expressions[1:]
    if len(parts) == 1 and parts[0].key in {"jsonpathkey", "jsonpathsubscript"}:
        value = parts[0].this
        return ("string", value) if isinstance(value, str) else ("number", str(value))
    return None


def _json_extract(node: exp.Expression) -> Tree:
    return (node.key, _normal(node.this), _normal(node.args["expression"]))


def _select(node: exp.Expression) -> Tree | None:
    """A query whose value is used has output names that nobody can see: `(select f() as f)`."""
    parent = node.parent
    if parent is not None and parent.key == "subquery":
        parent = None if parent.args.get("alias") else parent.parent
    if parent is not None and parent.key in {"from", "join", "lateral", "cte", "union", "except", "intersect"}:
        return None
    if any(item.key == "star" for item in node.expressions):
        return None
    outputs = tuple(_normal(item.this if item.key == "alias" else item) for item in node.expressions)
    rest = {name: value for name, value in node.args.items() if name != "expressions" and _said(value)}
    return ("select", outputs, *(_value(name, rest[name]) for name in sorted(rest)))


def _like(node: exp.Expression) -> Tree:
    tree: Tree = (node.key, _normal(node.this), _normal(node.args["expression"]))
    return ("not", tree) if node.args.get("negate") else tree


def _is(node: exp.Expression) -> Tree:
    return (
        "isnot" if node.args.get("negate") else "is",
        _normal(node.this),
        _normal(node.args["expression"]),
    )


_REWRITES: dict[str, Callable[[Any], Tree | None]] = {
    "paren": _inner_of,
    "identifier": _identifier,
    "column": _column,
    "literal": _literal,
    "cast": _cast,
    "eq": lambda node: _any(node) or _binary(node),
    "neq": lambda node: _any(node) or _binary(node),
    "gt": _binary,
    "gte": _binary,
    "lt": _binary,
    "lte": _binary,
    "dpipe": _binary,
    "nullsafeeq": _binary,
    "nullsafeneq": _binary,
    "in": _in,
    "between": _between,
    "not": _not,
    "and": _flat,
    "or": _flat,
    "anonymous": _call,
    "dot": _dot,
    "jsonpath": _json_path,
    "jsonextract": _json_extract,
    "jsonextractscalar": _json_extract,
    "select": _select,
    "subquery": lambda node: None if node.args.get("alias") else _normal(node.this),
    "like": _like,
    "ilike": _like,
    "is": _is,
}
