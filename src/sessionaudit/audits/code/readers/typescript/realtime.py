"""Find what a file listens to: `.on('postgres_changes', { event, schema, table, filter }, …)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Action, CodeClient, CodeRequest, CodeValue, Dynamic, Fields, Unread, possible
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.typescript.chains import called_by
from sessionaudit.audits.code.readers.typescript.client_names import FoundClient
from sessionaudit.audits.code.readers.typescript.syntax import arguments, callee, dotted, field, inner

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.clients import Clients
    from sessionaudit.audits.code.readers.typescript.constants import Values
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_LISTENS = re.compile(
    rb"\.\s*(?P<at>on)\s*(?:<[^()]*>)?\(\s*(?:'postgres_changes'|\"postgres_changes\"|`postgres_changes`)"
)


def listened(source: Script, evaluator: Values, clients: Clients, unread: list[Unread]) -> list[CodeRequest]:
    """Return the changes of tables that a file listens to; what listens to all tables names none."""
    found: list[CodeRequest] = []
    for name in source.words(_LISTENS):
        function = source.parent(name)
        call = called_by(source, function) if function is not None and function.type == "member_expression" else None
        given = arguments(call) if call is not None else []
        if call is None or function is None or len(given) < 2:
            continue
        value = evaluator.value(source, given[1])
        options = next((one for one in possible(value) if isinstance(one, Fields)), None)
        if options is None:
            unread.append(Unread(source.span(call), Dynamic.EXPRESSION, "what is listened to"))
            continue
        fields: dict[str, CodeValue] = {one.name: one.value for one in options.fields}
        target = fields.get("table")
        if target is None and options.open:
            unread.append(Unread(source.span(call), options.why or Dynamic.SPREAD, "which table is listened to"))
        if target is None or values.is_undefined(target):
            continue
        found.append(
            CodeRequest(
                at=source.span(name),
                client=_client(source, function, clients),
                action=Action.LISTEN,
                target=target,
                schema=fields.get("schema"),
                options=options,
            )
        )
    return found


def _client(source: Script, function: Node, clients: Clients) -> CodeClient:
    node = function
    while True:
        owner = field(node, "object")
        if owner is None:
            return CodeClient(dotted(source, node) or "supabase")
        found = clients.of(source, owner)
        if isinstance(found, FoundClient):
            return found.client
        node = inner(owner, awaits=True)
        if node.type == "call_expression":
            node = callee(node) or node
