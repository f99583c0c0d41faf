"""Tell which expressions are clients of supabase-js or postgrest-js: by what made them, by their type or their name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from sessionaudit.audits.code.model import CodeClient, CodeValue, Fields, Known
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.typescript.client_names import (
    GLOBALS,
    MODULE,
    OTHER_MODULE,
    PARTS,
    Found,
    FoundClient,
    NoClient,
    by_name,
    by_type,
    first,
    spoken_key,
)
from sessionaudit.audits.code.readers.typescript.functions import function_of, method_around
from sessionaudit.audits.code.readers.typescript.modules import imports, required
from sessionaudit.audits.code.readers.typescript.returning import returned
from sessionaudit.audits.code.readers.typescript.scopes import Binding, Declares, assignment_of, resolve, uses
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    callee,
    dotted,
    field,
    inner,
    member,
    same,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.constants import Values
    from sessionaudit.audits.code.readers.typescript.modules import Place
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_DEEPEST = 12
# A text that is not the name of a variable of the environment.
_SECRET = re.compile(r"(['\"`])(?![A-Z][A-Z0-9_]*\1)[^'\"`]{20,}\1")
_HOLDS = {"useMemo", "useState", "useRef", "cache", "memoize", "once", "React.useMemo", "React.useState", "React.cache"}
_CLASSES = {"SupabaseClient", "PostgrestClient"}


class Clients:
    """Finds out whether expressions are clients, and remembers it of the names of a file."""

    def __init__(self, evaluator: Values) -> None:
        self._values, self._modules = evaluator, evaluator.modules

    def of(self, source: Script, node: Node, depth: int = 0) -> Found:
        """Return the client that an expression is."""
        node = inner(node, awaits=True)
        if depth > _DEEPEST:
            return NoClient.UNKNOWN
        kind = node.type
        if kind in {"identifier", "shorthand_property_identifier"}:
            return self._name(source, node, depth)
        if kind in {"call_expression", "new_expression"}:
            return self._call(source, node, depth)
        if kind in {"member_expression", "subscript_expression"}:
            return self._member(source, node, depth)
        if kind in {"ternary_expression", "binary_expression"}:
            arms = [field(node, name) for name in ("consequence", "alternative", "left", "right")]
            return first([self.of(source, arm, depth + 1) for arm in arms if arm is not None])
        if kind == "assignment_expression":
            right = field(node, "right")
            return self.of(source, right, depth + 1) if right is not None else NoClient.UNKNOWN
        if kind in {"this", "super"}:
            return NoClient.UNKNOWN
        return (
            NoClient.OTHER if kind in {"string", "array", "object", "number", "template_string"} else NoClient.UNKNOWN
        )

    def _name(self, source: Script, node: Node, depth: int) -> Found:
        name = source.text(node)
        binding = resolve(source, name, node)
        if binding is None:
            return NoClient.OTHER if name in GLOBALS else by_name(name)
        # With the file, whose nodes have numbers that those of a later file may have again.
        known = cast("dict[int, Found]", source.clients)
        key = binding.at.id
        if key not in known:
            known[key] = by_name(name)  # of names that stand for each other
            found = self._binding(source, binding, depth)
            if isinstance(found, FoundClient):
                found = replace(found, client=replace(found.client, name=name))
            known[key] = found
        return known[key]

    def _binding(self, source: Script, binding: Binding, depth: int) -> Found:
        imported = imports(source, binding)
        if imported is not None:
            place = self._modules.imported(source, binding)
            if place is not None:
                return self._place(place, binding.name, depth)
            return NoClient.OTHER if OTHER_MODULE.match(imported[0]) else by_name(binding.name)
        if binding.sort in {Declares.FUNCTION, Declares.CLASS, Declares.ENUM, Declares.TYPE}:
            return NoClient.OTHER
        said = self._annotated(source, binding)
        if isinstance(said, FoundClient) or said is NoClient.OTHER:
            set_to = self._set_to(source, binding, depth)
            return set_to if isinstance(set_to, FoundClient) else said
        found = self._set_to(source, binding, depth)
        if found is not NoClient.UNKNOWN:
            return found
        names = [binding.name, *(part for part in binding.path if isinstance(part, str))]
        return first([by_name(name) for name in names])

    def _annotated(self, source: Script, binding: Binding) -> Found:
        annotation = field(binding.node, "type")
        for part in binding.path if annotation is not None else ():
            annotation = _field_type(source, annotation, str(part)) if annotation is not None else None
        return by_type(source.text(annotation), binding.name) if annotation is not None else NoClient.UNKNOWN

    def _set_to(self, source: Script, binding: Binding, depth: int) -> Found:
        found: list[Found] = []
        for value in (binding.value, binding.default):
            if value is not None and binding.sort is not Declares.LOOP:
                one = (
                    self._part(source, value, binding.path, depth)
                    if binding.path
                    else self.of(source, value, depth + 1)
                )
                found.append(one)
        if binding.value is None and binding.sort is Declares.VARIABLE:
            for use in uses(source, binding):
                assigned = assignment_of(source, use)
                right = field(assigned[0], "right") if assigned is not None else None
                if assigned is not None and right is not None:
                    found.append(self._part(source, right, assigned[1], depth))
        return first(found)

    def _part(self, source: Script, value: Node, path: tuple[str | int, ...], depth: int) -> Found:
        """Return the client that a pattern takes out of a value: a field of an object, or the first of `useState()`."""
        if not path:
            return self.of(source, value, depth + 1)
        value, name = inner(value, awaits=True), path[0]
        if name == 0 and value.type == "call_expression":
            return self.of(source, value, depth + 1)
        if not isinstance(name, str) or len(path) > 1:
            return NoClient.UNKNOWN
        if name in PARTS:
            return NoClient.OTHER
        found: list[Found] = []
        for place, made in self._made(source, value):
            for child in inner(made).named_children if inner(made).type == "object" else ():
                key, given = field(child, "key"), field(child, "value")
                if child.type == "shorthand_property_identifier" and place.text(child) == name:
                    found.append(self.of(place, child, depth + 1))
                elif key is not None and given is not None and place.text(key) == name:
                    found.append(self.of(place, given, depth + 1))
        return first(found) if found else by_name(name)

    def _made(self, source: Script, node: Node) -> list[tuple[Script, Node]]:
        """Return what the function that is called returns, or the value itself."""
        if node.type != "call_expression":
            return [(source, node)]
        called = callee(node)
        place = self._modules.value(source, called) if called is not None and called.type == "identifier" else None
        function = function_of(place) if place is not None else None
        if place is None or function is None:
            return []
        return [(place.source, one) for one in returned(place.source, function)]

    def _place(self, place: Place, name: str, depth: int) -> Found:
        if place.binding is not None:
            return self._name(place.source, place.binding.at, depth + 1) if _own(place) else by_name(name)
        if same(place.node, place.source.root):
            return NoClient.UNKNOWN
        return self.of(place.source, place.node, depth + 1)

    def _call(self, source: Script, node: Node, depth: int) -> Found:
        called = callee(node)
        if called is None:
            return NoClient.UNKNOWN
        through = member(source, called)
        name = through[1] if through is not None else source.text(called)
        if through is not None and name == "schema":
            whole = self.of(source, through[0], depth + 1)
            given = arguments(node)
            if isinstance(whole, FoundClient) and given:
                return replace(whole, schema=self._values.value(source, given[0]))
            return whole
        if node.type == "new_expression":
            return self._created(source, node, name, "") if name in _CLASSES else by_name(name)
        if dotted(source, called) in _HOLDS:
            given = arguments(node)
            return self._held(source, given[0], depth) if given else NoClient.UNKNOWN
        if called.type in FUNCTIONS:
            return self._returned(source, called, depth)
        if called.type == "identifier":
            return self._made_by_name(source, called, node, depth)
        if through is not None:
            return self._made_by_method(source, through, node, depth)
        module = required(source, called)
        return (
            NoClient.OTHER if module is not None and OTHER_MODULE.match(source.text(module)[1:-1]) else NoClient.UNKNOWN
        )

    def _held(self, source: Script, given: Node, depth: int) -> Found:
        function = inner(given)
        return (
            self._returned(source, function, depth) if function.type in FUNCTIONS else self.of(source, given, depth + 1)
        )

    def _made_by_name(self, source: Script, called: Node, call: Node, depth: int) -> Found:
        name = source.text(called)
        binding = resolve(source, name, called)
        imported = imports(source, binding) if binding is not None else None
        if imported is not None:
            if MODULE.search(imported[0]):
                return self._created(source, call, name if imported[1] == "*" else imported[1], name)
            if OTHER_MODULE.match(imported[0]):
                return NoClient.OTHER
        place = self._modules.value(source, called) if binding is not None else None
        function = function_of(place) if place is not None else None
        if place is not None and function is not None:
            found = self._returned(place.source, function, depth)
            if isinstance(found, FoundClient):
                return replace(found, client=CodeClient(name, found.client.key, name))
            if found is NoClient.OTHER:
                return found
        likely = by_name(name)
        if likely is NoClient.UNKNOWN and name == "createClient" and (binding is None or place is None):
            likely = FoundClient(CodeClient(name), sure=False)
        return replace(likely, client=CodeClient(name, "", name)) if isinstance(likely, FoundClient) else likely

    def _made_by_method(self, source: Script, through: tuple[Node, str], call: Node, depth: int) -> Found:
        owner, name = through
        if name in {"from", "rpc"} or dotted(source, owner) in GLOBALS:
            return NoClient.OTHER
        if owner.type == "identifier":
            binding = resolve(source, source.text(owner), owner)
            imported = imports(source, binding) if binding is not None else None
            if binding is not None and imported is not None:
                if MODULE.search(imported[0]):
                    return self._created(source, call, name, name)
                place = self._modules.imported(source, binding)
                if place is not None and same(place.node, place.source.root):
                    exported = self._modules.exported(place.source, name)
                    function = function_of(exported) if exported is not None else None
                    if exported is not None and function is not None:
                        return self._returned(exported.source, function, depth)
        if owner.type == "this":
            method_node = method_around(source, owner, name)
            if method_node is not None:
                found = self._returned(source, method_node, depth)
                if isinstance(found, FoundClient):
                    return found
        whole = dotted(source, owner)
        if whole.rsplit(".", 1)[-1] in PARTS:
            return NoClient.OTHER
        if re.search(r"client|supabase|instance|get|with", name, re.IGNORECASE):
            return first([by_name(name), *(by_name(part) for part in reversed(whole.split(".")))])
        return by_name(name)

    def _returned(self, source: Script, function: Node, depth: int) -> Found:
        return first([self.of(source, one, depth + 1) for one in returned(source, function)])

    def _created(self, source: Script, call: Node, made_by: str, name: str) -> Found:
        if not re.match(r"create|use|new|get|supabase|server|Supabase|Postgrest", made_by):
            return NoClient.UNKNOWN
        given = arguments(call)
        schema: CodeValue | None = None
        key = self._key(source, given[1]) if len(given) > 1 else ""
        for one in given[1:]:
            options = self._values.value(source, one) if inner(one).type in {"object", "identifier"} else None
            database = values.field_of(options, "db", source.span(one)) if isinstance(options, Fields) else None
            said = values.field_of(database, "schema", source.span(one)) if isinstance(database, Fields) else None
            schema = said if isinstance(said, Known) and not values.is_undefined(said) else schema
        if "service" in made_by.lower() and not key:
            key = made_by
        return FoundClient(CodeClient(name or made_by, key, made_by), schema)

    def _key(self, source: Script, node: Node, depth: int = 0) -> str:
        """Return the text of the expression that the key comes from."""
        node = inner(node)
        if node.type == "object":
            named = [field(child, "value") for child in node.named_children if "supabaseKey" in source.text(child)]
            return self._key(source, named[0]) if named and named[0] is not None else ""
        if node.type in {"string", "template_string"}:
            return spoken_key(source.text(node)[1:-1])
        if node.type != "identifier":
            return _SECRET.sub("'…'", source.text(node)).replace("!", "")
        binding = resolve(source, source.text(node), node)
        place = self._modules.of_binding(source, binding) if binding is not None else None
        known = place.binding if place is not None else None
        if place is not None and known is not None and known.value is not None and not known.path and depth < 3:
            return self._key(place.source, known.value, depth + 1)
        return source.text(node)

    def _member(self, source: Script, node: Node, depth: int) -> Found:
        found = member(source, node)
        if found is None:
            return NoClient.UNKNOWN
        owner, name = inner(found[0], awaits=True), found[1]
        if name in PARTS:
            return NoClient.OTHER
        if owner.type == "this":
            said = self._field_of_class(source, owner, name, depth)
            if isinstance(said, FoundClient):
                return replace(said, client=replace(said.client, name=name.lstrip("#")))
            return by_name(name) if said is NoClient.UNKNOWN else said
        if name == "current":
            return self.of(source, owner, depth + 1)
        if owner.type == "identifier":
            binding = resolve(source, source.text(owner), owner)
            place = self._modules.imported(source, binding) if binding is not None else None
            if place is not None and same(place.node, place.source.root):
                exported = self._modules.exported(place.source, name)
                return self._place(exported, name, depth) if exported is not None else by_name(name)
            value = binding.value if binding is not None and binding.sort is Declares.VARIABLE else None
            if value is not None:
                made = self._part(source, value, (name,), depth)
                if not isinstance(made, NoClient):
                    return made
        return by_name(name)

    def _field_of_class(self, source: Script, owner: Node, name: str, depth: int) -> Found:
        body = next((above for above in source.ancestors(owner) if above.type == "class_body"), None)
        if body is None:
            return NoClient.UNKNOWN
        found: list[Found] = []
        for child in body.named_children:
            own = field(child, "name") or field(child, "property")
            if own is None:
                continue
            if source.text(own) == name and child.type in {"public_field_definition", "field_definition"}:
                value, annotation = field(child, "value"), field(child, "type")
                found += [self.of(source, value, depth + 1)] if value is not None else []
                found += [by_type(source.text(annotation), name)] if annotation is not None else []
            elif source.text(own) == name and child.type == "method_definition":
                found.append(self._returned(source, child, depth))
            elif source.text(own) == "constructor":
                found += self._constructed(source, child, name, depth)
        return first(found)

    def _constructed(self, source: Script, constructor: Node, name: str, depth: int) -> list[Found]:
        found: list[Found] = []
        parameters, body = field(constructor, "parameters"), field(constructor, "body")
        for parameter in parameters.named_children if parameters is not None else ():
            pattern, annotation = field(parameter, "pattern"), field(parameter, "type")
            if pattern is not None and source.text(pattern) == name and annotation is not None:
                found.append(by_type(source.text(annotation), name))
        for statement in body.named_children if body is not None else ():
            assignment = statement.named_children[0] if statement.named_children else statement
            left, right = field(assignment, "left"), field(assignment, "right")
            if left is not None and right is not None and dotted(source, left) == f"this.{name}":
                found.append(self.of(source, right, depth + 1))
        return found


def _own(place: Place) -> bool:
    return place.binding is not None


def _field_type(source: Script, annotation: Node, name: str) -> Node | None:
    kind = annotation.named_children[0] if annotation.type == "type_annotation" else annotation
    for child in kind.named_children if kind.type == "object_type" else ():
        own = field(child, "name")
        if own is not None and source.text(own) == name:
            return field(child, "type")
    return None
