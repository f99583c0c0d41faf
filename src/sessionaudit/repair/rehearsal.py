"""Try changes of tables on empty copies before anything is changed, in a transaction that is rolled back.

Only PostgreSQL can tell whether the dependents of a column fit its new type. A dependent that does not even fit the
unchanged copy, such as a call with the table's row type, proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.core.held_back import Reason
from sessionaudit.core.query import constant
from sessionaudit.core.ref import dotted
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.postgres.connection import broken, limit, roll_back, told
from sessionaudit.postgres.masking import masked
from sessionaudit.sql.text import quoted, sent, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessionaudit.core.step import Rehearsal
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.repair.plan import Plan

_HELP = "Change it first, or drop it and recreate it yourself."
# A column, table, type or function that a later step creates, or that the role may not see.
_UNKNOWN = sqlstate.UNDEFINED | {sqlstate.INSUFFICIENT_PRIVILEGE}
_MAY = """
select pg_catalog.current_setting('transaction_read_only') = 'off'
       and pg_catalog.has_database_privilege(pg_catalog.current_database(), 'temporary')"""
# The kinds of dependents that PostgreSQL rebuilds itself.
_INDEXES = """
select pg_catalog.format('index %s', i.indexrelid::pg_catalog.regclass), pg_catalog.pg_get_indexdef(i.indexrelid)
  from pg_catalog.pg_index i
 where i.indrelid = pg_catalog.to_regclass(%(relation)s) and i.indexprs is null and i.indpred is null and i.indisvalid
 order by 1"""


class _Copies(NamedTuple):
    """The connection, and the copy of each relation."""

    connection: Connection
    names: Mapping[tuple[str, ...], str]

    def run(self, statement: str) -> psycopg.Error | None:
        """Run a statement on the copies; return its error, after undoing it."""
        self.connection.execute("savepoint trying")
        try:
            self.connection.execute(sent(_renamed(statement, self.names)))
        except psycopg.Error as error:
            if not error.sqlstate or sqlstate.ends_connection(error.sqlstate):
                raise
            self.connection.execute("rollback to savepoint trying")
            return error
        finally:
            if not self.connection.broken and not self.connection.closed:
                self.connection.execute("release savepoint trying")
        return None


def rehearse(connection: Connection, plan: Plan) -> dict[int, Reason]:
    """Try the steps that can be tried; return the reason for each that fails. Raises DatabaseError."""
    tried = [(place, step.rehearsal) for place, step in enumerate(plan.steps) if step.rehearsal]
    found: dict[int, Reason] = {}
    if not tried:
        return found
    try:
        connection.execute("begin")
        limit(connection, 10, 0.1)
        if connection.execute(_MAY).fetchone() != (True,):
            return found
        with UNDERWAY.doing("trying steps", len(tried)) as trying:
            for place, rehearsal in trying.over(tried):
                connection.execute("savepoint one_step")
                if reason := _refused(connection, rehearsal, plan.path):
                    found[place] = Reason(reason, _HELP, reason, again=True)
                connection.execute("rollback to savepoint one_step")
                connection.execute("release savepoint one_step")
    except psycopg.Error as error:
        raise broken(error, "trying the plan on empty copies") from None
    finally:
        roll_back(connection)
    return found


def _refused(connection: Connection, rehearsal: Rehearsal, path: Iterable[str]) -> str:
    """Return why PostgreSQL rejects a step, as far as an empty copy can show it; "" if it does not."""
    relations = (*rehearsal.tables, *rehearsal.views)
    names = {relation: f"pg_temp.{quoted(relation[1])}" for relation in relations}
    copies = _Copies(connection, names)
    if len(set(names.values())) < len(names):
        return ""
    for table in rehearsal.tables:
        made = f"create temporary table {quoted(table[1])} (like {dotted(table)} including defaults)"
        if _Copies(connection, {}).run(made):
            return ""
    asked = constant(_INDEXES)
    indexes = [
        row for table in rehearsal.tables for row in connection.execute(asked, {"relation": dotted(table)}).fetchall()
    ]
    after = (*rehearsal.after, *indexes)
    connection.execute("savepoint copied")
    for statement in rehearsal.before:
        if copies.run(statement):
            return ""
    fitting = [not copies.run(statement) for _, statement in after]
    connection.execute("rollback to savepoint copied")
    search = ", ".join(map(quoted, path))
    for setting in (("search_path", search),):
        connection.execute("select pg_catalog.set_config(%s, %s, true)", setting)
    for statement in (*rehearsal.before, *rehearsal.change):
        if error := copies.run(statement):
            return "" if error.sqlstate in _UNKNOWN else f"PostgreSQL rejects it: {told(error)}"
    connection.execute("select pg_catalog.set_config('search_path', '', true)")
    reasons = [
        f"the {name} does not fit {rehearsal.fits}: {_said(error)}"
        for (name, statement), fits in zip(after, fitting, strict=True)
        if fits and (error := copies.run(statement))
    ]
    return "; ".join(reasons)


def _said(error: psycopg.Error) -> str:
    """Return the server's message; a definition reads no row, so quoted names are those of types and functions."""
    if (error.sqlstate or "").startswith(sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION):
        return masked(error.diag.message_primary or str(error), {})
    return told(error)


def _renamed(statement: str, names: Mapping[tuple[str, ...], str]) -> str:
    """Rewrite a statement for the copies."""
    found = [*tokens(statement)]
    result, position = "", 0
    for first, dot, second in zip(found, found[1:], found[2:], strict=False):
        if dot.text != "." or first.start < position or first.sort not in {"word", "quoted"}:
            continue
        if name := names.get((unquote(first.text), unquote(second.text))):
            result += statement[position : first.start] + name
            position = second.end
    return result + statement[position:]
