"""Find the requests of a file: `.from(…)` and `.rpc(…)` of a client, and what is called on their result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.code.model import (
    Action,
    Choice,
    CodeClient,
    CodeRequest,
    CodeValue,
    Dynamic,
    Fate,
    Fields,
    Items,
    Known,
    Modifier,
    PassedFailure,
    Span,
    Unknown,
    Unread,
    possible,
)
from sessionaudit.audits.code.passing import PASSED
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.beginnings import VERBS, BegunRequest
from sessionaudit.audits.code.readers.typescript.builders import (
    LaterCall,
    SendingCall,
    calls_of,
    endings,
    named_by,
    used,
)
from sessionaudit.audits.code.readers.typescript.callers import passing
from sessionaudit.audits.code.readers.typescript.chains import Chain, MethodCall, called_by, chain
from sessionaudit.audits.code.readers.typescript.client_names import FoundClient, NoClient
from sessionaudit.audits.code.readers.typescript.declared_types import typed_fields
from sessionaudit.audits.code.readers.typescript.scopes import lasting
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    dotted,
    field,
    inner,
    member,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.clients import Clients
    from sessionaudit.audits.code.readers.typescript.constants import Values
    from sessionaudit.audits.code.readers.typescript.syntax import Script

# `.from(`, `.from<T>(`, `.from!(`, `.from?.(` and `['from'](`; comments may stand between.
_BETWEEN = rb"(?:\s|/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*\n)*"
_LENT = re.compile(rb"\.\s*(?P<at>from|rpc)\s*\.\s*(?:bind|call|apply)\b")
_CALLS = re.compile(
    rb"(?:\.|\[\s*['\"])" + _BETWEEN + rb"(?P<at>from|rpc)(?:['\"]\s*\])?" + _BETWEEN + rb"(?:\?\.)?\s*[(<!]"
)
# The methods of postgrest-js: what has others is another library's.
_METHODS = VERBS.keys() | frozenset(
    "eq neq gt gte lt lte like likeAllOf likeAnyOf ilike ilikeAllOf ilikeAnyOf regexMatch regexIMatch is isDistinct in "
    "notIn contains containedBy rangeGt rangeGte rangeLt rangeLte rangeAdjacent overlaps textSearch match not or "
    "filter order limit range single maybeSingle csv geojson explain rollback returns overrideTypes abortSignal "
    "throwOnError setHeader maxAffected retry fts plfts phfts wfts cs cd ov sl sr nxl nxr adj".split()
)
_NO_TABLE = {"object", "array", "number", "arrow_function", "function_expression", "new_expression", "regex"}


class Requests:
    """Reads the requests of files."""

    def __init__(self, evaluator: Values, clients: Clients) -> None:
        self._values, self._clients = evaluator, clients
        self._passed: list[PassedFailure] = []

    def of(self, source: Script) -> tuple[list[CodeRequest], list[Unread]]:
        """Return the requests of a file in order, and the calls that cannot be read; `passed` are of the same file."""
        requests: list[CodeRequest] = []
        unread: list[Unread] = []
        self._passed = []
        shaped: set[str] = set()  # what is a client because of what is called on it
        later: list[tuple[Node, Node, Node]] = []
        for name in source.words(_CALLS):
            function = _method(source, name)
            call = called_by(source, function) if function is not None else None
            owner = field(function, "object") if function is not None else None
            if call is None or owner is None or not arguments(call):
                continue
            found = self._clients.of(source, owner)
            if found is NoClient.OTHER:
                continue
            if isinstance(found, FoundClient):
                self._read(source, owner, call, found, requests, unread)
            elif source.text(name) == "rpc":
                later.append((name, owner, call))
            elif self._has_shape(source, call):
                said = dotted(source, owner)
                shaped.add(said)
                client = FoundClient(CodeClient(said.rsplit(".", 1)[-1]), sure=False)
                self._read(source, owner, call, client, requests, unread)
        for _name, owner, call in later:
            said = dotted(source, owner)
            if said and said in shaped:
                client = FoundClient(CodeClient(said.rsplit(".", 1)[-1]), sure=False)
                self._read(source, owner, call, client, requests, unread)
            elif b"supabase" in source.bytes.lower():
                unread.append(Unread(source.span(call), Dynamic.UNBOUND, f"whether {said or 'this'} is a client"))
        unread += self._lent(source)
        requests.sort(key=lambda one: one.at[1:])
        return requests, unread

    def _lent(self, source: Script) -> Iterator[Unread]:
        """Return the methods of clients that are not called where they stand, as in `supabase.from.bind(supabase)`."""
        for name in source.words(_LENT):
            function = _method(source, name)
            owner = field(function, "object") if function is not None else None
            if function is not None and owner is not None and isinstance(self._clients.of(source, owner), FoundClient):
                yield Unread(source.span(function), Dynamic.EXPRESSION, f"who calls {source.text(function)}")

    def _has_shape(self, source: Script, call: Node) -> bool:
        given = inner(arguments(call)[0])
        if given.type in _NO_TABLE:
            return False
        found = chain(source, call)
        if not found.calls and (named := named_by(source, found)) is not None:
            first = next(used(source, *named), None)
            return first is not None and bool(first.chain.calls) and first.chain.calls[0].name in VERBS
        names = [one.name for one in found.calls]
        return bool(names) and names[0] in VERBS and all(name in _METHODS for name in names)

    def _read(
        self,
        source: Script,
        owner: Node,
        call: Node,
        client: FoundClient,
        requests: list[CodeRequest],
        unread: list[Unread],
    ) -> None:
        given = arguments(call)
        whole = source.span(call)
        first = source.span(owner)
        at = Span(whole.file, first.line, first.column, whole.end_line, whole.end_column)
        start = BegunRequest(at, client.client, client.schema, self._values.target(source, given[0]))
        before = len(requests)
        self._add(source, call, start, requests, unread)
        runs = self._values.runs(source, given[0]) if isinstance(start.target, Choice) else []
        if len(runs) > 1 and any(_depends(one) for one in requests[before:]):
            del requests[before:]
            for run in runs:
                with self._values.assuming(run):
                    target = self._values.target(source, given[0])
                    self._add(source, call, start._replace(target=target), requests, [])

    def _add(
        self, source: Script, call: Node, start: BegunRequest, requests: list[CodeRequest], unread: list[Unread]
    ) -> None:
        given, at = arguments(call), start.at
        found = chain(source, call)
        function = field(call, "function")
        called = member(source, function) if function is not None else None
        if called is not None and called[1] == "rpc":
            payload = self._arguments(source, given[1]) if len(given) > 1 else None
            base = start.request(Action.CALL, payload=payload, options=self._options(source, given[2:3]))
            requests += self._sent(source, base, found.calls, found)
        elif found.calls and found.calls[0].name in VERBS:
            requests += self._by_verb(source, start, found)
        else:
            more = list(self._elsewhere(source, start, found))
            requests += more
            if not more and self._matters(source, found):
                unread.append(Unread(at, Dynamic.EXPRESSION, "what is asked of the table"))

    def _elsewhere(self, source: Script, start: BegunRequest, found: Chain) -> Iterator[CodeRequest]:
        """Return the requests on a table that is given a name, or is returned by a function."""
        named = named_by(source, found)
        above = source.parent(lasting(source, found.top))
        if named is not None:
            chains = [use.chain for use in used(source, *named)]
        elif above is not None and (above.type == "return_statement" or above.type in FUNCTIONS):
            chains = [chain(source, call) for call in calls_of(source, above)]
        else:
            chains = []
        for one in chains:
            if one.calls and one.calls[0].name in VERBS:
                yield from self._by_verb(source, start, one)
        if found.calls and found.calls[0].name == "on":  # of the first version of supabase-js
            yield start.request(Action.LISTEN)

    def _matters(self, source: Script, found: Chain) -> bool:
        """Tell whether something is done with a table: its result is not thrown away."""
        above = source.parent(lasting(source, found.top))
        return above is not None and above.type != "expression_statement"

    def _by_verb(self, source: Script, start: BegunRequest, found: Chain) -> Iterator[CodeRequest]:
        verb = found.calls[0]
        action, given = VERBS[verb.name], arguments(verb.call)
        if action is Action.SELECT:
            columns = self._columns(source, given)
            base = start.request(action, options=self._options(source, given[1:2]), columns=columns)
        elif action is Action.DELETE:
            base = start.request(action, options=self._options(source, given[:1]))
        else:
            payload = self._values.value(source, given[0]) if given else None
            base = start.request(action, payload=payload, options=self._options(source, given[1:2]))
        yield from self._sent(source, base, found.calls[1:], found)

    def _sent(
        self, source: Script, base: CodeRequest, calls: tuple[MethodCall, ...], found: Chain
    ) -> Iterator[CodeRequest]:
        own = tuple(LaterCall(call) for call in calls)
        for ending in endings(source, found):
            yield self._with(source, base, own, ending)

    def _with(self, source: Script, base: CodeRequest, own: tuple[LaterCall, ...], ending: SendingCall) -> CodeRequest:
        columns, returns = base.columns, base.returns
        modifiers: list[Modifier] = []
        for step in (*own, *ending.steps):
            given = arguments(step.call.call)
            if step.call.name == "select":
                said = self._columns(source, given)
                if columns is None or not step.optional:
                    columns = said
                elif said is not None:
                    columns = values.choice([columns, said], columns.at)
                returns = True
                continue
            told = tuple(self._values.value(source, one) for one in given)
            at = source.span(step.call.at)
            modifiers.append(Modifier(step.call.name, told, at, step.optional))
        fate = ending.outcome.fate
        passed = fate in PASSED
        request = replace(
            base,
            columns=columns,
            returns=returns,
            modifiers=tuple(modifiers),
            fate=Fate.HANDLED if passed else fate,
            fate_at=source.span(ending.outcome.at) if fate is not Fate.UNKNOWN else None,
        )
        function = passing(source, ending.outcome, lazy=not ending.awaited) if passed else None
        if function is not None:
            self._passed.append(PassedFailure(request, function))
        return request

    def passed(self, requests: list[CodeRequest]) -> list[PassedFailure]:
        """Return those of some requests, which were read last, whose failure a function passes on."""
        kept = {id(one) for one in requests}
        return [one for one in self._passed if id(one.request) in kept]

    def _arguments(self, source: Script, node: Node) -> CodeValue:
        """Return the arguments of a function; of a parameter that is not known those that its type declares."""
        found = self._values.value(source, node)
        if isinstance(found, Unknown) and found.why is Dynamic.PARAMETER:
            return typed_fields(self._values, source, inner(node)) or found
        return found

    def _columns(self, source: Script, given: list[Node]) -> CodeValue | None:
        value = self._values.value(source, given[0]) if given else None
        return None if value is None or values.is_undefined(value) else value

    def _options(self, source: Script, given: list[Node]) -> Fields | None:
        if not given:
            return None
        value = self._values.value(source, given[0])
        found = next((one for one in possible(value) if isinstance(one, Fields)), None)
        if found is not None and not isinstance(value, Choice):
            return found
        if isinstance(value, Known):
            return None
        why = value.why if isinstance(value, Unknown) else Dynamic.EXPRESSION
        return Fields(found.fields if found is not None else (), source.span(given[0]), open=True, why=why)


def _method(source: Script, name: Node) -> Node | None:
    """Return `owner.from` or `owner['from']`, of which a node is the name."""
    above = source.parent(name)
    if name.type == "string_fragment" and above is not None:
        above = source.parent(above)
    return above if above is not None and above.type in {"member_expression", "subscript_expression"} else None


def _depends(request: CodeRequest) -> bool:
    """Tell whether what is asked of a table may depend on which table it is."""
    said = [request.payload, request.columns, request.options]
    said += [value for modifier in request.modifiers for value in modifier.arguments]
    return any(_varies(value) for value in said if value is not None)


def _varies(value: CodeValue) -> bool:
    if isinstance(value, Fields):
        return any(one.optional or _varies(one.value) for one in value.fields)
    if isinstance(value, Items):
        return any(_varies(one) for one in value.values)
    return isinstance(value, Choice)
