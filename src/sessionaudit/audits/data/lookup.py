"""Find the row for a text: by its primary key, or by the expressions under `by:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg
from msgspec import Struct, field

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.keys import texts
from sessionaudit.audits.data.transaction import said, transaction
from sessionaudit.core import sqlstate
from sessionaudit.core.counting import listed_words
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError, DatabaseError
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import told_of_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.invariants import AliasedTable, Labelled
    from sessionaudit.core.node import Scalar
    from sessionaudit.postgres.connection import Connection

MOST = 20  # rows that are listed if a text finds several
# Characters often copied with a text: blanks, any quotation marks, invisible characters, and list separators.
_BLANKS = " \t\r\n\f\v\u00a0\u2007\u202f\u200b\u2060\ufeff"
_AROUND = f"{_BLANKS}\"'`<>,;\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
# The text is not a valid value for the type of the key or of an expression.
_NO_VALUE = (psycopg.DataError, psycopg.errors.CheckViolation, UnicodeEncodeError)


class Hit(NamedTuple):
    """A found row: its primary key, since when it exists, and what it was found by ("" is the key)."""

    key: str
    since: str | None = None
    by: str = ""


class Lookup(Struct, frozen=True, kw_only=True):
    """The rows for a text. `key` is the text as the key's type prints it, None if it is not a valid value."""

    given: str
    hits: tuple[Hit, ...]
    key: str | None
    more: bool = False
    reason: str = ""

    @property
    def hit(self) -> Hit | None:
        """The row, if there is exactly one."""
        return self.hits[0] if len(self.hits) == 1 else None


def trimmed(given: str) -> str:
    """Remove characters that were copied with a text."""
    return given.strip(_AROUND)


