"""Tell whether an expression is a client of supabase-py or postgrest-py: by what makes it, its type, or its name."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits.code.model import CodeClient, CodeValue
from sessionaudit.audits.code.readers.python import literals
from sessionaudit.audits.code.readers.python.scopes import names_of, reaching, resolve
from sessionaudit.audits.code.readers.python.settings import Sets, Setting
from sessionaudit.audits.code.readers.python.syntax import (
    argument,
    around,
    called,
    children,
    dotted,
    field,
    given,
    inner,
    same,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.constants import PythonValues
    from sessionaudit.audits.code.readers.python.modules import PythonModules
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_NAMED = re.compile(r"supabase|^_*(?:sb|supa|postgrest|pgrst)(?=$|[_\d])", re.IGNORECASE)
_OTHERWISE = re.compile(r"storage|bucket|(?:url|key|auth|settings|config)$", re.IGNORECASE)
_MAKERS = re.compile(
    r"(?:^|\.)(?:a?create_client|create_async_client|SupabaseClient|(?:Sync|Async)PostgrestClient|"
    r"(?:Async)?Client\.create|(?:AsyncClient|SyncClient)\.create)$"
)
_ASYNC = re.compile(r"acreate_client|create_async_client|AsyncClient|AsyncPostgrestClient")
_TYPED = re.compile(r"\b(?:Supabase\w*|(?:Sync|Async)?PostgrestClient|(?:Async|Sync)?Client)\b")
_OF_SUPABASE = re.compile(rb"(?:from|import)\s+(?:supabase|postgrest)\b")
_PARTS = frozenset(("storage", "auth", "functions", "realtime"))
_RETURN = re.compile(rb"\breturn\b")
_DEEPEST = 8


class NoPythonClient(Enum):
    """What is said of an expression that is not a client for certain."""

    OTHER = 1
    UNKNOWN = 2


class PythonClient(Struct, frozen=True):
    """A client, the schema that its requests are for, and whether its calls must be awaited."""

    client: CodeClient
    schema: CodeValue | None = None
    awaited: bool = False


Found = PythonClient | NoPythonClient


class PythonClients:
    """Finds out what expressions are."""

    def __init__(self, evaluator: PythonValues, modules: PythonModules) -> None:
        self._values, self._modules = evaluator, modules

    def of(self, source: PythonFile, node: Node, depth: int = 0) -> Found:
        """Return what an expression is."""
        node = inner(node)
        if depth > _DEEPEST:
            return NoPythonClient.UNKNOWN
        if node.type == "call":
            return self._called(source, node, depth)
        if node.type == "identifier":
            return self._name(source, node, depth)
        if node.type in {"conditional_expression", "boolean_operator"}:
            each = [self.of(source, one, depth + 1) for one in children(node)]
            return next((one for one in each if isinstance(one, PythonClient)), NoPythonClient.UNKNOWN)
        owner, name = field(node, "object"), field(node, "attribute")
        if node.type != "attribute" or owner is None or name is None:
            return NoPythonClient.UNKNOWN
        said = source.text(name)
        if said in _PARTS:
            return NoPythonClient.OTHER
        if said == "postgrest":
            return self.of(source, owner, depth + 1)
        if inner(owner).type == "identifier" and source.text(owner) in {"self", "cls"}:
            return self._own(source, node, said, depth)
        found = by_name(dotted(source, node))
        return found if isinstance(found, PythonClient) else self._of_module(source, owner, said, depth)

    def _of_module(self, source: PythonFile, owner: Node, name: str, depth: int) -> Found:
        found = resolve(source, inner(owner)) if inner(owner).type == "identifier" else None
        one = found[1][0] if found is not None and len(found[1]) == 1 else None
        defined = self._modules.defined(source, one) if one is not None else None
        if defined is None or defined[1]:
            return NoPythonClient.UNKNOWN
        module = defined[0]
        found_there = self._settings(module, names_of(module, module.root).get(name, []), name, depth)
        return _called_so(found_there, f"{source.text(inner(owner))}.{name}")

    def _called(self, source: PythonFile, node: Node, depth: int) -> Found:
        function = field(node, "function")
        name, arguments = called(source, node), given(source, node)
        if function is None:
            return NoPythonClient.UNKNOWN
        attribute, owner = field(function, "attribute"), field(function, "object")
        last = source.text(attribute) if attribute is not None else name
        if last == "schema" and owner is not None and arguments.positional:
            found = self.of(source, owner, depth + 1)
            if isinstance(found, PythonClient):
                return replace(found, schema=self._values.value(source, arguments.positional[0]))
            return found
        if _MAKERS.search(name) or (name in {"Client", "AsyncClient"} and _OF_SUPABASE.search(source.bytes)):
            return self._made(source, node, name)
        if last == "Depends" and arguments.positional:
            return self._function(source, arguments.positional[0], depth)
        if last in _PARTS or last in {"from_", "table"}:
            return NoPythonClient.OTHER
        return self._function(source, function, depth)

    def _made(self, source: PythonFile, node: Node, name: str) -> Found:
        arguments = given(source, node)
        key = argument(arguments, 1, "supabase_key")
        options = argument(arguments, 2, "options")
        client = CodeClient("", key=self._key(source, key) if key is not None else "")
        schema = None
        if options is not None and inner(options).type == "call":
            said = given(source, inner(options)).named.get("schema")
            schema = self._values.value(source, said) if said is not None else None
        return PythonClient(client, schema, awaited=_ASYNC.search(name) is not None)

    def _key(self, source: PythonFile, node: Node) -> str:
        node = inner(node)
        if node.type == "identifier":
            found = resolve(source, node)
            settings = [one for one in found[1] if one.value is not None] if found is not None else []
            if len(settings) == 1 and settings[0].value is not None:
                return f"{source.text(node)} {source.text(settings[0].value)}"
        return source.text(node)

    def _function(self, source: PythonFile, function: Node, depth: int) -> Found:
        """Return what a function returns."""
        name = dotted(source, function)
        last = name.rpartition(".")[2]
        found = self._returned(source, inner(function), name, depth)
        if isinstance(found, PythonClient):
            return replace(found, client=replace(found.client, maker=last))
        if found is NoPythonClient.UNKNOWN and isinstance(by_name(name), PythonClient):
            return PythonClient(CodeClient("", maker=last))
        return found

    def _returned(self, source: PythonFile, function: Node, name: str, depth: int) -> Found:
        module, settings = source, list[Setting]()
        if function.type == "identifier":
            resolved = resolve(source, function)
            settings = resolved[1] if resolved is not None else []
            if len(settings) == 1 and settings[0].sort is Sets.IMPORT:
                defined = self._modules.defined(source, settings[0])
                module, settings = defined if defined is not None else (source, [])
        elif name.startswith(("self.", "cls.")) and (of := around(source, function, "class_definition")) is not None:
            settings = names_of(source, of).get(name.partition(".")[2], [])
        if len(settings) != 1 or settings[0].sort is not Sets.FUNCTION:
            return NoPythonClient.UNKNOWN
        return self._body(module, settings[0].node, depth)

    def _body(self, source: PythonFile, function: Node, depth: int) -> Found:
        kind = field(function, "return_type")
        for node in source.words(_RETURN, function):
            statement = source.parent(node) if node.type == "return" else node
            if statement is None or statement.type != "return_statement" or not statement.named_children:
                continue
            if same(around(source, statement, "function_definition", "lambda"), function):
                found = self.of(source, statement.named_children[0], depth + 1)
                if isinstance(found, PythonClient):
                    return found
        return by_type(source, kind, "") if kind is not None else NoPythonClient.UNKNOWN

    def _name(self, source: PythonFile, node: Node, depth: int) -> Found:
        name = source.text(node)
        found = resolve(source, node)
        if found is None:
            return by_name(name)
        settings = reaching(source, *found, node) or found[1]
        return self._settings(source, settings, name, depth)

    def _settings(self, source: PythonFile, settings: list[Setting], name: str, depth: int) -> Found:
        other = False
        for one in settings:
            found = self._setting(source, one, name, depth)
            if isinstance(found, PythonClient):
                return replace(found, client=replace(found.client, name=name))
            other = other or found is NoPythonClient.OTHER
        return NoPythonClient.OTHER if other else by_name(name)

    def _setting(self, source: PythonFile, one: Setting, name: str, depth: int) -> Found:
        if one.sort is Sets.IMPORT:
            defined = self._modules.defined(source, one)
            if defined is not None and defined[1]:
                return self._settings(defined[0], defined[1], name, depth + 1)
            return NoPythonClient.UNKNOWN
        if one.kind is not None:
            typed = by_type(source, one.kind, name)
            if isinstance(typed, PythonClient) and one.value is not None:
                made = self.of(source, one.value, depth + 1)
                return made if isinstance(made, PythonClient) else typed
            if typed is not NoPythonClient.UNKNOWN:
                return typed
        if one.value is not None and one.sort in {Sets.VALUE, Sets.WITH, Sets.PARAMETER}:
            return self.of(source, one.value, depth + 1)
        return NoPythonClient.UNKNOWN

    def _own(self, source: PythonFile, node: Node, name: str, depth: int) -> Found:
        said = f"self.{name}"
        of = around(source, node, "class_definition")
        if of is None:
            return by_name(said)
        for value in literals.set_on_self(source, of, name):
            found = self.of(source, value, depth + 1)
            if found is not NoPythonClient.UNKNOWN:
                return _called_so(found, said)
        settings = names_of(source, of).get(name, [])
        if settings and settings[0].sort is Sets.FUNCTION:
            found = self._body(source, settings[0].node, depth + 1)  # a property
        else:
            found = self._settings(source, settings, said, depth) if settings else NoPythonClient.UNKNOWN
        if isinstance(found, PythonClient):
            return _called_so(found, said)
        return by_name(said) if found is NoPythonClient.UNKNOWN else found


def _called_so(found: Found, name: str) -> Found:
    return replace(found, client=replace(found.client, name=name)) if isinstance(found, PythonClient) else found


def by_name(name: str) -> Found:
    """Return what a dotted name suggests."""
    parts = [part for part in name.split(".") if part not in {"self", "cls"}]
    if any(part in _PARTS for part in parts) or (parts and _OTHERWISE.search(parts[-1])):
        return NoPythonClient.OTHER
    if any(_NAMED.search(part) for part in parts):
        return PythonClient(CodeClient(name))
    return NoPythonClient.UNKNOWN


def by_type(source: PythonFile, kind: Node, name: str) -> Found:
    """Return what a type says: `Client` is one of many libraries."""
    said = source.text(kind)
    found = _TYPED.search(said)
    if found is None:
        return NoPythonClient.UNKNOWN
    if found[0] in {"Client", "AsyncClient", "SyncClient"} and not _OF_SUPABASE.search(source.bytes):
        return NoPythonClient.UNKNOWN
    return PythonClient(CodeClient(name), awaited=found[0].startswith("Async"))
