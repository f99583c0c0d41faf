"""Find out whether an index supports the join of an invariant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.data.queries import source
from sessionaudit.core.query import Query
from sessionaudit.postgres import contract_sql
from sessionaudit.sql.text import tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.postgres.connection import Connection

# With these settings off, a plan reads a whole table only if there is no other way. Materialize must be off because of
# old statistics: a table that seems empty would be read whole, and searched for every row.
_BY_INDEX = """
select pg_catalog.set_config('enable_seqscan', 'off', true),
       pg_catalog.set_config('enable_hashjoin', 'off', true),
       pg_catalog.set_config('enable_mergejoin', 'off', true),
       pg_catalog.set_config('enable_material', 'off', true),
       pg_catalog.set_config('jit', 'off', true)"""

# An index condition that compares with a column of another table, or with one of the keys; nulls are few.
_OF_A_KEY = re.compile(r"= (?:ANY|CASE|\(*\"?\w+\"?\.)|IS NULL")


def by_index(connection: Connection) -> None:
    """Make the planner use indexes and nested loops where it can, for the rest of the transaction."""
    connection.execute(_BY_INDEX)


def by_scan(connection: Connection) -> None:
    """Make the planner join whole tables, for the rest of the transaction: for many keys without an index."""
    connection.execute("select pg_catalog.set_config('enable_nestloop', 'off', true)")


def advice(connection: Connection, invariant: Invariant) -> str | None:
    """Return the index to create if none supports the join; "" if that is unknown, None if there is one.

    It uses the query plan for a single row, which does not depend on data and statistics. Changes settings of the
    transaction.
    """
    if invariant.has is None or invariant.on is None:
        return None
    probe = Query(f"explain (format json) select (select true from {source(invariant.has)} where ")
    probe = probe.fragment(invariant.on) + f" limit 1) from {source(invariant.each)}"
    by_index(connection)
    row = contract_sql.ask(connection, probe).fetchone()
    if row is None or _finds(row[0][0]["Plan"], invariant.has.alias):
        return None
    parts = sorted(set(_linked(invariant.on, invariant.has.alias, invariant.each.alias)))
    if not parts:
        return ""
    return f"create index concurrently on {source(invariant.has).partition(' as ')[0]} ({', '.join(parts)})"


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a plan's node and all nodes below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def _finds(plan: dict[str, Any], alias: str) -> bool:
    """Whether the plan finds rows of the table with this alias by an index, without reading all of it."""
    touching = [node for node in nodes(plan) if node.get("Alias") == alias]
    return bool(touching) and all("Index Cond" in node or "Recheck Cond" in node for node in touching)


def walks(connection: Connection, statement: Query, parameters: dict[str, Any]) -> bool:
    """Whether a statement can use indexes alone, for any number of keys."""
    by_index(connection)
    row = contract_sql.ask(connection, Query("explain (format json) ").include(statement), parameters).fetchone()
    return row is not None and not any(_reads_all(node) for node in nodes(row[0][0]["Plan"]))


def _reads_all(node: dict[str, Any]) -> bool:
    """Whether a node reads more of its table than the rows of the keys: without an index, or with a constant."""
    if "Relation Name" not in node or "Scan" not in node["Node Type"]:
        return False
    conditions = " ".join(str(below.get("Index Cond", "")) for below in nodes(node))
    return not _OF_A_KEY.search(conditions)


def _linked(on: str, has: str, each: str) -> Iterator[str]:
    """Return the sides of the condition's equations that use only columns of `has`, as an index spells them."""
    for clause in _split(on, "and"):
        sides = _split(clause, "=")
        for side in sides if len(sides) == 2 else ():
            mentioned = {unquote(found) for found in re.findall(r"([A-Za-z_]\w*|\"[^\"]+\")\s*\.", side)}
            if mentioned == {has} and has != each:
                bare = re.sub(rf"(?<![\w.\"])(?:{re.escape(has)}|\"{re.escape(has)}\")\s*\.\s*", "", side).strip()
                yield bare if re.fullmatch(r"\w+", bare) else f"({bare})"


def _split(text: str, word: str) -> list[str]:
    parts: list[str] = []
    start = depth = 0
    for token in tokens(text):
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        if depth == 0 and token.text.lower() == word:
            parts.append(text[start : token.start])
            start = token.end
    return [*parts, text[start:]]
