"""Find what a module exports, in whichever file it stands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.readers.typescript.paths import ModulePaths
from sessionaudit.audits.code.readers.typescript.scopes import Binding, Declares, declared, resolve
from sessionaudit.audits.code.readers.typescript.syntax import Script, arguments, dotted, field, inner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.interface import Project

    FindCalled = Callable[["ScriptModules", Script, Node], tuple[Script, Node] | None]

_MOST_FILES = 16  # through which a value is followed


class Place(NamedTuple):
    """A node of a file: a value, or the declaration of a name that has one."""

    source: Script
    node: Node
    binding: Binding | None = None


class ScriptModules:
    """The files of a project that have been parsed, for what others import of them."""

    def __init__(self, project: Project, called: FindCalled | None = None) -> None:
        self._called = partial(called, self) if called is not None else None
        self._project = project
        self._paths = ModulePaths(project)
        self._sources: dict[Path, Script | None] = {}
        self._exported: dict[tuple[Path, str], Place | None] = {}
        self._imported: set[Path] = set()
        self._prefix = ""

    def opened(self, path: Path, shown: str, text: bytes) -> Script:
        """Return the tree of a file that is read. Other files are shown to people relative to the same directory."""
        if path.as_posix().endswith(shown):
            self._prefix = path.as_posix().removesuffix(shown)
        found = self._sources.get(path)
        if found is None or found.bytes != text or found.shown != shown:
            found = self._sources[path] = Script(path, shown, text, self._called)
        return found

    def closed(self, path: Path) -> None:
        """Forget the tree of a file that nothing has been imported from."""
        if path not in self._imported:
            self._sources.pop(path, None)

    def module(self, importer: Script, module: str) -> Script | None:
        """Return the tree of a module that a file imports; None if it is not one of the project's."""
        path = self._paths.file(importer.path, module)
        if path is None:
            return None
        self._imported.add(path)
        if path not in self._sources:
            text = self._project.text(path)
            shown = path.as_posix().removeprefix(self._prefix)
            self._sources[path] = Script(path, shown, text, self._called) if text is not None else None
        return self._sources[path]

    def imported(self, source: Script, binding: Binding) -> Place | None:
        """Return what an import stands for: a value, a declaration, or the whole module; None if it cannot be read."""
        given = imports(source, binding)
        module = self.module(source, given[0]) if given is not None else None
        if given is None or module is None:
            return None
        return Place(module, module.root) if given[1] == "*" else self.exported(module, given[1])

    def exported(self, source: Script, name: str, seen: int = 0) -> Place | None:
        """Return what a module exports by a name, through any number of files that only pass it on."""
        key = (source.path, name)
        if key not in self._exported and seen < _MOST_FILES:
            self._exported[key] = None  # of modules that import each other
            self._exported[key] = self._find(source, name, seen)
        return self._exported.get(key)

    def _find(self, source: Script, name: str, seen: int) -> Place | None:
        through: list[Node] = []
        for statement in source.root.named_children:
            if statement.type == "export_statement":
                found = self._from_statement(source, statement, name, through, seen)
            elif statement.type == "expression_statement":
                found = _assigned(source, statement, name)
            else:
                continue
            if found is not None:
                return found
        for module in through:
            other = self.module(source, source.text(module).strip("'\""))
            found = self.exported(other, name, seen + 1) if other is not None else None
            if found is not None:
                return found
        return None

    def _from_statement(
        self, source: Script, statement: Node, name: str, through: list[Node], seen: int
    ) -> Place | None:
        module = field(statement, "source")
        clause = next((child for child in statement.named_children if child.type == "export_clause"), None)
        if clause is not None:
            for specifier in clause.named_children:
                own = field(specifier, "name")
                called = field(specifier, "alias") or own
                if own is not None and called is not None and source.text(called) == name:
                    return self._passed_on(source, module, source.text(own), seen)
            return None
        if module is not None:
            whole = next((child for child in statement.named_children if child.type == "namespace_export"), None)
            if whole is None:
                through.append(module)
            elif source.text(whole.named_children[0]) == name:
                other = self.module(source, source.text(module).strip("'\""))
                return Place(other, other.root) if other is not None else None
            return None
        declaration, value = field(statement, "declaration"), field(statement, "value")
        if name == "default":
            is_default = any(child.type == "default" for child in statement.children)
            if value is not None:
                return self.value(source, value)
            own = field(declaration, "name") if declaration is not None and is_default else None
            if own is None:
                return Place(source, declaration) if declaration is not None and is_default else None
            return self._named(source, source.text(own))
        return self._named(source, name) if declaration is not None and _declares(source, declaration, name) else None

    def value(self, source: Script, node: Node) -> Place:
        """Return what a name stands for, or the node itself if it is none."""
        node = inner(node)
        if node.type != "identifier":
            return Place(source, node)
        binding = resolve(source, source.text(node), node)
        return self.of_binding(source, binding) or Place(source, node) if binding is not None else Place(source, node)

    def of_binding(self, source: Script, binding: Binding) -> Place | None:
        """Return the declaration of a name; of an import that of the other file, None if it cannot be read."""
        if imports(source, binding) is not None:
            return self.imported(source, binding)
        return Place(source, binding.node, binding)

    def _passed_on(self, source: Script, module: Node | None, name: str, seen: int) -> Place | None:
        if module is None:
            return self._named(source, name)
        other = self.module(source, source.text(module).strip("'\""))
        return self.exported(other, name, seen + 1) if other is not None else None

    def _named(self, source: Script, name: str) -> Place | None:
        names = declared(source, source.root)
        binding = names.get(name) or names.get(f"type {name}")
        return self.of_binding(source, binding) if binding is not None else None


