"""Parse expressions into trees, with the precedence of PostgreSQL's own grammar.

A tree keeps every word except redundant parentheses. Two spellings get the same tree only if PostgreSQL itself does not
distinguish them. An expression that is not understood is refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sessionaudit.sql.constant import constant, typed
from sessionaudit.sql.fragment import Fragment, FragmentError, type_name
from sessionaudit.sql.text import canonical, folded, quoted, unliteral, unquote

if TYPE_CHECKING:
    from sessionaudit.sql.constant import Tree
    from sessionaudit.sql.text import Token

_COMMA: Tree = ("kw", ",")
# Reserved words between expressions; none of them can be a column.
_CLAUSES = frozenset(
    """all as asc both cross desc distinct else except fetch for from full group having include inner intersect into
    join lateral leading limit natural offset on only order outer placing select then to trailing union using values
    variadic when where window with""".split()
)
_PAIRS = {("group", "by"), ("order", "by"), ("nulls", "first"), ("nulls", "last")}
_SIDES = frozenset({"left", "right"})
_MARKS = frozenset({",", ":", "=>", ":="})
_BETWEEN = _CLAUSES | _SIDES | _MARKS | {pair[0] for pair in _PAIRS}
_SHOWS_NAMES = frozenset({"from", "join", "lateral", "as", "with", ",", "only"})
_USES_NAMES = frozenset(
    {"order by", "group by", "having", "distinct", "union", "intersect", "except", "with", "window"}
)
_QUERY_WORDS = frozenset({"select", "with", "values"})
# Without quotes these words do not call a function of that name, so quoting them changes the meaning.
_SYNTAX = frozenset(
    """array case cast coalesce collation current_schema exists extract greatest grouping json json_array json_object
    json_query json_scalar json_serialize json_value json_exists json_table least merge_action normalize not nullif
    overlay position row treat trim xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize
    xmltable current_time current_timestamp localtime localtimestamp user current_user session_user""".split()
)
_TYPE_WORDS = frozenset({"bit", "character", "char", "double", "interval", "national", "time", "timestamp"})
_UNSUPPORTED = frozenset({"filter", "over", "within", "overlaps", "uescape", "escape", "respect", "ignore"})
_COMPARING = frozenset({"=", "<>", "<", ">", "<=", ">="})
_OR, _AND, _NOT, _IS, _COMPARE, _WITHIN, _OPERATOR, _ADD, _MULTIPLY, _POWER, _AT, _COLLATE, _SIGN = range(1, 14)
_WORDS_OF: dict[int, tuple[str, ...]] = {
    _OR: ("or",),
    _AND: ("and",),
    _IS: ("is", "isnull", "notnull"),
    _COMPARE: tuple(_COMPARING),
    _WITHIN: ("in", "like", "ilike", "between", "similar", "not"),
    _OPERATOR: ("operator",),
    _ADD: ("+", "-"),
    _MULTIPLY: ("*", "/", "%"),
    _POWER: ("^",),
    _AT: ("at",),
    _COLLATE: ("collate",),
}
_BINDING = {word: binding for binding, words in _WORDS_OF.items() for word in words}
_FOLLOWING = frozenset({"::", "[", "."})
_QUANTIFIERS = ("any", "some", "all")
_QUANTIFYING = frozenset(_QUANTIFIERS)
_SPECIAL = frozenset({"not", "case", "cast", "exists", "array"})
_LIKE = {"like": "~~", "ilike": "~~*"}


@lru_cache(maxsize=4096)
def tree(statement: str, schema: str) -> tuple[Tree, frozenset[str]] | None:
    """Parse a statement; return its tree and the functions whose schema was removed, or None if not understood."""
    try:
        reader = _Reader(statement, schema)
        items = reader.phrase()
        reader.end()
    except (ValueError, RecursionError):
        return None
    return ("phrase", *items), frozenset(reader.stripped)


class _Reader(Fragment):
    """Parses a text into trees, with the precedence of PostgreSQL's gram.y."""

    def __init__(self, text: str, schema: str) -> None:
        super().__init__(text)
        self.stripped: set[str] = set()
        self._schema = schema
        self._clause = ""

    def phrase(self, *ends: str) -> tuple[Tree, ...]:
        """Parse expressions and the words between them, up to the character or word that ends them."""
        items: list[Tree] = []
        while self._at < len(self._words) and not (ends and self.peek(*ends)):
            if self.at_word(_BETWEEN) and (word := self._between_expressions()):
                items.append(("kw", word))
                self._clause = word if _is_query(tuple(items[:1])) else ""
            else:
                items.append(self._expression())
        return tuple(items)

    def _between_expressions(self) -> str:
        for pair in _PAIRS:
            if self.accept(*pair):
                return " ".join(pair)
        token = self._ahead()
        word = token.text.lower() if token.sort in {"word", "mark", "cast"} else ""
        side = word in _SIDES and not self._token_is("(", 1)
        if not side and word not in _CLAUSES and word not in _MARKS:
            return ""
        self._at += 1
        return word

    def _ahead(self) -> Token:
        token = self._token()
        if token is None:
            raise self.error("an expression")
        return token

    def _token_is(self, text: str, ahead: int = 0) -> bool:
        token = self._token(ahead)
        return token is not None and token.text == text

    def _enclosed(self, closing: str = ")", clause: str = "") -> tuple[Tree, ...]:
        around, self._clause = self._clause, clause
        items = self.phrase(closing)
        self.expect(closing)
        self._clause = around
        return items

    def _expression(self, floor: int = 0) -> Tree:
        left = self._operand()
        while (token := self._token()) is not None and token.sort in {"operator", "word"}:
            word = "<>" if token.text == "!=" else token.text.lower()
            if word in _UNSUPPORTED:
                raise self.error("something simpler")
            binding = _BINDING.get(word, _OPERATOR if token.sort == "operator" else 0)
            if not binding or binding < floor or (word == "operator" and not self._token_is("(", 1)):
                break
            self._at += 1
            left = self._joined(left, word, binding)
            after = self._token()
            if binding == _COMPARE and after and after.sort == "operator" and _BINDING.get(after.text) == _COMPARE:
                raise self.error("parentheses")
        return left

    def _joined(self, left: Tree, word: str, binding: int) -> Tree:
        if word in {"and", "or"}:
            sides = [left, self._expression(binding + 1)]
            while self.accept(word):  # all at once; otherwise the time grows with the square of the chain's length
                sides.append(self._expression(binding + 1))
            return _flat(word, *sides)
        if word in {"is", "isnull", "notnull"}:
            return self._is(left, word)
        if word == "collate":
            path = self._path()
            return ("collate", left, *(path[1:] if path[0] == "pg_catalog" else path))
        if word == "at":
            self.expect("time", "zone")
            return ("call", "timezone", self._expression(binding + 1), left)  # as the grammar does
        if word == "operator":
            word = f"operator {canonical(self.parenthesised())}"
        elif binding == _WITHIN:
            return self._within(left, word)
        for quantifier in _QUANTIFIERS if self.at_word(_QUANTIFYING) else ():
            if self.peek(quantifier, "("):
                self._at += 2
                right = _grouped(self._enclosed(), hide=True)
                return _quantified(word, "all" if quantifier == "all" else "any", left, right)
        return ("op", word, left, self._expression(binding + 1))

    def _is(self, left: Tree, word: str) -> Tree:
        if word != "is":
            return ("is", left, "null" if word == "isnull" else "not null")
        no = "not " if self.accept("not") else ""
        if self.accept("distinct", "from"):
            found = ("distinct", left, self._expression(_IS + 1))
            return ("not", found) if no else found
        return ("is", left, no + self.one_of("null", "true", "false", "unknown"))

    def _within(self, left: Tree, word: str) -> Tree:
        no = word == "not"
        if no:
            word = self.one_of("in", "like", "ilike", "between")
        if word in _LIKE:
            return ("op", ("!" if no else "") + _LIKE[word], left, self._expression(_WITHIN + 1))
        if word == "between":
            low = self._expression(_WITHIN + 1)
            self.expect("and")
            high = self._expression(_WITHIN + 1)
            if no:
                return _flat("or", ("op", "<", left, low), ("op", ">", left, high))
            return _flat("and", ("op", ">=", left, low), ("op", "<=", left, high))
        if word != "in" or not self.accept("("):
            raise self.error("something simpler")
        items = self._enclosed()
        if _is_query(items):
            found = ("any", "=", left, _grouped(items, hide=True))
            return ("not", found) if no else found
        return _listed(left, [item for item in items if item != _COMMA], "<>" if no else "=")

    def _operand(self) -> Tree:
        token = self._ahead()
        if token.sort == "operator":
            self._at += 1
            after = self._token()
            if token.text == "*" and (after is None or after.text in {")", ","} or after.text.lower() == "from"):
                return ("star",)
            operand = self._expression(_SIGN if token.text in {"+", "-"} else _OPERATOR + 1)
            return ("neg", operand) if token.text == "-" else ("prefix", token.text, operand)
        return self._followed(self._simple(token))

    def _followed(self, found: Tree) -> Tree:
        while self.at_word(_FOLLOWING):
            if self.accept("::"):
                found = typed(found, type_name(self, self._schema))
            elif self.accept("["):
                found = ("element", found, *self._enclosed("]"))
            elif found[0] != "name":
                self._at += 1
                found = ("field", found, self._name())
            else:
                break
        return found

    def _simple(self, token: Token) -> Tree:
        if token.sort in {"number", "string", "dollar"}:
            self._at += 1
            if token.sort == "number":
                return ("number", token.text.lower())
            return ("raw", token.text) if token.text[0] in "bBxXnN" else ("string", unliteral(token.text))
        if self.accept("("):
            return _grouped(self._enclosed(), hide=self._clause not in _SHOWS_NAMES)
        if self.accept("["):
            return ("array", *_parted(self._enclosed("]")))
        if token.sort not in {"word", "quoted"}:
            raise self.error("an expression")
        if token.sort == "word" and (found := self._special()) is not None:
            return found
        return self._typed() or self._named(token)

    def _special(self) -> Tree | None:
        if not self.at_word(_SPECIAL):
            return None
        if self.accept("not"):
            return ("not", self._expression(_NOT))
        if self.accept("case"):
            items = self.phrase("end")
            self.expect("end")
            return ("case", *(items[:-2] if items[-2:] == (("kw", "else"), ("name", "null")) else items))
        if self.accept("cast", "("):
            inner = self._expression()
            self.expect("as")
            type_ = type_name(self, self._schema)
            self.expect(")")
            return typed(inner, type_)
        for word in ("exists", "array"):
            if self.accept(word, "("):
                return (word, _grouped(self._enclosed(), hide=True))
        return ("array", *_parted(self._enclosed("]"))) if self.accept("array", "[") else None

    def _typed(self) -> Tree | None:
        """Parse a cast of a literal such as `date '2020-01-01'`."""
        token, after, start = self._ahead(), self._token(1), self._at
        if token.text.lower() not in _TYPE_WORDS and (after is None or after.sort != "string"):
            return None
        try:
            type_ = type_name(self, self._schema)
        except FragmentError:
            type_ = ""
        value = self._token()
        if not type_ or value is None or value.sort != "string" or value.text[0] in "bBxXnN":
            self._at = start
            return None
        self._at += 1
        after = self._token()
        if after is not None and after.text.lower() in {"year", "month", "day", "hour", "minute", "second", "("}:
            raise self.error("the end of the literal")
        return typed(("string", unliteral(value.text)), type_)

    def _named(self, first: Token) -> Tree:
        path = self._path()
        if not self.accept("("):
            return ("name", *path)
        name = _called(first.text)
        if len(path) == 1 and name in _SYNTAX and first.sort == "quoted":
            name = f'"{name}"'
        if len(path) == 2 and path[0] == "pg_catalog":
            name = _called(path[1])
        elif len(path) == 2 and path[0] == quoted(self._schema):
            name = _called(path[1])
            self.stripped.add(unquote(path[1]))
        elif len(path) > 1:
            name = ".".join(path)
        items = self._enclosed()
        if (name, items) == ("now", ()):
            return ("name", "current_timestamp")  # the same according to the manual, 9.9.5
        if any(item[0] == "kw" and item != _COMMA for item in items):
            return ("call", name, ("phrase", *items))
        return ("row" if name == "row" else "call", *(() if name == "row" else (name,)), *_parted(items))

    def _path(self) -> tuple[str, ...]:
        """Parse a dotted name; after FROM and JOIN it is a relation, which may be written without its schema."""
        parts = [self._name()]
        while self._token_is("."):
            self._at += 1
            parts.append("*" if self.accept("*") else self._name())
        relation = self._clause in {"from", "join"} and not self._token_is("(")
        if relation and len(parts) == 2 and parts[0] == quoted(self._schema) and not parts[1].startswith("pg_"):
            parts = parts[1:]
        return tuple(parts)

    def _name(self) -> str:
        token = self._ahead()
        if token.sort not in {"word", "quoted"}:
            raise self.error("a name")
        self._at += 1
        return folded(token.text) if token.sort == "word" else quoted(unquote(token.text))


