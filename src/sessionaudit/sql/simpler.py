"""The spelling that a person would write of an expression which the server printed.

Parentheses that only repeat the precedence of operators go, and so do casts of constants, `= ANY (ARRAY[…])` becomes
`in (…)`, words are in lower case. Each rewriting is only a proposal: the caller proves that it means the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from sessionaudit.sql.text import UnclosedError, cut, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MOST_CASTS = 12  # that are tried one by one
_WIDEST = 110  # a text that is longer keeps its line breaks
_ATOM = 100
_BINDING = {
    "or": 1,
    "and": 2,
    "not": 3,
    "is": 4,
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), 5),
    **dict.fromkeys(("in", "like", "ilike", "between", "similar"), 6),
}
_OPERATOR, _TIGHTEST = 7, 20
# Words before a parenthesis that call nothing, so that the parenthesis only groups.
_BEFORE_GROUPS = frozenset(
    """and or not when then else case where on having is between like ilike check by return select distinct
    default""".split()
)
_NOT_SIMPLE = frozenset("and at between collate ilike in is isnull like not notnull or overlaps similar".split())
_QUERY = frozenset({"select", "values", "with", "table"})


class _Word(Struct):
    """A token with what is before it: nothing, a blank, or a line break and its indentation."""

    text: str
    sort: str
    gap: str


class _Group(Struct):
    """A parenthesis and what is in it."""

    items: list[_Word | _Group] = field(default_factory=list["_Word | _Group"])
    gap: str = ""
    shown: bool = True


def simpler(text: str, proven: Callable[[str], bool], *, elements: bool = False) -> str:
    """The plainest spelling of an expression that is `proven` to mean the same; at worst the text itself.

    With `elements` it is the list of an index or a partition key, each of whose expressions needs its parentheses.
    """
    try:
        words = list(_words(text))
    except UnclosedError:
        return text
    casts = _casts(words)
    everything = _spelled(_without(words, casts), elements=elements)
    if everything == text or proven(everything):
        return everything
    kept = words
    if len(casts) <= _MOST_CASTS:
        for cast in reversed(casts):  # from the end, so that the places of the others stay
            fewer = _without(kept, [cast])
            if proven(_spelled(fewer, elements=elements)):
                kept = fewer
    for lists, groups in ((True, True), (False, True), (True, False), (False, False)):
        found = _spelled(kept, lists=lists, groups=groups, elements=elements)
        if proven(found):
            return found
    return text


def simple(text: str) -> bool:
    """Whether an expression can stand without parentheses where PostgreSQL's grammar wants a simple one (b_expr)."""
    top, _ = _grouped(list(_words(text)))
    return not any(isinstance(one, _Word) and one.sort == "word" and one.text in _NOT_SIMPLE for one in top.items)


def _words(text: str) -> Iterator[_Word]:
    end = 0
    for token in cut(text):
        before = text[end : token.start]
        gap = before[before.rindex("\n") :] if "\n" in before else " " if before else ""
        yield _Word(folded(token.text) if token.sort == "word" else token.text, token.sort, gap)
        end = token.end


def _casts(words: Sequence[_Word]) -> list[tuple[int, int]]:
    """Where casts of constants begin, and how many tokens each has."""
    return [
        (place, 1 + _length_of_type(words[place + 1 :]))
        for place in range(1, len(words) - 1)
        if words[place].text == "::" and words[place - 1].sort in {"string", "number"}
    ]


def _length_of_type(words: Sequence[_Word]) -> int:
    """How many tokens the name of a type has, as the server prints it."""
    texts = [word.text for word in words]
    length = 1
    while texts[length : length + 1] == ["."]:
        length += 2
    if texts[:2] in (["character", "varying"], ["double", "precision"], ["bit", "varying"]):
        length = 2
    if texts[length : length + 1] == ["("]:
        length = texts.index(")", length) + 1 if ")" in texts[length:] else length
    if texts[length : length + 3] in (["with", "time", "zone"], ["without", "time", "zone"]):
        length += 3
    while texts[length : length + 2] == ["[", "]"]:
        length += 2
    return length


def _without(words: Sequence[_Word], casts: Sequence[tuple[int, int]]) -> list[_Word]:
    left_out = {place + offset for place, length in casts for offset in range(length)}
    return [word for place, word in enumerate(words) if place not in left_out]


def _spelled(words: Sequence[_Word], *, lists: bool = True, groups: bool = True, elements: bool = False) -> str:
    top, rest = _grouped(words)
    if rest:  # a parenthesis that nothing opens
        return _joined(words)
    if lists:
        _list(top)
    _drop_names(top)
    if groups:
        _ungroup(top)
    if elements:
        _keep_elements(top)
    return _joined(list(_flat(top)))


def _keep_elements(top: _Group) -> None:
    """Show the parentheses around expressions in the list that comes first: PostgreSQL prints those that it wants."""
    first = next((one for one in top.items if isinstance(one, _Group)), _Group())
    found = first.items
    for place, item in enumerate(found):
        if isinstance(item, _Group) and (place == 0 or _text(found[place - 1]) == ","):
            item.shown = True


