"""Find the requests of a file: `.table(…)`, `.from_(…)` and `.rpc(…)` of a client, and what is called on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.code.model import (
    Action,
    CodeClient,
    CodeRequest,
    CodeValue,
    Dynamic,
    Fate,
    Fields,
    Items,
    Known,
    Modifier,
    Unknown,
    Unread,
    possible,
)
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.beginnings import VERBS, BegunRequest
from sessionaudit.audits.code.readers.python.chains import BuilderEnd, ChainedCall, PythonChain, chain, endings
from sessionaudit.audits.code.readers.python.clients import NoPythonClient, PythonClient
from sessionaudit.audits.code.readers.python.failures import raised
from sessionaudit.audits.code.readers.python.modifiers import FILTERS, METHODS, modifier, options_of
from sessionaudit.audits.code.readers.python.scopes import assigned_name, scope_of, uses
from sessionaudit.audits.code.readers.python.syntax import argument, dotted, field, given, inner, outer, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.readers.python.clients import PythonClients
    from sessionaudit.audits.code.readers.python.constants import PythonValues
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_CALLS = re.compile(rb"\.\s*(?P<at>table|from_|rpc)\s*\(")
_SENDS = re.compile(rb"\.\s*(?P<at>execute)\s*\(\s*\)")
# Libraries whose tables have methods of the same names.
_OTHER_LIBRARY = re.compile(rb"^\s*(?:from|import)\s+(?:ibis|tinydb|pyairtable|rethinkdb|boto3|orator)\b", re.MULTILINE)


class PythonRequests:
    """Reads the requests of files."""

    def __init__(self, evaluator: PythonValues, clients: PythonClients) -> None:
        self._values, self._clients = evaluator, clients

    def of(self, source: PythonFile) -> tuple[list[CodeRequest], list[Unread]]:
        """Return the requests of a file in order, and the calls that cannot be read."""
        requests: list[CodeRequest] = []
        unread: list[Unread] = []
        sent: set[int] = set()
        for name in source.words(_CALLS):
            function = source.parent(name)
            call = source.parent(function) if function is not None and function.type == "attribute" else None
            owner = field(function, "object") if function is not None else None
            if call is None or call.type != "call" or owner is None or not same(field(call, "function"), function):
                continue
            self._read(source, name, owner, call, requests, unread, sent)
        unread += self._begun_elsewhere(source, sent)
        return requests, unread

    def _read(
        self,
        source: PythonFile,
        name: Node,
        owner: Node,
        call: Node,
        requests: list[CodeRequest],
        unread: list[Unread],
        sent: set[int],
    ) -> None:
        found = self._clients.of(source, owner)
        whole = chain(source, call)
        if found is NoPythonClient.OTHER:
            return
        if not isinstance(found, PythonClient):
            shaped = whole.sent is not None and whole.steps and whole.steps[0].name in VERBS
            shaped = shaped or (source.text(name) == "rpc" and whole.sent is not None)
            if not shaped or _OTHER_LIBRARY.search(source.bytes):
                return
        arguments = given(source, call)
        target = argument(arguments, 0, "fn" if source.text(name) == "rpc" else "table_name")
        target = target if target is not None else arguments.named.get("func", arguments.named.get("table"))
        at = source.span(call)
        client = found.client if isinstance(found, PythonClient) else None
        begun = BegunRequest(
            at,
            _named(client, dotted(source, owner)),
            found.schema if isinstance(found, PythonClient) else None,
            self._values.value(source, target) if target is not None else Unknown(Dynamic.SPREAD, at),
            isinstance(found, PythonClient) and found.awaited,
        )
        if source.text(name) == "rpc":
            self._rpc(source, call, whole, begun, requests, sent)
            return
        for each in self._tables(source, whole):
            if not each.steps or each.steps[0].name not in VERBS:
                unread.append(Unread(at, Dynamic.CALL, "a table that is passed on"))
                continue
            self._table(source, each, begun, requests, sent)

    def _tables(self, source: PythonFile, whole: PythonChain) -> Iterator[PythonChain]:
        """Return the chain of a table, or each that begins with the name that it is given."""
        name = assigned_name(source, whole.top) if not whole.steps else None
        if name is None:
            yield whole
            return
        any_ = False
        for use in uses(source, source.text(name), scope_of(source, name)):
            if use.start_byte > whole.top.end_byte and (more := chain(source, use)).steps:
                any_ = True
                yield more
        if not any_:
            yield whole

    def _table(
        self, source: PythonFile, whole: PythonChain, begun: BegunRequest, requests: list[CodeRequest], sent: set[int]
    ) -> None:
        first = whole.steps[0]
        arguments = given(source, first.call)
        named = {name: self._values.value(source, one) for name, one in arguments.named.items()}
        action = VERBS[first.name]
        if action is Action.INSERT and isinstance(up := named.get("upsert"), Known) and up.value:
            action = Action.UPSERT
        columns = payload = None
        if action is Action.SELECT:
            columns = self._columns(source, first)
        elif action is not Action.DELETE:
            node = argument(arguments, 0, "json")
            at = source.span(first.call)
            payload = self._values.value(source, node) if node is not None else Unknown(Dynamic.SPREAD, at)
        returning = named.get("returning")
        minimal = isinstance(returning, Known) and returning.value == "minimal"
        options = options_of(named, source.span(first.call))
        base = begun.request(action, payload=payload, options=options, columns=columns)
        for end in endings(source, whole._replace(steps=whole.steps[1:])):
            one = self._ended(source, base, end, whole, begun)
            returns = action is not Action.SELECT and (one.returns or not minimal)
            requests.append(replace(one, returns=returns))
            sent.update([end.sent.id] if end.sent is not None else [])

    def _rpc(
        self,
        source: PythonFile,
        call: Node,
        whole: PythonChain,
        begun: BegunRequest,
        requests: list[CodeRequest],
        sent: set[int],
    ) -> None:
        arguments = given(source, call)
        node = argument(arguments, 1, "params")
        payload = self._values.value(source, node) if node is not None else None
        if isinstance(payload, Known) and payload.value is None:
            payload = None
        named = {name: self._values.value(source, one) for name, one in arguments.named.items()}
        base = begun.request(Action.CALL, payload=payload, options=options_of(named, source.span(call)))
        for end in endings(source, whole):
            requests.append(self._ended(source, base, end, whole, begun))
            sent.update([end.sent.id] if end.sent is not None else [])

    def _ended(
        self, source: PythonFile, base: CodeRequest, end: BuilderEnd, whole: PythonChain, begun: BegunRequest
    ) -> CodeRequest:
        """Return a request with what is called on it up to one of its ends."""
        selected = next((step for step in end.steps if step.name == "select"), None)
        fate, fate_at = self._fate(source, end, whole, begun)
        return replace(
            base,
            columns=self._columns(source, selected) if selected is not None else base.columns,
            returns=selected is not None,
            modifiers=tuple(self._modifiers(source, end)),
            fate=fate,
            fate_at=fate_at,
        )

    def _columns(self, source: PythonFile, step: ChainedCall) -> CodeValue | None:
        arguments = given(source, step.call)
        at = source.span(step.call)
        if arguments.more and arguments.positional == []:
            return Unknown(Dynamic.SPREAD, at)
        each = [self._values.value(source, one) for one in arguments.positional]
        if "columns" in arguments.named:
            each.append(self._values.value(source, arguments.named["columns"]))
        if arguments.more:
            each.append(Unknown(Dynamic.SPREAD, at))
        if len(each) < 2:
            return each[0] if each else None
        parts: list[CodeValue] = []
        for one in each:
            parts += [Known(",", at), one] if parts else [one]
        return values.joined(parts, at)

    def _modifiers(self, source: PythonFile, end: BuilderEnd) -> Iterator[Modifier]:
        for step in end.steps:
            if step.name == "select" or step.name not in METHODS:
                continue
            arguments = given(source, step.call)
            named = {name: self._values.value(source, one) for name, one in arguments.named.items()}
            found = modifier(
                step.name,
                [
                    _listed(self._values.value(source, one), step.name) if place else self._values.value(source, one)
                    for place, one in enumerate(arguments.positional)
                ],
                named,
                source.span(step.call),
                negated=step.negated,
                optional=step.optional,
            )
            if found is not None:
                yield found

    def _fate(
        self, source: PythonFile, end: BuilderEnd, whole: PythonChain, begun: BegunRequest
    ) -> tuple[Fate, Span | None]:
        if end.sent is None:
            return (Fate.UNKNOWN, None) if end.leaves else (Fate.UNSENT, source.span(whole.top))
        above = source.parent(outer(source, end.sent))
        awaited = above is not None and above.type == "await"
        if begun.awaited and not awaited:
            bare = above is not None and above.type == "expression_statement"
            return (Fate.UNSENT, source.span(end.sent)) if bare else (Fate.UNKNOWN, None)
        found = raised(source, end.sent)
        return found.fate, source.span(found.at) if found.fate is not Fate.UNKNOWN else None

    def _begun_elsewhere(self, source: PythonFile, sent: set[int]) -> Iterator[Unread]:
        """Return the calls that send what another function has begun."""
        for name in source.words(_SENDS):
            function = source.parent(name)
            call = source.parent(function) if function is not None and function.type == "attribute" else None
            if call is None or call.type != "call" or call.id in sent:
                continue
            node, filtered = field(function, "object") if function is not None else None, False
            while node is not None and inner(node).type in {"call", "attribute"}:
                node = inner(node)
                if node.type == "attribute":
                    part = field(node, "attribute")
                    filtered = filtered or (part is not None and source.text(part) in FILTERS)
                    node = field(node, "object")
                else:
                    node = field(node, "function")
            if filtered:
                why = Dynamic.PARAMETER if node is not None and node.type == "identifier" else Dynamic.CALL
                yield Unread(source.span(call), why, "a request that begins elsewhere")


def _named(client: CodeClient | None, name: str) -> CodeClient:
    if client is None:
        return CodeClient(name)
    return client if client.name else replace(client, name=name)


def _listed(value: CodeValue, method: str) -> CodeValue:
    """Return the values of `in_` and its like as a list: one that may be a list or nothing is one of both."""
    if method == "in_" and not isinstance(value, Items):
        kept = [one for one in possible(value) if isinstance(one, Items | Unknown | Fields)]
        return values.choice(kept, value.at) if kept else Unknown(Dynamic.EXPRESSION, value.at)
    return value