class Finder(Struct, frozen=True, kw_only=True):
    """Finds rows of a table by texts.

    `since` is the expression for the time since when a row exists. `explain` says why SQL cannot run, if a difference
    of the schema is the cause. `timeout` is in seconds.
    """

    connection: Connection
    schema: str
    rows: AliasedTable
    table: CatalogTable
    by: Sequence[Labelled] = ()
    since: queries.Query = field(default_factory=lambda: queries.Query("null::timestamptz"))
    explain: Callable[[str], str | None] = lambda _: None
    timeout: float = 30

    def each(self, given: Iterable[str]) -> Iterator[Lookup]:
        """Look up several texts; each row is returned once, even if several texts name it. Raises as `find` does."""
        known: set[str] = set()
        for text in dict.fromkeys(given):
            lookup = self.find(text)
            key = lookup.hit.key if lookup.hit else lookup.key
            if key is None or key not in known:
                yield lookup
            if key is not None:
                known.add(key)

    def find(self, given: str) -> Lookup:
        """Look up a text: first unchanged, then without characters copied with it, then in lower case.

        The primary key is tried first; the expressions under `by:` may find several rows, and all are returned. The
        type of the key decides whether case matters. Raises ContractError if the SQL of a `by` is wrong, DatabaseError
        if the schema or the rows prevent the query, and psycopg.Error.
        """
        bare = trimmed(given)
        known: str | None = None
        for text in dict.fromkeys((given, bare, bare.lower())):
            key, there = self._as_key(text) if text in {given, bare} else (None, False)
            if there and key is not None:
                return Lookup(given=given, hits=(Hit(key),), key=key)
            known = known if known is not None else key
            hits: dict[str, Hit] = {}
            for hit in self._others(text) if text else ():
                hits.setdefault(hit.key, hit)
            if hits:
                found = tuple(hits.values())
                reason = "" if len(found) == 1 else self._several(len(found))
                return Lookup(given=given, hits=found[:MOST], key=None, more=len(found) > MOST, reason=reason)
        return Lookup(given=given, hits=(), key=known, reason=self._nothing(known))

    def _several(self, number: int) -> str:
        many = f"more than {MOST}" if number > MOST else str(number)
        return f"it finds {many} rows of {dotted(self.rows.path)}: name one by its {self._named}"

    def _nothing(self, key: str | None) -> str:
        if self.by:
            ways = listed_words([self._named, *(one.label for one in self.by)])
            return f"it was looked for as {ways} of {dotted(self.rows.path)}, and no such row is there"
        return f"{dotted(self.rows.path)} has no such row" if key is not None else f"this is not a valid {self._type}"

    @property
    def _named(self) -> str:
        return self.table.key[0]

    @property
    def _type(self) -> str:
        return self.table.type.removeprefix("pg_catalog.")

    def _as_key(self, text: str) -> tuple[str | None, bool]:
        """Return the text as a key, spelled as in its row, and whether that row exists; None for an invalid value."""
        key = queries.key_of(self.rows, self.table)
        stored = f"select {key} from {queries.source(self.rows)} where {key} {self.table.equal} g.key"
        asked = (
            f"select coalesce(s.key, g.key), s.key is not null from (select %(given)s::{self.table.type} as key) as g"
        )
        asked += f" left join lateral ({stored}) as s (key) on true"
        try:
            with transaction(self.connection, self.schema, timeout=self.timeout):
                row = texts(self.connection.execute(queries.spelled(asked), {"given": text}))[0]
        except _NO_VALUE:
            return None, False
        return row[0], row[1] == "t"

    def _others(self, text: str) -> Iterator[Hit]:
        key = queries.key_of(self.rows, self.table)
        for label, sql in self.by:
            if not self._is_value(text, label, sql):
                continue
            asked = queries.Query(f"select {key}, ").include(self.since) + f" from {queries.source(self.rows)} where "
            asked = asked.fragment(sql) + f" = %(given)s order by 2 nulls last, 1 limit {MOST + 1}"
            try:
                found = self._asked(asked, text)
            except psycopg.Error as error:
                raise self._refused(error, asked, label, sql) from None
            yield from (Hit(row[0] or "", row[1], label) for row in found)

    def _is_value(self, text: str, label: str, sql: Scalar) -> bool:
        """Whether the text is a valid value for an expression that finds rows.

        This reads no row: a later error is about the content of a row, and says nothing about the text.
        """
        asked = (
            queries.Query(f"select from {queries.source(self.rows)} where false and ").fragment(sql) + " = %(given)s"
        )
        try:
            self._asked(asked, text)
        except _NO_VALUE:
            return False
        except psycopg.Error as error:
            raise self._refused(error, asked, label, sql) from None
        return True

    def _asked(self, asked: queries.Query, text: str) -> list[tuple[str | None, ...]]:
        with transaction(self.connection, self.schema, timeout=self.timeout):
            return texts(contract_sql.ask(self.connection, asked, {"given": text}))

    def _refused(self, error: psycopg.Error, asked: queries.Query, label: str, sql: Scalar) -> Exception:
        state = error.sqlstate or ""
        if (
            not state
            or state.startswith(
                (
                    sqlstate.CONNECTION_EXCEPTION,
                    sqlstate.INVALID_TRANSACTION_STATE,
                    sqlstate.TRANSACTION_ROLLBACK,
                    sqlstate.INSUFFICIENT_RESOURCES,
                    sqlstate.NOT_IN_PREREQUISITE_STATE,
                    sqlstate.OPERATOR_INTERVENTION,
                )
            )
            or state == sqlstate.INSUFFICIENT_PRIVILEGE
        ):
            return error
        if not state.startswith(
            (sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION, sqlstate.UNKNOWN_SCHEMA, sqlstate.UNSUPPORTED)
        ):
            told = f"PostgreSQL says: {told_of_reading(error)} ({state})"
            hint = "Check the rows, or the SQL of “by” in the contract."
            return DatabaseError(f"rows cannot be found by {label}: {told}", hint=hint)
        if reason := self.explain(sql):
            return DatabaseError(f"rows cannot be found by {label}: {reason}", hint=f"Run `{CALLING.line('repair')}`.")
        return ContractError(
            f"PostgreSQL rejects the SQL of “by” for {label}: {said(error)}",
            location=contract_sql.place_of(error, asked, {"given": ""}),
            hint=contract_sql.hinted(error),
        )
