"""Statistics objects (CREATE STATISTICS)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.node import Mapping, Node, NodeError, flow, known_keys, text
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import canonical, enclosed, quoted, tokens, unquote


class Statistics(Struct, frozen=True, kw_only=True):
    """A statistics object; `definition` is what stands between its name and FROM: `(ndistinct, mcv) on a, b`.

    `target` is its statistics target, -1 for the default one; None if the contract does not state it.
    """

    definition: str
    target: int | None = None


class Covered(NamedTuple):
    """The parts of a definition: the kinds, none if all of them; the columns; and the expressions as they stand."""

    kinds: frozenset[str]
    columns: frozenset[str]
    expressions: tuple[str, ...]


KINDS = ("dependencies", "mcv", "ndistinct")
_MOST = 10_000  # PostgreSQL's highest target
_WHAT = "a statistics object, such as: (ndistinct, mcv) on city, zip"


@lru_cache(maxsize=1024)
def parse(definition: str) -> Statistics:
    """Read what follows the name in CREATE STATISTICS, without FROM and the table. Raises FragmentError."""
    divided(definition)
    return Statistics(definition=definition)


@lru_cache(maxsize=1024)
def divided(definition: str) -> Covered:
    """Divide a definition. Raises FragmentError."""
    fragment = Fragment(definition)
    kinds: set[str] = set()
    if fragment.accept("("):
        kinds.add(fragment.one_of(*KINDS))
        while fragment.accept(","):
            kinds.add(fragment.one_of(*KINDS))
        fragment.expect(")")
    fragment.expect("on")
    columns: set[str] = set()
    expressions: list[str] = []
    while True:
        element = fragment.until((",",), ("from",), what="a column or an expression")
        column = _column(element)
        if column is None:
            expressions.append(enclosed(element))
        else:
            columns.add(column)
        if not fragment.accept(","):
            break
    if fragment.peek("from"):
        raise fragment.error("“,” or the end", "Leave out FROM: the object stands under its table.")
    if len(columns) + len(expressions) == 1 and columns:
        raise fragment.error("“,” and another column", "PostgreSQL keeps statistics of single columns itself.")
    return Covered(frozenset(kinds) if len(kinds) < len(KINDS) else frozenset(), frozenset(columns), tuple(expressions))


def _column(element: str) -> str | None:
    """The column that an element is; None for an expression. PostgreSQL takes a column in parentheses as one."""
    words = [token for token in tokens(element) if token.text not in {"(", ")"}]
    return unquote(words[0].text) if len(words) == 1 and words[0].sort in {"word", "quoted"} else None


def ordered(definition: str) -> str:
    """The definition in one order: the order of kinds, columns and expressions means nothing."""
    kinds, columns, expressions = divided(definition)
    listed = (*map(quoted, sorted(columns)), *sorted(map(canonical, expressions)))
    before = f"({', '.join(sorted(kinds))}) " if kinds else ""
    return f"{before}on {', '.join(listed)}"


def same_covered(expected: Statistics, actual: Statistics) -> bool | None:
    """Whether they cover the same; None if expressions are spelled differently."""
    wanted, found = divided(expected.definition), divided(actual.definition)
    if (wanted.kinds, wanted.columns) != (found.kinds, found.columns):
        return False
    if len(wanted.expressions) != len(found.expressions):
        return False
    return True if ordered(expected.definition) == ordered(actual.definition) else None


def read(node: Node, _schema: str) -> Statistics:
    """Read an entry of `statistics:`: a definition, or one with a target."""
    if not isinstance(node, Mapping):
        return parse(text(node, _WHAT))
    known_keys(node, ("definition", "target"), "a statistics object")
    fields = {str(key): value for key, value in node.items()}
    if "definition" not in fields:
        raise NodeError("a statistics object needs a definition", node)
    found = parse(text(fields["definition"], "a statistics object's definition"))
    return replace(found, target=_target(fields["target"])) if "target" in fields else found


def _target(node: Node) -> int:
    said = str(node)
    if said == "default":
        return -1
    if not (said.isascii() and said.isdigit() and len(said) < len(str(_MOST)) + 1 and int(said) <= _MOST):
        raise NodeError(f"expected a target from 0 to {_MOST:,}, or default", node)
    return int(said)


def load(row: tuple[Any, ...], _schema: str) -> Statistics:
    """Make a Statistics of a row of the catalog query."""
    definition, target = row
    if definition is None:
        raise TypeError("the statistics object no longer exists")
    return Statistics(definition=definition, target=target)


def show_target(statistics: Statistics) -> str:
    """Its target as the contract writes it."""
    return "default" if statistics.target in {None, -1} else str(statistics.target)


def spell(statistics: Statistics) -> str | dict[str, str]:
    """The object as the contract writes it: a mapping if it has a target of its own."""
    if statistics.target in {None, -1}:
        return statistics.definition
    return {"definition": statistics.definition, "target": show_target(statistics)}


def show(statistics: Statistics) -> str:
    """The object as the contract writes it, on one line."""
    if statistics.target is None or statistics.target < 0:
        return statistics.definition
    return flow({"definition": statistics.definition, "target": show_target(statistics)})


def create_on(statistics: Statistics, on: str, name: str) -> str:
    """The statement that creates the object for a relation."""
    return f"create statistics {name} {statistics.definition} from {on}"
