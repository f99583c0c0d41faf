"""Tell what becomes of what is raised at a place: supabase-py and the drivers of PostgreSQL raise their errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import Fate
from sessionaudit.audits.code.readers.python.syntax import called, children, field, inner, same

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_RANK = {Fate.IGNORED: 0, Fate.LOGGED: 1, Fate.UNKNOWN: 2, Fate.HANDLED: 3}
_LOG = re.compile(
    r"(?:^|\.)(?:_?(?:logger|logging|log|console|structlog)|\w*_log(?:ger)?|LOG(?:GER)?)\.\w+$|"
    r"^(?:print|pprint|log|debug|warn|log_\w+)$|(?:^|\.)(?:print_exc|warnings\.warn|stdout\.write|stderr\.write|secho|echo)$"
)
# Exceptions that those of a database are, or are derived from; what other names mean is not known.
_CATCHES = re.compile(
    r"(?:^|\.)(?:Base)?Exception$|APIError|Postgrest|Supabase|(?:^|\.)(?:Database|Operational|Integrity|Programming|Data|"
    r"Interface|Internal|SQLAlchemy|DBAPI|Postgres)\w*Error|(?:^|\.)(?:psycopg2?|asyncpg|pg|db|errors)\.\w*Error|^Error$"
)
_OTHERS = frozenset(
    "ValueError KeyError TypeError AttributeError IndexError ImportError OSError IOError TimeoutError ConnectionError "
    "StopIteration FileNotFoundError UnicodeDecodeError ZeroDivisionError LookupError NotImplementedError "
    "KeyboardInterrupt CancelledError JSONDecodeError ValidationError".split()
)
_FLOW = frozenset(("pass_statement", "continue_statement", "break_statement", "comment"))


class Raised(NamedTuple):
    """What becomes of a failure, and the node that says so."""

    fate: Fate
    at: Node


def raised(source: PythonFile, node: Node) -> Raised:
    """Return what becomes of what is raised at a place."""
    below = node
    for above in source.ancestors(node):
        if above.type == "try_statement" and same(field(above, "body"), below):
            found = _caught(source, above)
            if found is not None:
                return found
        elif above.type == "with_statement" and same(field(above, "body"), below):
            if _suppresses(source, above):
                return Raised(Fate.IGNORED, above)
        elif above.type == "call" and called(source, above).endswith("gather"):
            if b"return_exceptions=True" in source.bytes[above.start_byte : above.end_byte].replace(b" ", b""):
                return Raised(Fate.UNKNOWN, node)
        elif above.type == "lambda":
            return Raised(Fate.UNKNOWN, node)
        elif above.type == "function_definition":
            break
        below = above
    return Raised(Fate.HANDLED, node)


def _caught(source: PythonFile, attempt: Node) -> Raised | None:
    """Return what the handlers of a `try` do; None if none of them catches an error of the database."""
    for clause in attempt.named_children:
        if clause.type not in {"except_clause", "except_group_clause"}:
            continue
        catches = _catches(source, clause)
        if catches is False:
            continue
        body = next((child for child in children(clause) if child.type == "block"), None)
        done = _done(source, body) if body is not None else None
        if catches is None:
            return Raised(Fate.UNKNOWN, clause)
        if done is None:
            return Raised(Fate.IGNORED, clause)
        return raised(source, attempt) if done.fate is Fate.HANDLED and _raises(done.at) else done
    return None


def _raises(node: Node) -> bool:
    return node.type == "raise_statement"


def _catches(source: PythonFile, clause: Node) -> bool | None:
    """Tell whether a handler catches errors of a database; None if that is not known."""
    value = field(clause, "value")
    if value is None:
        named = [child for child in children(clause) if child.type != "block"]
        value = named[0] if named else None
    if value is None:
        return True
    if value.type == "as_pattern" and value.named_children:
        value = value.named_children[0]
    value = inner(value)
    names = [source.text(one) for one in (children(value) if value.type == "tuple" else [value])]
    if any(_CATCHES.search(name) for name in names):
        return True
    return False if all(name.rpartition(".")[2] in _OTHERS for name in names) else None


def _suppresses(source: PythonFile, statement: Node) -> bool:
    head = source.text(statement).partition(":")[0]
    found = re.search(r"\bsuppress\(([^)]*)\)", head)
    return found is not None and any(_CATCHES.search(name.strip()) for name in found[1].split(","))


def _done(source: PythonFile, block: Node) -> Raised | None:
    """Return what is done in a handler that says most of the failure; None if nothing is."""
    found: Raised | None = None
    for child in children(block):
        one = _statement(source, child)
        if one is not None and (found is None or _RANK[one.fate] > _RANK[found.fate]):
            found = one
    return found


def _statement(source: PythonFile, node: Node) -> Raised | None:
    kind = node.type
    if kind in _FLOW:
        return None
    if kind == "expression_statement":
        value = inner(node.named_children[0]) if node.named_children else node
        if value.type in {"string", "concatenated_string", "ellipsis", "identifier"}:
            return None
        if value.type == "call":
            return Raised(Fate.LOGGED if _LOG.search(called(source, value)) else Fate.HANDLED, value)
        return Raised(Fate.HANDLED, value)
    if kind in {
        "if_statement",
        "for_statement",
        "while_statement",
        "with_statement",
        "try_statement",
        "match_statement",
    }:
        blocks = _blocks(node)
        each = [one for block in blocks if (one := _done(source, block)) is not None]
        return max(each, key=lambda one: _RANK[one.fate], default=None)
    return Raised(Fate.HANDLED, node)


def _blocks(node: Node) -> list[Node]:
    found: list[Node] = []
    for child in node.named_children:
        if child.type == "block":
            found.append(child)
        elif child.type.endswith("_clause"):
            found += _blocks(child)
    return found
