"""Say what value an expression has, as far as the text tells: through names, files, functions and conditions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import (
    Choice,
    CodeValue,
    Dynamic,
    Fields,
    Items,
    Known,
    NamedValue,
    Span,
    Unknown,
    possible,
)
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.dialects import arms_of_postgres
from sessionaudit.audits.code.readers.typescript import literals
from sessionaudit.audits.code.readers.typescript.declared_types import typed
from sessionaudit.audits.code.readers.typescript.modules import imports
from sessionaudit.audits.code.readers.typescript.mutations import mutated
from sessionaudit.audits.code.readers.typescript.narrowing import narrowed
from sessionaudit.audits.code.readers.typescript.returning import returned
from sessionaudit.audits.code.readers.typescript.scopes import (
    REST,
    Binding,
    Declares,
    assignment_of,
    beside,
    meets,
    repeated,
    resolve,
    uses,
)
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    callee,
    choice_of,
    field,
    function_around,
    inner,
    is_asserted,
    member,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.modules import Place, ScriptModules
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_DEEPEST = 40
_MOST_STEPS = 4_000  # of one value
_ENVIRONMENT = {"process", "Deno", "window", "globalThis", "document", "location", "import.meta"}
_RUN_THROUGH = {"map", "forEach", "filter", "flatMap", "some", "every", "find", "findIndex"}
_FROZEN = {"Object.freeze", "Object.seal", "structuredClone", "Object.fromEntries"}
_LISTS = {"Object.keys", "Object.values", "Object.entries"}
_OF_VALUES = set("join filter slice flat sort reverse concat trim toString toLowerCase toUpperCase".split())
_MADE_BY = {"useMemo", "useCallback", "cache", "memo"}
_LITERALS: dict[str, Callable[[Script, Node], CodeValue]] = {
    "string": literals.string,
    "number": literals.number,
    "true": lambda source, node: Known(True, source.span(node)),
    "false": lambda source, node: Known(False, source.span(node)),
    "null": lambda source, node: Known(None, source.span(node)),
    "undefined": lambda _source, _node: values.UNDEFINED,
}


class Values:
    """Evaluates expressions; what is imported is looked up in its module."""

    def __init__(self, modules: ScriptModules) -> None:
        self.modules = modules
        self._depth = self._steps = 0
        # Which item of a list, or arm of a condition, is assumed; and those that were met, with how many there are.
        self._assumed: dict[object, int] = {}
        self._met: dict[object, int] | None = None
        self._by_types = False

    def value(self, source: Script, node: Node) -> CodeValue:
        """Return the value of an expression."""
        remembers = not self._assumed and self._met is None and not self._by_types
        known = source.values.get(node.id) if remembers else None
        if known is not None:
            return known
        if self._depth == 0:
            self._steps = 0
        self._steps += 1
        if self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            return Unknown(Dynamic.EXPRESSION, source.span(node))
        self._depth += 1
        found = self._value(source, inner(node, awaits=True))
        if is_asserted(node):
            found = values.present(found, source.span(node))
        self._depth -= 1
        if remembers:
            source.values[node.id] = found
        return found

    def runs(self, source: Script, node: Node) -> list[dict[object, int]]:
        """Return what can be assumed one after another, so that an expression has one value in each run.

        Other expressions that depend on the same list or condition have the values that belong to it.
        """
        self._met = {}
        self.value(source, node)
        met, self._met = self._met, None
        key, count = next(iter(met.items()), (None, 1))
        return [{key: one} for one in range(count)] if 1 < count <= values.MOST_CHOICES else [{}]

    @contextmanager
    def assuming(self, assumed: dict[object, int]) -> Generator[None]:
        """Evaluate as in one of the runs."""
        self._assumed = assumed
        try:
            yield
        finally:
            self._assumed = {}

    def _assume(self, key: object, count: int) -> int | None:
        if self._met is not None:
            self._met.setdefault(key, count)
        return self._assumed.get(key)

    def target(self, source: Script, node: Node) -> CodeValue:
        """Return the value of an expression; parameters that are not known are what their types allow."""
        self._by_types = True
        found = self.value(source, node)
        self._by_types = False
        return found

    def _value(self, source: Script, node: Node) -> CodeValue:
        kind = node.type
        if kind in _LITERALS:
            return _LITERALS[kind](source, node)
        if kind in {"identifier", "shorthand_property_identifier"}:
            return self._name(source, node)
        if kind == "template_string":
            return literals.template(source, node, self.value)
        if kind == "object":
            return literals.object_(source, node, self.value)
        if kind == "array":
            return literals.array(source, node, self.value)
        if kind in {"member_expression", "subscript_expression"}:
            return self._member(source, node)
        if kind == "ternary_expression":
            return self._conditional(source, node)
        if kind == "binary_expression":
            return literals.either(source, node, self.value)
        if kind == "unary_expression":
            return self._unary(source, node)
        if kind in {"call_expression", "new_expression"}:
            return self._call(source, node)
        if kind == "sequence_expression":
            return self.value(source, node.named_children[-1])
        return Unknown(Dynamic.SYNTAX if kind == "ERROR" else Dynamic.EXPRESSION, source.span(node))

    def _conditional(self, source: Script, node: Node) -> CodeValue:
        said, both = choice_of(source, node)
        arms = arms_of_postgres(both, said)
        one = self._assume(said, len(arms)) if len(arms) > 1 else None
        chosen = arms if one is None else arms[one : one + 1]
        return values.choice([self.value(source, arm) for arm in chosen], source.span(node))

    def _unary(self, source: Script, node: Node) -> CodeValue:
        operand, operator = field(node, "argument"), field(node, "operator")
        if operand is not None and operator is not None and source.text(operator) == "-":
            found = self.value(source, operand)
            if isinstance(found, Known) and isinstance(found.value, int | float):
                return Known(-found.value, source.span(node))
        if operator is not None and source.text(operator) == "void":
            return values.UNDEFINED
        return Unknown(Dynamic.EXPRESSION, source.span(node))

    def _name(self, source: Script, node: Node) -> CodeValue:
        name = source.text(node)
        if name == "undefined":
            return values.UNDEFINED
        binding = resolve(source, name, node)
        if binding is None:
            return Unknown(Dynamic.EXPRESSION if name in _ENVIRONMENT else Dynamic.UNBOUND, source.span(node))
        found = self.binding(source, binding, node)
        if self._by_types and isinstance(found, Unknown) and found.why is Dynamic.PARAMETER:
            found = values.choice(typed(self, source, node) or [found], source.span(node))
        return narrowed(source, binding, node, found)

    def binding(self, source: Script, binding: Binding, at: Node) -> CodeValue:
        """Return the value that a name has at a place."""
        span = source.span(at)
        if binding.sort is Declares.VARIABLE:
            place = self.modules.imported(source, binding)
            return self.place(place) if place is not None else self._variable(source, binding, at)
        if binding.sort is Declares.PARAMETER:
            return self._parameter(source, binding, span_at=at)
        if binding.sort is Declares.LOOP and binding.value is not None:
            listed = any(child.type == "of" for child in binding.node.children)
            each = self._each(self.value(source, binding.value), binding, span) if listed else None
            return self._taken(source, binding, each or Unknown(Dynamic.EXPRESSION, span), at)
        if binding.sort is Declares.ENUM:
            return literals.enum(source, binding.node, self.value)
        if binding.sort is Declares.CLASS:
            return self._statics(source, binding.node)
        if binding.sort is Declares.IMPORT:
            place = self.modules.imported(source, binding)
            return self.place(place) if place is not None else Unknown(Dynamic.IMPORT, span)
        return Unknown(Dynamic.PARAMETER if binding.sort is Declares.CATCH else Dynamic.EXPRESSION, span)

    def place(self, place: Place) -> CodeValue:
        """Return the value of what a module exports."""
        if place.binding is not None:
            # At the end of its file: whatever is done to it there has been done when others use it.
            return self.binding(place.source, place.binding, place.source.root)
        if place.node.type == "enum_declaration":
            return literals.enum(place.source, place.node, self.value)
        return self.value(place.source, place.node)

    def _variable(self, source: Script, binding: Binding, at: Node) -> CodeValue:
        span = source.span(at)
        start = values.UNDEFINED if binding.value is None else self.value(source, binding.value)
        found: CodeValue = self._taken(source, binding, start, at)
        kind = source.parent(binding.node)
        declaring = field(kind, "kind") if kind is not None else None
        since = binding.at
        if declaring is None or source.text(declaring) != "const":
            elsewhere = not same(function_around(source, at), function_around(source, binding.at))
            for use in uses(source, binding):
                assigned = assignment_of(source, use)
                if assigned is None:
                    changed = source.parent(use)
                    if changed is not None and changed.type == "update_expression":
                        found = Unknown(Dynamic.REASSIGNED, span)
                    continue
                node, path = assigned
                optional, never = meets(source, node, at)
                if (
                    never
                    or (use.start_byte >= at.start_byte and not elsewhere)
                    or node.start_byte <= at.start_byte < node.end_byte
                ):
                    continue
                given = self._assigned(
                    source, node, path, Unknown(Dynamic.REASSIGNED, span) if repeated(source, node, binding) else found
                )
                if isinstance(found, Known) and found.value == "":
                    found = given  # an empty text only stands in for what is assigned later
                found = values.choice((found, given), span) if optional or elsewhere else given
                since = since if optional else node
            if isinstance(found, Choice):
                found = values.choice([one for one in found.values if not values.is_undefined(one)], span)
        return mutated(source, binding, at, found, self.value, since)

    def _assigned(self, source: Script, node: Node, path: tuple[str | int, ...], before: CodeValue) -> CodeValue:
        right, span = field(node, "right"), source.span(node)
        if right is None:
            return Unknown(Dynamic.SYNTAX, span)
        given = self.value(source, right)
        if node.type != "assignment_expression":
            operator = field(node, "operator")
            sign = source.text(operator) if operator is not None else ""
            if sign == "+=":
                return values.lengthened(before, given, span)
            if sign not in {"??=", "||="}:
                return Unknown(Dynamic.REASSIGNED, span)
        for part in path:
            given = values.field_of(given, part, span)
        return given

    def _taken(self, source: Script, binding: Binding, value: CodeValue, at: Node) -> CodeValue:
        span = source.span(at)
        for part in binding.path:
            if part == REST:
                value = values.rest_of(value, beside(source, binding), span)
            else:
                value = values.field_of(value, part, span)
        if binding.default is None:
            return value
        otherwise = self.value(source, binding.default)
        kept = [one for one in possible(value) if not values.is_undefined(one)]
        return values.choice((*kept, otherwise), span)

    def _parameter(self, source: Script, binding: Binding, span_at: Node) -> CodeValue:
        span = source.span(span_at)
        given: CodeValue = Unknown(Dynamic.PARAMETER, span)
        call = source.parent(source.parent(binding.scope) or binding.scope)
        called = callee(call) if call is not None and call.type == "call_expression" else None
        through = member(source, called) if called is not None else None
        several = field(binding.scope, "parameters")
        first = several is None or (several.named_children and same(several.named_children[0], binding.node))
        if through is not None and through[1] in _RUN_THROUGH and first:
            each = self._each(self.value(source, through[0]), binding, span)
            given = each if not isinstance(each, Unknown) else given
        return self._taken(source, binding, given, span_at)

    def _each(self, listed: CodeValue, binding: Binding, span: Span) -> CodeValue:
        if isinstance(listed, Items) and not listed.open:
            one = self._assume(binding.node.id, len(listed.values))
            if one is not None and one < len(listed.values):
                return listed.values[one]
        return values.each_of(listed, span)

    def _member(self, source: Script, node: Node) -> CodeValue:
        span = source.span(node)
        owner, index = field(node, "object"), field(node, "index")
        if owner is None:
            return Unknown(Dynamic.SYNTAX, span)
        owner = inner(owner, awaits=True)
        found = member(source, node)
        if found is None and index is not None:
            keys = self.value(source, index)
            whole = self.value(source, owner)
            if isinstance(keys, Known) and not isinstance(keys.value, float | bool | None):
                return values.field_of(whole, keys.value, span)
            if isinstance(whole, Fields) and not whole.open and whole.fields:
                return values.choice([one.value for one in whole.fields], span)  # one of them, whatever the key
            return Unknown(Dynamic.EXPRESSION, span)
        if found is None or found[1] == "length":
            return Unknown(Dynamic.EXPRESSION, span)
        if owner.type == "this":
            return self._field_of_this(source, owner, found[1], span)
        if owner.type == "identifier":
            binding = resolve(source, source.text(owner), owner)
            if binding is not None and imports(source, binding) is not None:
                place = self.modules.imported(source, binding)
                if place is not None and same(place.node, place.source.root):
                    exported = self.modules.exported(place.source, found[1])
                    return self.place(exported) if exported is not None else Unknown(Dynamic.IMPORT, span)
        return values.field_of(self.value(source, owner), found[1], span)

    def _field_of_this(self, source: Script, owner: Node, name: str, span: Span) -> CodeValue:
        body = next((above for above in source.ancestors(owner) if above.type == "class_body"), None)
        for child in body.named_children if body is not None else ():
            own, value = field(child, "name") or field(child, "property"), field(child, "value")
            is_field = child.type in {"public_field_definition", "field_definition"} and own is not None
            if is_field and own is not None and value is not None and source.text(own) == name:
                return self.value(source, value)
        return Unknown(Dynamic.PARAMETER, span)

    def _statics(self, source: Script, node: Node) -> CodeValue:
        body = field(node, "body")
        found: list[NamedValue] = []
        for child in body.named_children if body is not None else ():
            own, value = field(child, "name") or field(child, "property"), field(child, "value")
            if child.type in {"public_field_definition", "field_definition"} and own is not None and value is not None:
                found.append(NamedValue(source.text(own), self.value(source, value), source.span(own)))
        return Fields(tuple(found), source.span(node), open=True, why=Dynamic.EXPRESSION)

    def _call(self, source: Script, node: Node) -> CodeValue:
        span = source.span(node)
        called = callee(node)
        if called is None or node.type == "new_expression":
            return Unknown(Dynamic.CALL, span)
        given = arguments(node)
        name = source.text(called)
        if name == "String.raw" and (text := literals.raw(source, node, self.value)) is not None:
            return text
        if name in _FROZEN and given and name != "Object.fromEntries":
            return self.value(source, given[0])
        if name in _LISTS and given:
            return self._listed(source, given[0], name, node)
        if name in _MADE_BY and given and inner(given[0]).type in FUNCTIONS:
            return self._returned(source, inner(given[0]), node)
        through = member(source, called)
        if through is not None:
            if through[1] in {"map", "flatMap"} and given and inner(given[0]).type in FUNCTIONS:
                each = self._returned(source, inner(given[0]), node)
                return Items((each,), span, open=True)
            if through[1] in _OF_VALUES:
                one, said = self.value(source, through[0]), [self.value(source, each) for each in given]
                return literals.called(one, through[1], said, node, source) or Unknown(Dynamic.CALL, span)
            return Unknown(Dynamic.CALL, span)
        if called.type in FUNCTIONS:
            return self._returned(source, called, node)
        if called.type == "identifier":
            place = self.modules.value(source, called)
            function = place.node if place.binding is None or place.node.type in FUNCTIONS else place.binding.value
            if function is not None and inner(function).type in FUNCTIONS and self._depth < _DEEPEST // 2:
                return self._returned(place.source, inner(function), node, source)
        return Unknown(Dynamic.CALL, span)

    def _returned(self, source: Script, function: Node, call: Node, caller: Script | None = None) -> CodeValue:
        """Return what a function returns, if that is an object or a text of its own."""
        span = (caller or source).span(call)
        found = [self.value(source, one) for one in returned(source, function)]
        if not found or all(isinstance(one, Unknown) and not one.parts for one in found):
            return Unknown(Dynamic.CALL, span)
        return values.choice(found, span)

    def _listed(self, source: Script, node: Node, made_by: str, call: Node) -> CodeValue:
        whole, span = self.value(source, node), source.span(call)
        return literals.listed(whole, made_by, span) if isinstance(whole, Fields) else Unknown(Dynamic.CALL, span)
