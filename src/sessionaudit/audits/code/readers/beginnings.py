"""Define what a request begins with, in any language: a client, a table or a function, and what is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import Action, CodeRequest

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import CodeClient, CodeValue, Fields, Span

# The methods that say what is asked of a table.
VERBS = {
    "select": Action.SELECT,
    "insert": Action.INSERT,
    "upsert": Action.UPSERT,
    "update": Action.UPDATE,
    "delete": Action.DELETE,
}


class BegunRequest(NamedTuple):
    """What a request begins with. It is `awaited` if its client's requests are."""

    at: Span
    client: CodeClient
    schema: CodeValue | None
    target: CodeValue
    awaited: bool = False

    def request(
        self,
        action: Action,
        *,
        payload: CodeValue | None = None,
        options: Fields | None = None,
        columns: CodeValue | None = None,
    ) -> CodeRequest:
        """Return the request, without what is called on it later."""
        return CodeRequest(
            at=self.at,
            client=self.client,
            action=action,
            target=self.target,
            schema=self.schema,
            payload=payload,
            options=options,
            columns=columns,
            returns=action is Action.SELECT,
        )