def _declares(source: Script, declaration: Node, name: str) -> bool:
    binding = declared(source, source.root).get(name) or declared(source, source.root).get(f"type {name}")
    return binding is not None and declaration.start_byte <= binding.at.start_byte < declaration.end_byte


def _assigned(source: Script, statement: Node, name: str) -> Place | None:
    """Return the value of `module.exports = …`, `exports.name = …` or `module.exports = { name }`."""
    assignment = statement.named_children[0] if statement.named_children else statement
    left, right = field(assignment, "left"), field(assignment, "right")
    if assignment.type != "assignment_expression" or left is None or right is None:
        return None
    target = dotted(source, left)
    if target in {f"exports.{name}", f"module.exports.{name}"} or (
        target == "module.exports" and name in {"default", "*"}
    ):
        return _own(source, right)
    if target == "module.exports" and inner(right).type == "object":
        for part in inner(right).named_children:
            key, value = field(part, "key"), field(part, "value")
            if part.type == "shorthand_property_identifier" and source.text(part) == name:
                return _own(source, part)
            if key is not None and value is not None and source.text(key).strip("'\"") == name:
                return _own(source, value)
    return None


def _own(source: Script, node: Node) -> Place:
    node = inner(node)
    if node.type not in {"identifier", "shorthand_property_identifier"}:
        return Place(source, node)
    binding = declared(source, source.root).get(source.text(node))
    return Place(source, binding.node, binding) if binding is not None else Place(source, node)


def imports(source: Script, binding: Binding) -> tuple[str, str] | None:
    """Return the module that a name is imported from, and what it is called there, `*` for all; None of other names.

    `require("…")` and `await import("…")` import too.
    """
    if binding.value is None:
        return None
    if binding.sort is Declares.IMPORT:
        return source.text(binding.value)[1:-1], str(binding.path[0])
    module = required(source, binding.value) if binding.sort is Declares.VARIABLE and len(binding.path) < 2 else None
    if module is None:
        return None
    return source.text(module)[1:-1], str(binding.path[0]) if binding.path else "*"


def required(source: Script, node: Node) -> Node | None:
    """Return the name of the module of `require("…")` or `import("…")`; None if it is something else."""
    node = inner(node, awaits=True)
    called = field(node, "function")
    if node.type != "call_expression" or called is None or source.text(called) not in {"require", "import"}:
        return None
    given = arguments(node)
    return given[0] if given and given[0].type == "string" else None
