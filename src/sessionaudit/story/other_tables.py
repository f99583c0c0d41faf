"""Tell of which other table a key is, and which stories that row is a part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.audits.data.keys import texts
from sessionaudit.audits.data.lookup import Finder
from sessionaudit.audits.data.transaction import said, transaction
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import dotted
from sessionaudit.postgres import contract_sql

if TYPE_CHECKING:
    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.model import Contract
    from sessionaudit.contract.trace import Link, Trace
    from sessionaudit.postgres.connection import Connection

_MOST = 3


class TracedTable(NamedTuple):
    """What is asked: the story's definition, and the table of its subject."""

    trace: Trace
    table: CatalogTable


class FoundStories(NamedTuple):
    """The keys of subjects whose links lead to a row, and why others may do so that were not found."""

    keys: list[str]
    unknown: list[str]


def elsewhere(connection: Connection, contract: Contract, asked: TracedTable, lookup: Lookup, *, timeout: float) -> str:
    """Return a sentence on the row of another table of the contract that a text is the key of, or "".

    Looked at are the tables of the links and of the invariants. Raises psycopg.Error, but not for the SQL of a link.
    """
    trace = asked.trace
    links = [link.rows for link in trace.links if link.rows is not None]
    rows = {one.path: one for one in (*(one.each for one in contract.invariants), *links)}
    rows.pop(trace.subject.path, None)
    for path, table in tables(connection, rows).items():
        if not table.single:
            continue
        finder = Finder(connection=connection, schema=contract.schema, rows=rows[path], table=table, timeout=timeout)
        hit = finder.find(lookup.given).hit
        if hit is None:
            continue
        told = f"It is the key of a row of {dotted(path)}"
        leading = [link for link in trace.links if link.rows is not None and link.rows.path == path]
        stories = _stories(connection, contract, asked, leading, (table, hit.key), timeout=timeout)
        lines = [f"`{CALLING.line('trace', operands=(key,))}`" for key in stories.keys]
        if lines:
            return f"{told}: {' or '.join(lines)} tells its story."
        if not leading:
            return f"{told}, and no link of the story is about that table."
        if stories.unknown:
            return f"{told}. Its story is not known: {'; '.join(stories.unknown)}."
        return f"{told}, to which no row of {dotted(trace.subject.path)} leads, so that it has no story."
    return ""


def _stories(
    connection: Connection,
    contract: Contract,
    asked: TracedTable,
    links: list[Link],
    row: tuple[CatalogTable, str],
    *,
    timeout: float,
) -> FoundStories:
    """Return some subjects whose links lead to a row, by its table and key."""
    found: dict[str, None] = {}
    unknown: list[str] = []
    own, key = row
    for link in links:
        if link.rows is None or link.on is None:
            continue
        subject = queries.key_of(asked.trace.subject, asked.table)
        query = queries.Query(f"select {subject} from {queries.source(asked.trace.subject)}")
        query = (query + f" join {queries.source(link.rows)} on ").fragment(link.on)
        query += f" where {queries.key_of(link.rows, own)} {own.equal} %(key)s::{own.type} order by 1 limit {_MOST}"
        try:
            with transaction(connection, contract.schema, timeout=timeout):
                rows = texts(contract_sql.ask(connection, query, {"key": key}))
        except psycopg.Error as error:
            if connection.closed:
                raise
            unknown.append(f"the link {link.name} cannot be followed: {said(error)}")
            continue
        found.update(dict.fromkeys(one[0] or "" for one in rows))
    return FoundStories([*found][:_MOST], unknown)
