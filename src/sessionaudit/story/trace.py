"""Tell the story of one row, link by link, as the contract's `trace:` section defines it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field
from msgspec.structs import replace

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.audits.data.keys import array, texts
from sessionaudit.audits.data.lookup import Finder, Hit, Lookup
from sessionaudit.audits.data.transaction import said, transaction
from sessionaudit.audits.data.violations import explanation_of, why_not
from sessionaudit.backfill import row_repair as repairs
from sessionaudit.backfill.row_outcome import RowState, look
from sessionaudit.contract.mentions import named
from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Severity
from sessionaudit.core.place import where
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError, UsageError
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.acting import Acting, ForeignRoleError, UnknownRoleError, act
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.connection import told_of_reading
from sessionaudit.sql.text import identifier
from sessionaudit.story.lost_links import leading_back
from sessionaudit.story.other_tables import TracedTable, elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.invariants import AliasedTable, Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.contract.trace import Link, Trace
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_MOST = 10
_MOST_WHY = 3
_CANNOT_BE_RUN = (sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION, sqlstate.UNKNOWN_SCHEMA)
_NOT_A_VALUE = sqlstate.INVALID_TEXT_REPRESENTATION  # an invalid enum value, found when the statement is analyzed
_OF_THE_SERVER = (sqlstate.CONNECTION_EXCEPTION, sqlstate.SHUTDOWN, sqlstate.INTERNAL)  # gone, or shutting down
_STOPPED = {
    sqlstate.QUERY_CANCELED: "the query took too long: allow more with --statement-timeout",
    sqlstate.LOCK_NOT_AVAILABLE: "another session has locked its tables",
}
# The SQLSTATE class of missing privileges and of invalid policies.
_OF_ACCESS = sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION


class _RefusedError(Exception):
    """A role gets an error, as it would in the application; the message is the server's."""


class LinkState(StrEnum):
    """Whether a link of the story exists."""

    THERE = "there"
    MISSING = "missing"
    NOT_NEEDED = "not needed"
    UNKNOWN = "not known"


class Chapter(Struct, frozen=True, kw_only=True):
    """One link: whether it exists, the shown values, why it is missing, and the commands that repair it."""

    name: str
    summary: str
    state: LinkState
    rows: tuple[dict[str, str | None], ...] = ()
    reason: str = ""
    why: tuple[Finding, ...] = ()
    commands: tuple[str, ...] = ()


