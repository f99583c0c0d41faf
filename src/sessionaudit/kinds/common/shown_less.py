"""Whether a view's query certainly shows no more than another one, as far as their texts tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.kinds.common.weaker import implied_by
from sessionaudit.sql.expression import tree

if TYPE_CHECKING:
    from sessionaudit.sql.constant import Tree

_ENDS = ("order by",)
# Of a query with these, a narrower condition may show other rows.
_OTHER = frozenset(
    {"group by", "having", "limit", "offset", "fetch", "union", "intersect", "except", "window", "with", "distinct"}
)


class _PlainQuery(NamedTuple):
    """A query: what it selects, and all that follows; if it is a plain one, from what, and under which condition."""

    selected: tuple[tuple[Tree, ...], ...]
    rest: tuple[Tree, ...]
    plain: bool
    source: tuple[Tree, ...]
    where: Tree | None


def shows_no_more(new: str, old: str) -> bool:
    """Whether each row and column of one query is a part of another's; both as the server prints them."""
    now, then = _read(new), _read(old)
    if now is None or then is None or not {*now.selected} <= {*then.selected}:
        return False
    if now.rest == then.rest:
        return True
    if not (now.plain and then.plain) or now.source != then.source:
        return False
    if then.where is None or now.where == then.where:
        return True
    return now.where is not None and implied_by(then.where, now.where)


def _read(query: str) -> _PlainQuery | None:
    """The parts of a query; None where it is more than one, or not understood."""
    found = tree(query, "")
    if found is None:
        return None
    items: list[Any] = [*found[0][1:]]
    words = [item[1] if item[0] == "kw" else "" for item in items]
    if words[:1] != ["select"] or "from" not in words or words.count("select") > 1 or "distinct" in words:
        return None
    plain = _OTHER.isdisjoint(words)
    end = next((place for place, word in enumerate(words) if word in _ENDS), len(items))
    start = words.index("from")
    place = words.index("where") if "where" in words else end
    condition = items[place + 1 : end]
    if plain and (len(condition) > 1 or (place < end and not condition) or place > end):
        return None
    selected: list[tuple[Tree, ...]] = [()]
    for item, word in zip(items[1:start], words[1:start], strict=True):
        if word == ",":
            selected.append(())
        else:
            selected[-1] = (*selected[-1], item)
    source, where = tuple(items[start + 1 : place]), condition[0] if condition else None
    return _PlainQuery(tuple(selected), tuple(items[start:]), plain, source, where)
