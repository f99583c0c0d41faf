"""Tell whether an object certainly runs SQL on PostgreSQL: a pool or a client of `pg` or of a driver like it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.typescript.modules import imports
from sessionaudit.audits.code.readers.typescript.scopes import Binding, Declares, resolve
from sessionaudit.audits.code.readers.typescript.syntax import callee, dotted, field, inner, member, same

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.modules import ScriptModules
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_DRIVERS = frozenset(("pg", "pg-pool", "@neondatabase/serverless", "@vercel/postgres"))
_CLASSES = frozenset(("Pool", "Client", "PoolClient", "ClientBase"))
_KIND = re.compile(r"[A-Za-z_$][\w$]*(?:\.\w+)*")
_NOTHING = frozenset(("null", "undefined"))
_WHOLE = frozenset(("*", "default"))
_METHOD = "query"
_LENDS = "connect"
_DEEPEST = 6


def runs_sql(source: Script, call: Node, modules: ScriptModules) -> bool:
    """Tell whether a call certainly sends its first argument to PostgreSQL."""
    called = callee(call)
    through = member(source, called) if called is not None else None
    return through is not None and through[1] == _METHOD and _ScriptConnections(modules).are(source, through[0])


class _ScriptConnections:
    def __init__(self, modules: ScriptModules) -> None:
        self._modules = modules

    def are(self, source: Script, node: Node, depth: int = 0) -> bool:
        """Tell it of an expression."""
        node = inner(node, awaits=True)
        if depth > _DEEPEST:
            return False
        if node.type == "identifier":
            binding = resolve(source, source.text(node), node)
            return binding is not None and self._bound(source, binding, depth)
        called = callee(node) if node.type in {"new_expression", "call_expression"} else None
        if called is None:
            return False
        if node.type == "new_expression":
            return _is_class(source, dotted(source, called), called)
        through = member(source, called)
        return through is not None and through[1] == _LENDS and self.are(source, through[0], depth + 1)

    def _bound(self, source: Script, binding: Binding, depth: int) -> bool:
        place = self._modules.imported(source, binding)
        if place is not None:
            if place.binding is not None:
                return depth < _DEEPEST and self._bound(place.source, place.binding, depth + 1)
            return not same(place.node, place.source.root) and self.are(place.source, place.node, depth + 1)
        kind = field(binding.node, "type")
        if kind is not None and not binding.path and _is_type(source, kind):
            return True
        value = binding.value if binding.sort is Declares.VARIABLE and not binding.path else None
        return value is not None and self.are(source, value, depth + 1)


def _is_class(source: Script, name: str, at: Node) -> bool:
    """Tell whether a dotted name is a class of a driver: `Pool`, `pg.Pool`, and a `Pool` that is taken out of `pg`."""
    first, _, rest = name.partition(".")
    binding = resolve(source, first, at)
    if binding is None:
        return False
    imported = imports(source, binding)
    if imported is not None:
        said = rest or (first if imported[1] in _WHOLE else imported[1])
        return imported[0] in _DRIVERS and said in _CLASSES
    taken = len(binding.path) == 1 and not rest and binding.sort is Declares.VARIABLE
    if not taken or binding.value is None:
        return False
    return _is_class(source, f"{dotted(source, binding.value)}.{binding.path[0]}", binding.node)


def _is_type(source: Script, kind: Node) -> bool:
    """Tell whether a type is a class of a driver, or a union of such."""
    names = {part.strip() for part in source.text(kind).lstrip(":").split("|")} - _NOTHING
    return bool(names) and all(_KIND.fullmatch(name) and _is_class(source, name, kind) for name in names)
