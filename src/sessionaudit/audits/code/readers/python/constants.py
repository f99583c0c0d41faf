"""Tell what an expression is, as far as the text of the files does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import (
    Choice,
    CodeValue,
    Dynamic,
    Fields,
    Items,
    Known,
    NamedValue,
    Unknown,
    possible,
)
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.dialects import arms_of_postgres
from sessionaudit.audits.code.readers.python import literals
from sessionaudit.audits.code.readers.python.mutations import mutated
from sessionaudit.audits.code.readers.python.scopes import names_of, reaching, resolve
from sessionaudit.audits.code.readers.python.settings import Sets, Setting
from sessionaudit.audits.code.readers.python.syntax import around, called, children, field, given, inner

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.modules import PythonModules
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_DEEPEST = 24
_SAME = frozenset(
    (
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "dict",
        "str",
        "dedent",
        "textwrap.dedent",
        "cast",
        "sql.SQL",
        "SQL",
    )
)
_TEXT_METHODS: dict[str, Callable[[str], str]] = {"strip": str.strip, "lower": str.lower, "upper": str.upper}
# The members of postgrest's own enums are sent as their names.
_ENUMS = frozenset(("CountMethod", "ReturnMethod"))


class PythonValues:
    """Evaluates expressions of files."""

    def __init__(self, modules: PythonModules) -> None:
        self._modules = modules
        self._depth = 0

    def value(self, source: PythonFile, node: Node) -> CodeValue:
        """Return what an expression is."""
        node = inner(node)
        if self._depth > _DEEPEST:
            return Unknown(Dynamic.EXPRESSION, source.span(node))
        self._depth += 1
        try:
            return self._value(source, node)
        finally:
            self._depth -= 1

    def _value(self, source: PythonFile, node: Node) -> CodeValue:
        plain = literals.plain(source, node, self.value)
        if plain is not None:
            return plain
        kind, at = node.type, source.span(node)
        if kind == "identifier":
            return self._name(source, node)
        if kind == "attribute":
            return self._attribute(source, node)
        if kind == "subscript":
            return self._item(source, node)
        if kind == "call":
            return self._call(source, node)
        if kind == "conditional_expression":
            one, condition, other = children(node)
            arms = arms_of_postgres((one, other), source.text(condition))
            return values.choice([self.value(source, arm) for arm in arms], at)
        if kind == "named_expression":
            given_ = field(node, "value")
            return self.value(source, given_) if given_ is not None else Unknown(Dynamic.SYNTAX, at)
        if kind == "list_comprehension":
            body = field(node, "body")
            return Items((self.value(source, body),) if body is not None else (), at, open=True)
        return Unknown(Dynamic.SYNTAX if kind == "ERROR" else Dynamic.EXPRESSION, at)

    def _name(self, source: PythonFile, node: Node) -> CodeValue:
        at = source.span(node)
        found = resolve(source, node)
        if found is None:
            return Unknown(Dynamic.UNBOUND, at)
        settings = reaching(source, *found, node)
        if settings is None:
            return Unknown(Dynamic.REASSIGNED, at)
        each: list[CodeValue] = []
        for one in settings:
            value = self._set(source, one, node)
            if one.sort is Sets.VALUE and len(settings) == 1:
                value = mutated(source, found[0], one, node, value, self.value)
            each.append(value)
        return values.choice(each, at)

    def _set(self, source: PythonFile, one: Setting, node: Node) -> CodeValue:
        at = source.span(node)
        if one.sort is Sets.VALUE and one.value is not None:
            return self.value(source, one.value)
        if one.sort is Sets.LOOP and one.value is not None:
            return values.each_of(self.value(source, one.value), at)
        if one.sort is Sets.PARAMETER:
            return self._parameter(source, one, node)
        if one.sort is Sets.IMPORT:
            found = self._modules.defined(source, one)
            if found is None or len(found[1]) != 1:
                return Unknown(Dynamic.IMPORT, at)
            module, settings = found
            value = self._set(module, settings[0], settings[0].node)
            if settings[0].sort is Sets.VALUE:
                value = mutated(module, module.root, settings[0], module.root, value, self.value)
            return value
        if one.sort in {Sets.FUNCTION, Sets.CLASS}:
            return Unknown(Dynamic.EXPRESSION, at)
        return Unknown(Dynamic.REASSIGNED if one.node.type == "augmented_assignment" else Dynamic.CALL, at)

    def _parameter(self, source: PythonFile, one: Setting, node: Node) -> CodeValue:
        at = source.span(node)
        unknown = Unknown(Dynamic.PARAMETER, at)
        said = source.text(one.kind) if one.kind is not None else ""
        if said.startswith(("Literal[", "typing.Literal[", "t.Literal[")):
            try:
                words = ast.literal_eval(said[said.index("[") :])
            except (ValueError, SyntaxError):
                return unknown
            place = source.span(one.node)
            return values.choice([Known(word, place) for word in words if isinstance(word, (str, int))], at)
        if one.value is None:
            return unknown
        default = self.value(source, one.value)
        return values.choice((default, unknown), at) if _tells(default) else unknown

    def _attribute(self, source: PythonFile, node: Node) -> CodeValue:
        at = source.span(node)
        owner, name = field(node, "object"), field(node, "attribute")
        if owner is None or name is None:
            return Unknown(Dynamic.SYNTAX, at)
        said, of = source.text(name), inner(owner)
        if said == "value" and of.type == "attribute":
            return self.value(source, of)
        if of.type == "attribute" and (last := field(of, "attribute")) is not None and source.text(last) in _ENUMS:
            return Known(said, source.span(name))
        if of.type != "identifier":
            return Unknown(Dynamic.EXPRESSION, at)
        if source.text(of) in _ENUMS:
            return Known(said, source.span(name))
        if source.text(of) in {"self", "cls"}:
            return self._own(source, node, said)
        found = resolve(source, of)
        if found is None or len(found[1]) != 1:
            return Unknown(Dynamic.UNBOUND if found is None else Dynamic.REASSIGNED, at)
        one, module = found[1][0], source
        if one.sort is Sets.IMPORT:
            defined = self._modules.defined(source, one)
            if defined is None:
                return Unknown(Dynamic.IMPORT, at)
            module, settings = defined
            if not settings:
                return self._member(module, module.root, said, node, source)
            one = settings[0]
        if one.sort is Sets.CLASS:
            return self._member(module, one.node, said, node, source)
        return Unknown(Dynamic.PARAMETER if one.sort is Sets.PARAMETER else Dynamic.EXPRESSION, at)

    def _member(self, module: PythonFile, scope: Node, name: str, node: Node, source: PythonFile) -> CodeValue:
        settings = names_of(module, scope).get(name, [])
        if len(settings) != 1:
            return Unknown(Dynamic.REASSIGNED if settings else Dynamic.UNBOUND, source.span(node))
        value = self._set(module, settings[0], settings[0].node)
        if isinstance(value, Unknown) and not value.parts:
            return Unknown(value.why, source.span(node))
        return value

    def _own(self, source: PythonFile, node: Node, name: str) -> CodeValue:
        """Return an attribute of `self`, if the class sets it once."""
        of = around(source, node, "class_definition")
        if of is None:
            return Unknown(Dynamic.UNBOUND, source.span(node))
        settings = [one.value for one in names_of(source, of).get(name, []) if one.value is not None]
        settings += literals.set_on_self(source, of, name)
        if len(settings) != 1:
            return Unknown(Dynamic.REASSIGNED if settings else Dynamic.UNBOUND, source.span(node))
        return self.value(source, settings[0])

    def _item(self, source: PythonFile, node: Node) -> CodeValue:
        at = source.span(node)
        owner, key = field(node, "value"), field(node, "subscript")
        if owner is None or key is None:
            return Unknown(Dynamic.SYNTAX, at)
        whole = self.value(source, owner)
        found: list[CodeValue] = []
        for one in possible(self.value(source, key)):
            value: CodeValue = Unknown(Dynamic.EXPRESSION, at)
            if isinstance(one, Known) and isinstance(one.value, (str, int)) and not isinstance(one.value, bool):
                value = values.field_of(whole, one.value, at)
            gone = Unknown(Dynamic.EXPRESSION, at)
            found += [gone if values.is_undefined(each) else each for each in possible(value)]
        return values.choice(found, at)

    def _call(self, source: PythonFile, node: Node) -> CodeValue:
        at = source.span(node)
        name, arguments = called(source, node), given(source, node)
        if name == "dict" and not arguments.positional:
            named = arguments.named.items()
            fields = [NamedValue(key, self.value(source, one), source.span(one)) for key, one in named]
            why = Dynamic.SPREAD if arguments.more else None
            return Fields(tuple(fields), at, why is not None, why)
        if name in _SAME and arguments.positional:
            return self.value(source, arguments.positional[-1 if name == "cast" else 0])
        function = field(node, "function")
        owner = field(function, "object") if function is not None and function.type == "attribute" else None
        last = name.rpartition(".")[2] if name else ""
        attribute = field(function, "attribute") if function is not None and owner is not None else None
        last = source.text(attribute) if attribute is not None else last
        if owner is not None and last in {*_TEXT_METHODS, "copy", "join", "format"}:
            return self._method(source, node, owner, last)
        return Unknown(Dynamic.CALL, at)

    def _method(self, source: PythonFile, node: Node, owner: Node, name: str) -> CodeValue:
        at = source.span(node)
        of = self.value(source, owner)
        if name == "copy":
            return of if isinstance(of, Fields | Items) else Unknown(Dynamic.CALL, at)
        if name in _TEXT_METHODS:
            each = [
                Known(_TEXT_METHODS[name](one.value), one.at, one.exact and name != "strip")
                if isinstance(one, Known) and isinstance(one.value, str)
                else Unknown(Dynamic.CALL, at)
                for one in possible(of)
            ]
            return values.choice(each, at)
        arguments = given(source, node).positional
        listed = self.value(source, arguments[0]) if arguments else of
        if name == "join" and isinstance(listed, Items) and isinstance(of, Known):
            parts: list[CodeValue] = []
            for one in listed.values:
                parts += [of, one] if parts else [one]
            if listed.open:
                parts.append(Unknown(Dynamic.SPREAD, at))
            return values.joined(parts, at) if parts else Known("", at)
        if name == "format" and isinstance(of, Known):
            before = str(of.value).partition("{")[0]
            return Unknown(Dynamic.EXPRESSION, at, (Known(before, of.at), Unknown(Dynamic.EXPRESSION, at)))
        return Unknown(Dynamic.CALL, at)


def _tells(default: CodeValue) -> bool:
    """Whether a default is sent as it is: of None, a function makes something else, or leaves it out."""
    found = default.values if isinstance(default, Choice) else (default,)
    return all(isinstance(one, Known) and one.value is not None for one in found)
