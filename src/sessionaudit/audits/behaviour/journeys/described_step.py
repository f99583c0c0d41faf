"""What the server says of the steps of journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.journeys.statements import SentStatement
    from sessionaudit.postgres.described import AskedStatement, DescribedStatement


ReadValues = dict[tuple[str, str], str | psycopg.Error]


class DescribedStep(Struct):
    """What the server says of a step, and of the query for the claims of its role.

    `values` are the expected ones as their types print them, by column and text, or why a type refuses one.
    """

    sent: SentStatement
    asked: AskedStatement
    described: DescribedStatement | None = None
    claims: DescribedStatement | None = None
    sent_claims: SentStatement | None = None
    claims_types: list[int] = field(default_factory=list[int])
    values: ReadValues = field(default_factory=dict[tuple[str, str], str | psycopg.Error])

    @property
    def known(self) -> DescribedStatement:
        """What the server says of the statement. Use it when it was asked."""
        if self.described is None:
            raise AssertionError(self.sent)
        return self.described


Described = dict[tuple[str, str], DescribedStep]