def _called(name: str) -> str:
    """Return a function's name without quotes, unless it contains a dot and would look like a qualified name."""
    bare = unquote(name)
    return quoted(bare) if "." in bare else bare


def _flat(word: str, *sides: Tree) -> Tree:
    return (word, *(part for side in sides for part in (side[1:] if side[0] == word else (side,))))


def _is_query(items: tuple[Tree, ...]) -> bool:
    return bool(items) and (items[0][0] == "select" or (items[0][0] == "kw" and items[0][1] in _QUERY_WORDS))


def _grouped(items: tuple[Tree, ...], *, hide: bool) -> Tree:
    """Parse the content of parentheses: a single expression needs none, a subquery needs no output names."""
    if len(items) == 1 and items[0][0] != "kw":
        return items[0]
    if not _is_query(items):
        return ("row", *_parted(items)) if _COMMA in items and _all_parted(items) else ("group", *items)
    words = {item[1] for item in items if item[0] == "kw"}
    if hide and not words & _USES_NAMES:
        end = items.index(("kw", "from")) if "from" in words else len(items)
        named = {place for place in range(end) if items[place] == ("kw", "as")}
        items = tuple(item for place, item in enumerate(items) if not {place, place - 1} & named)
    return ("select", *items)


def _all_parted(items: tuple[Tree, ...]) -> bool:
    return all((item == _COMMA) == bool(place % 2) for place, item in enumerate(items))


def _parted(items: tuple[Tree, ...]) -> tuple[Tree, ...]:
    if items and not (_all_parted(items) and len(items) % 2):
        raise ValueError("not a list")
    return tuple(item for item in items if item != _COMMA)


def _listed(left: Tree, items: list[Tree], operator: str) -> Tree:
    """Build the tree of `x in (…)`: a comparison for one value, `= any (array)` for several constants."""
    if len(items) == 1:
        return ("op", operator, left, items[0])
    return ("in" if all(map(constant, items)) else "mixed", operator, left, *items)


def _quantified(operator: str, quantifier: str, left: Tree, right: Tree) -> Tree:
    """Build the tree of `x = any (array[…])` as PostgreSQL does for `x in (…)`, and of `<> all` as for `not in`."""
    if (operator, quantifier) in {("=", "any"), ("<>", "all")} and right[0] == "array" and len(right) > 2:
        items = _as_text(right)[1:]
        if all(map(constant, items)):
            return ("in", operator, left, *items)
    return (quantifier, operator, left, right)


def _as_text(array: Tree) -> Tree:
    """Give an array of string literals the type text."""
    texts = all(item[0] == "string" for item in array[1:])
    return ("array", *(("cast", item, "text") for item in array[1:])) if texts else array