def _grouped(words: Sequence[_Word]) -> tuple[_Group, bool]:
    open_: list[_Group] = [_Group()]
    for word in words:
        if word.text == "(" and word.sort == "mark":
            group = _Group(gap=word.gap)
            open_[-1].items.append(group)
            open_.append(group)
        elif word.text == ")" and word.sort == "mark":
            open_.pop()
            if not open_:
                return _Group(), True
        else:
            open_[-1].items.append(word)
    return open_[0], len(open_) > 1


def _list(group: _Group) -> None:
    """Turn `= any (array[…])` into `in (…)`, and `<> all (array[…])` into `not in (…)`."""
    items = group.items
    for item in items:
        if isinstance(item, _Group):
            _list(item)
    for place in range(len(items) - 2):
        operator, quantifier, array = items[place : place + 3]
        if not (isinstance(operator, _Word) and isinstance(quantifier, _Word) and isinstance(array, _Group)):
            continue
        word = {("=", "any"): ["in"], ("<>", "all"): ["not", "in"]}.get((operator.text, quantifier.text))
        inside = _listed(array.items)
        if word is None or [_text(one) for one in inside[:2]] != ["array", "["] or _text(inside[-1]) != "]":
            continue
        listed = _Group(items=inside[2:-1], gap=" ")
        if any(_text(one) in {"[", "]"} for one in listed.items):
            continue
        items[place : place + 3] = [*(_Word(one, "word", " ") for one in word), listed]
        _list(group)
        return


def _listed(items: list[_Word | _Group]) -> list[_Word | _Group]:
    """What is in the parentheses of ANY, without the cast that a list of varchar has beside a text."""
    first = items[0] if items else None
    if isinstance(first, _Group) and [_text(one) for one in items[1:]] == ["::", "text", "[", "]"]:
        return first.items
    return items


def _text(item: _Word | _Group) -> str:
    return item.text if isinstance(item, _Word) else "()"


def _drop_names(group: _Group) -> None:
    """Leave out the name of the one column that a query in an expression gives: `(select auth.uid() as uid)`."""
    for item in group.items:
        if isinstance(item, _Group):
            _drop_names(item)
    items = group.items
    plain = items and _text(items[0]) == "select" and not {_text(one) for one in items} & {"from", ","}
    if plain and len(items) > 3 and _text(items[-2]) == "as":
        del items[-2:]


def _ungroup(group: _Group) -> None:
    items = group.items
    for place, item in enumerate(items):
        if not isinstance(item, _Group):
            continue
        _ungroup(item)
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        listed = [_text(one) for one in items[max(place - 2, 0) : place]] == ["distinct", "on"]
        if not listed and _groups_only(before) and _redundant(item, before, after):
            item.shown = False


def _groups_only(before: _Word | _Group | None) -> bool:
    """Whether a parenthesis after this can be left out: it calls nothing and lists nothing."""
    if before is None:
        return True
    if isinstance(before, _Group):
        return False
    if before.sort == "word":
        return before.text in _BEFORE_GROUPS
    return before.sort in {"operator", "cast"} or before.text in {",", "["}


def _redundant(group: _Group, before: _Word | _Group | None, after: _Word | _Group | None) -> bool:
    items = group.items
    if not items or _text(items[0]) in _QUERY or any(_text(one) == "," for one in items):
        return False
    own = min(map(_binding, items), default=_ATOM)
    sides = [_pull(one) for one in (before, after) if one is not None]
    around = max(sides, default=0)
    if own == _BINDING["and"] and _BINDING["or"] in sides:
        return False  # whoever reads it need not know which binds tighter
    return own > around or own == around in (_BINDING["and"], _BINDING["or"])


def _binding(item: _Word | _Group) -> int:
    """How tightly what stands in a parenthesis is held together there."""
    if isinstance(item, _Group):
        return _ATOM if item.shown else min(map(_binding, item.items), default=_ATOM)
    if item.text in {"case", "when", "then", "else", "end"} and item.sort == "word":
        return 0
    if item.sort == "word":
        return _BINDING.get(item.text, _ATOM)
    return _BINDING.get(item.text, _OPERATOR) if item.sort == "operator" else _ATOM


def _pull(item: _Word | _Group) -> int:
    """How strongly what stands beside a parenthesis would take a part of it: most a cast, a dot or a subscript."""
    if isinstance(item, _Group):
        return 0
    if item.sort == "cast" or item.text in {".", "["}:
        return _TIGHTEST
    return _BINDING.get(item.text, _OPERATOR if item.sort == "operator" else 0)


def _flat(group: _Group) -> Iterator[_Word]:
    for item in group.items:
        if isinstance(item, _Word):
            yield item
        elif item.shown:
            yield _Word("(", "mark", item.gap)
            yield from _flat(item)
            yield _Word(")", "mark", "")
        else:
            inside = list(_flat(item))
            if inside:
                yield _Word(inside[0].text, inside[0].sort, item.gap)
            yield from inside[1:]


def _joined(words: Sequence[_Word]) -> str:
    flat = _line(words, broken=False)
    return flat if len(flat) <= _WIDEST or not any("\n" in word.gap for word in words) else _line(words, broken=True)


def _line(words: Sequence[_Word], *, broken: bool) -> str:
    parts: list[str] = []
    for place, word in enumerate(words):
        gap = word.gap if broken else " " if word.gap else ""
        opened = place > 0 and words[place - 1].text == "(" and words[place - 1].sort == "mark"
        if place == 0 or ("\n" not in gap and opened):
            gap = ""
        parts.append(gap + word.text)
    return "".join(parts)
