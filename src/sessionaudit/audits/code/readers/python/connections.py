"""Tell whether an object certainly runs SQL on PostgreSQL: a connection, a cursor or a pool of one of its drivers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.python import literals
from sessionaudit.audits.code.readers.python.scopes import names_of, reaching, resolve
from sessionaudit.audits.code.readers.python.settings import Sets, Setting
from sessionaudit.audits.code.readers.python.syntax import around, called, field, inner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.modules import PythonModules
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_DRIVER = re.compile(r"(?:psycopg2?|psycopg_pool|asyncpg|aiopg|pg8000)(?:\.|\Z)")
_MAKERS = frozenset(
    "connect create_pool ConnectionPool AsyncConnectionPool SimpleConnectionPool ThreadedConnectionPool".split()
)
_LENDERS = frozenset(("cursor", "connection", "acquire", "getconn"))
_KIND = re.compile(r"(?P<name>[^\W\d]\w*(?:\.\w+)*)(?:\[(?P<arguments>.*)\])?", re.DOTALL)
_SORTS = re.compile(r"(?:Connection|Cursor|Pool|connection|cursor|ConnectionProxy)\Z")
_UNIONS = frozenset(("Optional", "Union"))
_METHODS = frozenset("execute executemany fetch fetchrow fetchval".split())
_DEEPEST = 6


def runs_sql(source: PythonFile, call: Node, modules: PythonModules) -> bool:
    """Tell whether a call certainly sends its first argument to PostgreSQL."""
    function = field(call, "function")
    owner = field(function, "object") if function is not None else None
    name = field(function, "attribute") if function is not None else None
    if owner is None or name is None or source.text(name) not in _METHODS:
        return False
    return _PythonConnections(modules).are(source, owner)


class _PythonConnections:
    def __init__(self, modules: PythonModules) -> None:
        self._modules = modules

    def are(self, source: PythonFile, node: Node, depth: int = 0) -> bool:
        """Tell it of an expression."""
        node = inner(node)
        if depth > _DEEPEST:
            return False
        if node.type == "call":
            return self._made(source, node, depth)
        if node.type == "identifier":
            found = resolve(source, node)
            settings = (reaching(source, *found, node) or found[1]) if found is not None else []
            return self._all(source, settings, depth)
        owner, name = field(node, "object"), field(node, "attribute")
        of = around(source, node, "class_definition")
        if node.type != "attribute" or owner is None or name is None or of is None or source.text(owner) != "self":
            return False
        values = literals.set_on_self(source, of, source.text(name))
        if values:
            return all(self.are(source, value, depth + 1) for value in values)
        return self._all(source, names_of(source, of).get(source.text(name), []), depth)

    def _all(self, source: PythonFile, settings: list[Setting], depth: int) -> bool:
        return bool(settings) and all(self._set_so(source, one, depth) for one in settings)

    def _set_so(self, source: PythonFile, one: Setting, depth: int) -> bool:
        if one.sort is Sets.IMPORT:
            defined = self._modules.defined(source, one)
            return defined is not None and self._all(*defined, depth + 1)
        if one.kind is not None and _is_type(source, one.kind):
            return True
        return one.value is not None and one.sort in {Sets.VALUE, Sets.WITH} and self.are(source, one.value, depth + 1)

    def _made(self, source: PythonFile, call: Node, depth: int) -> bool:
        function = field(call, "function")
        owner = field(function, "object") if function is not None else None
        first, _, rest = called(source, call).partition(".")
        last = rest.rpartition(".")[2] or first
        if last in _MAKERS and _is_of_driver(source, first):
            return True
        name = field(function, "attribute") if function is not None else None
        lends = owner is not None and name is not None and source.text(name) in _LENDERS
        return lends and owner is not None and self.are(source, owner, depth + 1)


def _is_of_driver(source: PythonFile, name: str) -> bool:
    settings = names_of(source, source.root).get(name, [])
    return bool(settings) and all(one.sort is Sets.IMPORT and _DRIVER.match(one.origin) for one in settings)


def _is_type(source: PythonFile, kind: Node) -> bool:
    """Tell whether a type is one of a driver's, or a union of such."""
    names = {name for name in _named(source.text(kind)) if name != "None"}
    return bool(names) and all(
        _SORTS.search(name) is not None and _is_of_driver(source, name.partition(".")[0]) for name in names
    )


def _named(kind: str) -> Iterator[str]:
    """Yield the names of the types that a type may be, without their arguments; "" for what is none."""
    for part in _split(kind.strip().strip("\"'"), "|"):
        found = _KIND.fullmatch(part.strip())
        last = found["name"].rpartition(".")[2] if found is not None else ""
        if found is None or found["arguments"] is None:
            yield part.strip() if found is not None else ""
        elif last in _UNIONS or last == "Annotated":
            several = _split(found["arguments"], ",")
            for one in several if last in _UNIONS else several[:1]:
                yield from _named(one)
        else:
            yield found["name"]


def _split(text: str, by: str) -> list[str]:
    """Split a type, but not within brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(character, 0)
        if character == by and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