class Story(Struct, frozen=True, kw_only=True):
    """The story of one row; `since` is when it began and `age` how long ago, as PostgreSQL prints them.

    `given` is the text that found the row, `by` what it was found by ("" means the primary key).
    """

    subject: str
    id: str
    since: str | None
    age: str | None
    chapters: tuple[Chapter, ...]
    given: str = ""
    by: str = ""

    @property
    def whole(self) -> bool:
        """Whether no link is missing."""
        return all(one.state in {LinkState.THERE, LinkState.NOT_NEEDED} for one in self.chapters)

    @property
    def unknown(self) -> bool:
        """Whether a link could not be checked, and none is certainly missing."""
        states = {one.state for one in self.chapters}
        return LinkState.UNKNOWN in states and LinkState.MISSING not in states

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands to run, in this order."""
        return tuple(dict.fromkeys(command for one in self.chapters for command in one.commands))

    @property
    def otherwise(self) -> tuple[str, ...]:
        """The commands to run if no command repairs the links: they check everything."""
        return (CALLING.line("check"),)


class Tracer(Struct):
    """Tells stories; `found` are the findings of the schema audit, `timeout` applies to each statement, in seconds."""

    connection: Connection
    contract: Contract
    found: Sequence[Finding]
    timeout: float = 30
    _known: dict[ObjectPath, CatalogTable] = field(default_factory=dict)

    def tell(self, given: Iterable[str]) -> Iterator[Story | Lookup]:
        """Return the story of each row that a text names, once; the Lookup for a text that names no or several rows.

        Raises UsageError if the contract has no `trace:` section, ContractError if its SQL is wrong, DatabaseError if
        the server fails.
        """
        trace = self.contract.trace
        if trace is None:
            raise UsageError(f"{self.contract.file} has no “trace:” section", hint="It defines the links of a story.")
        try:
            yield from self._tell(trace, given)
        except psycopg.Error as error:
            raise broken_connection(error, "reading the story") from None

    def _tell(self, trace: Trace, given: Iterable[str]) -> Iterator[Story | Lookup]:
        paths = [trace.subject.path, *(link.rows.path for link in trace.links if link.rows is not None)]
        self._known = tables(self.connection, paths)
        table = self._known.get(trace.subject.path)
        if table is None or not table.single:
            raise ContractError(
                f"{dotted(trace.subject.path)} does not exist, or has no primary key of one column",
                location=where(trace.subject.node),
            )
        moment = queries.Query("null::timestamptz")
        if trace.since is not None:
            moment = queries.Query().fragment(trace.since)
        for found in self._finder(trace, table, moment).each(given):
            if found.hit is not None:
                yield self._story(trace, table, moment, found, found.hit)
            elif found.hits:
                yield found
            else:
                asked = TracedTable(trace, table)
                more = elsewhere(self.connection, self.contract, asked, found, timeout=self.timeout)
                yield replace(found, reason=f"{found.reason}. {more}") if more else found

    def _story(
        self, trace: Trace, table: CatalogTable, moment: queries.Query, found: Lookup, hit: Hit
    ) -> Story | Lookup:
        key = hit.key
        asked = (queries.Query("select ").include(moment) + "::text, ").include(
            queries.Query("pg_catalog.date_trunc('second', pg_catalog.now() - ").include(moment) + ")::text"
        )
        row = self._row(asked, trace, table, key)
        if row is None:  # it has just been deleted
            return Lookup(given=found.given, hits=(), key=key, reason=f"{dotted(trace.subject.path)} has no such row")
        chapters = tuple(self._chapter(trace, table, key, link) for link in trace.links)
        about = {"subject": dotted(trace.subject.path), "given": found.given, "by": hit.by}
        return Story(id=key, since=row[0], age=row[1], chapters=chapters, **about)

    def _finder(self, trace: Trace, table: CatalogTable, since: queries.Query) -> Finder:
        return Finder(
            connection=self.connection,
            schema=self.contract.schema,
            rows=trace.subject,
            table=table,
            by=trace.by,
            since=since,
            explain=lambda sql: why_not(sql, trace.subject, self.contract, self.found),
            timeout=self.timeout,
        )

    def _row(self, asked: queries.Query, trace: Trace, table: CatalogTable, key: str) -> tuple[str | None, ...] | None:
        subject = queries.key_of(trace.subject, table)
        asked += f" from {queries.source(trace.subject)} where {subject} {table.equal} %(key)s::{table.type}"
        with transaction(self.connection, self.contract.schema, timeout=self.timeout):
            return contract_sql.ask(self.connection, asked, {"key": key}).fetchone()

    # One link

    def _chapter(self, trace: Trace, table: CatalogTable, key: str, link: Link) -> Chapter:
        try:
            if denied := self._denied(trace, table, key, link):
                return self._end(link, LinkState.NOT_NEEDED, reason=denied)
            rows = self._rows(trace, table, key, link)
            if link.actor is None:
                return self._judged(trace, key, link, [shown for _, shown in rows])
            if not rows:
                return self._judged(trace, key, link, [], "there is no row to see")
            return self._seen(trace, key, link, rows)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            if state == sqlstate.INSUFFICIENT_PRIVILEGE:
                return self._end(link, LinkState.UNKNOWN, reason=f"permission denied: {said(error)}")
            if not state or state.startswith(_OF_THE_SERVER):
                raise
            own = state == _NOT_A_VALUE and error.diag.statement_position is not None  # and not a value read from a row
            if not own and not state.startswith(_CANNOT_BE_RUN):  # the next link may succeed
                return self._end(link, LinkState.UNKNOWN, reason=_why_unknown(error))
            reason = explanation_of(_texts(link), {trace.subject.path, *self._tables(link)}, self.contract, self.found)
            if reason is None:
                raise ContractError(
                    f"PostgreSQL rejects the link {link.name}: {said(error)}", location=link.location
                ) from None
            if link.rows is None:  # the row itself, which exists
                repairing = [CALLING.line("repair")]
                return self._end(link, LinkState.UNKNOWN, reason=reason.message, commands=repairing)
            return self._judged(trace, key, link, [])

    def _denied(self, trace: Trace, table: CatalogTable, key: str, link: Link) -> str:
        """Return why the link need not exist, or ""."""
        if not link.needed:
            return ""
        asked = queries.Query("select true")
        for clause in link.needed:
            asked = (asked + ", ").fragment(clause.sql) + " is true"
        row = self._row(asked, trace, table, key) or (True,)
        answers = zip(link.needed, row[1:], strict=False)
        return next((f"needed only when {clause.told}" for clause, true in answers if not true), "")

    def _rows(
        self, trace: Trace, table: CatalogTable, key: str, link: Link
    ) -> list[tuple[str | None, dict[str, str | None]]]:
        """Return the link's rows: the primary key of each, if it has one column, and the shown values."""
        subject = queries.key_of(trace.subject, table)
        own = self._known.get(link.rows.path) if link.rows else None
        start = queries.key_of(link.rows, own) if link.rows and own and own.single else "null"
        asked = queries.Query(f"select {start}")
        for _, expression in link.show:
            asked = (asked + ", ").fragment(expression) + "::text"
        asked += f" from {queries.source(trace.subject)}"
        if link.rows is not None and link.on is not None:
            asked = (asked + f" join {queries.source(link.rows)} on ").fragment(link.on)
        asked += f" where {subject} {table.equal} %(key)s::{table.type} limit {_MOST}"
        with transaction(self.connection, self.contract.schema, timeout=self.timeout):
            found = texts(contract_sql.ask(self.connection, asked, {"key": key}))
        labels = [label for label, _ in link.show]
        return [(row[0], dict(zip(labels, row[1:], strict=True))) for row in found]

    def _seen(
        self, trace: Trace, key: str, link: Link, rows: list[tuple[str | None, dict[str, str | None]]]
    ) -> Chapter:
        """Return the rows that the link's role sees under its policies, with the claims of its requests."""
        actor, own = link.actor, self._known.get(link.rows.path) if link.rows else None
        if actor is None or link.rows is None or own is None or not own.single:
            raise AssertionError(link.name)
        claims: str | None = None
        if actor.claims is not None:
            asked = queries.Query("select ").query(actor.claims) + "::text"
            with transaction(self.connection, self.contract.schema, timeout=self.timeout):
                row = contract_sql.ask(self.connection, asked).fetchone()
            claims = row[0] if row else None
            if claims is None:
                return self._end(link, LinkState.UNKNOWN, reason=f"there is no user for the role {actor.role}")
        keys = [row_key for row_key, _ in rows]
        try:
            seen = self._look(actor.role, claims or "", link.rows, own, keys)
        except UnknownRoleError:
            return self._end(link, LinkState.UNKNOWN, reason=f"the role {actor.role} does not exist")
        except ForeignRoleError as error:
            return self._end(link, LinkState.UNKNOWN, reason=f"permission denied: {error}")
        except _RefusedError as error:
            reason = f"the server rejects the role {actor.role}: {error}"
            return self._judged(trace, key, link, [], reason, suspect=Severity.WARNING)  # such as one policy too many
        shown = [what for row_key, what in rows if row_key in seen]
        hidden = f"{actor.role} does not see it: row security hides it" if not shown else ""
        return self._judged(trace, key, link, shown, hidden)

    def _look(
        self, role: str, claims: str, rows: AliasedTable, table: CatalogTable, keys: list[str | None]
    ) -> set[str]:
        """Return the rows that a role sees. Raises _RefusedError if the server does not let it read at all."""
        column = identifier(rows.alias, table.key[0])
        chosen = f"{column} {table.equal} any (%(keys)s::{table.type}[])"
        asked = f"select {column} from {queries.source(rows)} where {chosen}"
        with transaction(self.connection, self.contract.schema, timeout=self.timeout, row_security=True):
            act(self.connection, Acting(role, claims))
            try:
                found = self.connection.execute(queries.spelled(asked), {"keys": array([key or "" for key in keys])})
                return {row[0] or "" for row in texts(found)}
            except psycopg.Error as error:
                if not (error.sqlstate or "").startswith(_OF_ACCESS):
                    raise
                raise _RefusedError(said(error)) from None

    def _judged(
        self,
        trace: Trace,
        key: str,
        link: Link,
        rows: list[dict[str, str | None]],
        reason: str = "",
        suspect: Severity = Severity.ERROR,
    ) -> Chapter:
        if rows:
            return self._end(link, LinkState.THERE, rows=rows)
        why = self._why(link, suspect)
        unfit = any(one.severity is Severity.ERROR for one in why)
        commands = [CALLING.line("repair")] if unfit else []
        repairing, hindrance = self._repairing(trace, key, link, unfit=unfit)
        commands += repairing
        if link.lost and not unfit and not repairing:
            table = self._known[trace.subject.path]
            about = (self.connection, self.contract, trace, table, key, link.lost)
            commands += leading_back(*about, timeout=self.timeout)
        reasons = "; ".join(part for part in (reason, hindrance) if part)
        return self._end(link, LinkState.MISSING, reason=reasons, why=why, commands=commands)

    def _end(
        self,
        link: Link,
        state: LinkState,
        *,
        rows: Iterable[dict[str, str | None]] = (),
        reason: str = "",
        why: Iterable[Finding] = (),
        commands: Iterable[str] = (),
    ) -> Chapter:
        return Chapter(
            name=link.name,
            summary=link.summary,
            state=state,
            rows=tuple(rows),
            reason=reason,
            why=tuple(why),
            commands=tuple(commands),
        )

    # Why, and what to do

    def _tables(self, link: Link) -> set[ObjectPath]:
        return {path for text in _texts(link) for path in named(text, self.contract)}

    def _why(self, link: Link, least: Severity) -> list[Finding]:
        """Return the worst schema findings on the link's tables, of at least a severity."""
        relevant = self._tables(link)
        about = [one for one in self.found if one.severity >= least and tuple(one.ref.path[:2]) in relevant]
        return sorted(about, key=lambda one: (-one.severity, one.rule.code, one.ref.path))[:_MOST_WHY]

    def _repairing(self, trace: Trace, key: str, link: Link, *, unfit: bool) -> tuple[list[str], str]:
        """Return the command that repairs the link, or why there is none."""
        invariant = next((one for one in self.contract.invariants if one.name == link.invariant), None)
        if invariant is None or invariant.each.path != trace.subject.path:
            return [], ""
        if invariant.repair is None:
            if unfit or not self._breaks(key, invariant):
                return [], ""
            return [], f"no repair exists for this; a person must decide. The invariant: {invariant.summary}"
        other = () if invariant.usual else ("--invariant", invariant.name)
        command = CALLING.line("backfill", *other, operands=(key,))
        if unfit:
            return [command], ""
        promise = repairs.promise(self.connection, self.contract, invariant)
        outcome = look(self.connection, promise, key, timeout=self.timeout)
        if outcome.state is RowState.FAILED:  # it violates the invariant, and a repair is possible
            return [command], ""
        return [], outcome.reason if outcome.state is RowState.NOT_ELIGIBLE else ""

    def _breaks(self, key: str, invariant: Invariant) -> bool:
        """Whether the row violates the invariant."""
        asked = queries.still_broken(invariant, self._known[invariant.each.path])
        with transaction(self.connection, self.contract.schema, timeout=self.timeout):
            return contract_sql.ask(self.connection, asked, {"keys": array([key])}).fetchone() is not None


def _why_unknown(error: psycopg.Error) -> str:
    state = error.sqlstate or ""
    return _STOPPED.get(state) or f"PostgreSQL says: {told_of_reading(error)} ({state})"


def _texts(link: Link) -> list[str]:
    texts = [str(link.on)] if link.on is not None else []
    texts += [str(link.rows.node)] if link.rows is not None else []
    texts += [str(clause.sql) for clause in link.needed]
    texts += [str(link.actor.claims)] if link.actor is not None and link.actor.claims is not None else []
    return [*texts, *(str(expression) for _, expression in link.show)]
