"""Decide whether two expressions mean the same to the server, by having it print both.

PostgreSQL prints an expression from its parsed form. So the expected expression is set up on an empty temporary
stand-in with the name and columns of the real relation, and printed; then the transaction is rolled back. The same
text, byte for byte, means the same expression; another text means drift. Only the stand-in is locked, and nothing
remains.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from msgspec.structs import replace

from sessionaudit.core import sqlstate
from sessionaudit.core.query import Part, Sort, alone, constant
from sessionaudit.core.ref import dotted
from sessionaudit.core.text_comparison import SAME, Answer, Question, Verdict
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import broken, limit, roll_back, told, user
from sessionaudit.postgres.masking import masked
from sessionaudit.postgres.similar_names import SimilarNames
from sessionaudit.sql import whole_row
from sessionaudit.sql.equality import same_meaning, same_words
from sessionaudit.sql.text import UnclosedError, identifier, quoted, sent, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.kind import ObjectPath, StandIn
    from sessionaudit.postgres.connection import Connection

MAY_WRITE = """
select pg_catalog.current_setting('transaction_read_only') = 'off',
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'temporary'),
       pg_catalog.current_database()::text,
       array(select n.nspname::text
               from pg_catalog.pg_extension e
               join pg_catalog.pg_namespace n on n.oid = e.extnamespace
              where n.nspname not in ('pg_catalog', 'information_schema')
              order by e.oid),
       array(select n.nspname::text
               from pg_catalog.pg_namespace n
              where not pg_catalog.has_schema_privilege(n.oid, 'usage')
                and (n.nspname = %s or exists (select from pg_catalog.pg_extension e where e.extnamespace = n.oid))
              order by n.nspname)"""
_PATH = "select pg_catalog.set_config('search_path', %s, true)"


def ask(
    connection: Connection, questions: Sequence[Question], *, schema: str, statement_timeout: float
) -> list[Answer]:
    """Let the server answer the questions, in one transaction that is rolled back.

    The answers come in the order of the questions. Raises DatabaseError.
    """
    try:
        connection.execute("begin")
        limit(connection, statement_timeout, 0.1)
        return _ask(connection, questions, schema)
    except psycopg.Error as error:
        raise broken(error, "comparing expressions") from None
    finally:
        roll_back(connection)


def _ask(connection: Connection, questions: Sequence[Question], schema: str) -> list[Answer]:
    row = connection.execute(MAY_WRITE, (schema,)).fetchone()
    if row is None:
        raise AssertionError
    writable, temporary, database, extension_schemas, closed = row
    if not writable:
        refused = Answer(Verdict.UNKNOWN, "the connection is read-only, so the server could not be asked")
        return [refused] * len(questions)
    if not temporary:
        role = user(connection)
        hint = f"grant temporary on database {quoted(database)} to {quoted(role)};"
        refused = Answer(Verdict.UNKNOWN, f"the role {role} may not create temporary tables", hint, barred=True)
        return [refused] * len(questions)
    path = ", ".join(identifier(name) for name in dict.fromkeys([schema, *extension_schemas, "pg_temp"]))
    similar = SimilarNames(connection)
    answers: dict[int, Answer] = {}
    places: dict[tuple[StandIn | None, ObjectPath], list[int]] = {}
    for index, question in enumerate(questions):
        trial = question.form.trial
        if trial is None:
            answers[index] = Answer(Verdict.UNKNOWN, "the server prints it in a form that cannot be parsed again")
        else:
            places.setdefault((trial.stand_in, trial.relation(question.ref.path)), []).append(index)
    for (stand_in, path_on), indexes in places.items():
        connection.execute("savepoint one_place")
        try:
            columns, unasked = _put(connection, stand_in, path_on) if stand_in else (frozenset[str](), None)
            printed: dict[tuple[ObjectPath, str, str], Answer] = {}
            for index in indexes:
                question = questions[index]
                if unasked is not None:
                    answers[index] = unasked
                    continue
                key = (question.ref.path, question.attribute.facet, question.texts[0])
                if key not in printed:  # a missing object is compared with many
                    answer = _printed(connection, question, path, columns)
                    if answer.unknown:
                        answer = replace(answer, hint=similar.hint(answer.state, answer.unknown[-1], [path_on]))
                    printed[key] = _perhaps_there(connection, answer, closed)
                answers[index] = _held_against(printed[key], question)
        finally:
            if not connection.broken:
                connection.execute("rollback to savepoint one_place")
                connection.execute("release savepoint one_place")
    return [answers[index] for index in range(len(questions))]


def _put(connection: Connection, stand_in: StandIn, path: ObjectPath) -> tuple[frozenset[str], Answer | None]:
    """Create the stand-in; return its columns' names, and if it fails, the answer to all questions on it."""
    columns = connection.execute(constant(stand_in.columns), {"schema": path[0], "name": path[1]}).fetchall()
    names = frozenset(name for name, _ in columns)
    try:
        connection.execute(sent(stand_in.create(identifier(path[1]), columns)))
    except psycopg.Error as error:
        if _lost(error):
            raise
        connection.execute("rollback to savepoint one_place")
        return names, _unasked(connection, error, path[0])
    return names, None


def _printed(connection: Connection, question: Question, path: str, columns: frozenset[str]) -> Answer:
    """Have the server print the expected text, which may use a whole row of the table."""
    trial, expected = question.trial, question.expected
    if trial.complete:
        expected = trial.complete(expected, question.actual)
    answer = _tried(connection, question, expected, path)
    path_on = trial.relation(question.ref.path)
    names = [name for name in (path_on[1], *trial.rows) if name not in columns]
    text, type_ = question.texts[0], dotted(path_on)
    if answer.verdict is not Verdict.INVALID or not trial.stand_in or not whole_row.mentioned(text, names):
        return answer
    lent = whole_row.lent(text, names, type_)
    if lent is None or any(whole_row.has_null(one, type_) for one in question.texts):
        return Answer(Verdict.UNKNOWN, "it uses a whole row of the table, whose type a copy cannot have")
    again = _tried(connection, question, _with_text(expected, text, lent), path)
    if again.printed is None:
        return again
    return replace(again, printed=whole_row.returned(again.printed, names, type_))


def _with_text(model: Any, text: str, other: str) -> Any:
    """Replace a text of a model by another one."""
    held = [field for field in model.__struct_fields__ if getattr(model, field) == text]
    return replace(model, **dict.fromkeys(held, other))


def _tried(connection: Connection, question: Question, expected: Any, path: str) -> Answer:
    form, trial = question.form, question.trial
    path_on, last = trial.relation(question.ref.path), question.ref.path[-1]
    on = f"pg_temp.{identifier(path_on[1])}"
    name = last if trial.stand_in else path_on[1]
    texts = trial.setup(expected, on, identifier(name) if trial.stand_in else last)
    statements = [_for_stand_in(text, path_on) for text in texts]
    connection.execute("savepoint one_question")
    if refusal := _refused_alone(connection, form.sort, form.text(expected) or ""):
        return refusal
    failure: psycopg.Error | None = None
    row: tuple[Any, ...] | None = None
    try:
        with connection.pipeline():
            try:
                connection.execute(_PATH, (path,))
                for statement in statements:
                    connection.execute(sent(statement))
                connection.execute(_PATH, ("",))
                row = connection.execute(constant(trial.read), {"on": on, "name": name}).fetchone()
            except psycopg.Error as error:  # the later ones in the pipeline fail too, with less useful errors
                failure = error
    except psycopg.Error as error:
        failure = failure or error
    if failure is not None and _lost(failure):
        raise failure
    connection.execute("rollback to savepoint one_question")
    connection.execute("release savepoint one_question")  # else each question nests deeper
    if failure is not None:
        return _refused(connection, failure, statements, question, path)
    printed = trial.pick(row[0]) if row and row[0] is not None else None
    if printed is None:
        return Answer(Verdict.UNKNOWN, "the server does not print all of it")
    return Answer(Verdict.DIFFERENT, printed=printed, whole=row[0] if row else None)


def _held_against(answer: Answer, question: Question) -> Answer:
    """Return the answer once the actual text is known."""
    if answer.printed is not None and _same_print(answer.printed, question):
        return SAME
    return answer


def _refused_alone(connection: Connection, sort: Sort | None, text: str) -> Answer | None:
    """Return why the expected text must not be put into a statement: it is not valid by itself."""
    found = contract_sql.read_alone(connection, alone(Part(sort, text))) if sort else []
    refusal = next(filter(None, found), None)
    if refusal is None:
        return None
    connection.execute("rollback to savepoint one_question")
    connection.execute("release savepoint one_question")
    return Answer(Verdict.INVALID, refusal.said, state=refusal.state, offset=refusal.offset)


def _same_print(printed: str, question: Question) -> bool:
    """Whether two texts printed by the server are the same expression.

    An expression that was dumped and restored, or is on a column whose type was altered, may be printed differently.
    """
    form, actual = question.form, question.texts[1]
    if form.wrap is None:
        return same_words(printed, actual)
    type_ = form.context(question.expected) if form.context else None
    return same_meaning(printed, actual, wrap=form.wrap, schema="", shadowed=lambda _names: False, type_=type_)


def _for_stand_in(statement: str, path: tuple[str, ...]) -> str:
    """Replace `schema.table.column` by `table.column`, because the stand-in is in another schema."""
    found = [*tokens(statement)]
    result, position = "", 0
    for first, dot, second, after in zip(found, found[1:], found[2:], found[3:], strict=False):
        if dot.text == after.text == "." and (unquote(first.text), unquote(second.text)) == path[:2]:
            result += statement[position : first.start]
            position = second.start
    return result + statement[position:]


def _perhaps_there(connection: Connection, answer: Answer, closed: Sequence[str]) -> Answer:
    """Return the answer; if it is that a name is unknown, with the grant by which the name may be found.

    A search path skips the schemas that the role may not use.
    """
    if not closed or answer.verdict is not Verdict.INVALID or answer.state not in _UNKNOWN_NAME:
        return answer
    said = f"{answer.reason}, or the role {user(connection)} may not use the schema {quoted(closed[0])}"
    return replace(answer, reason=said, hint=_usage(connection, closed[0]), barred=True)


def _usage(connection: Connection, schema: str) -> str:
    return f"grant usage on schema {quoted(schema)} to {quoted(user(connection))};"


# Errors about the text itself, not about the server's features or the role's privileges.
_UNKNOWN_NAME = sqlstate.UNDEFINED | {sqlstate.INVALID_SCHEMA_NAME}
# The schema is that of the object, or the one that the server names in its message.
_CLOSED = """
select n.nspname::text
  from pg_catalog.pg_namespace n
 where not pg_catalog.has_schema_privilege(n.oid, 'usage')
   and (n.nspname = %s or pg_catalog.strpos(%s, n.nspname) > 0)
 order by n.nspname = %s desc, pg_catalog.length(n.nspname) desc, n.nspname
 limit 1"""
_FUNCTION_THERE = "select exists (select from pg_catalog.pg_proc p where p.proname = %s)"


def _refused(
    connection: Connection, error: psycopg.Error, statements: Sequence[str], question: Question, path: str
) -> Answer:
    state = error.sqlstate or ""
    if not sqlstate.refuses_text(state):
        return _unasked(connection, error, question.trial.relation(question.ref.path)[0])
    # The definition of an object reads no row, so an unknown name comes from the contract.
    said = (
        masked(error.diag.message_primary or str(error), {})
        if state.startswith(sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION)
        else told(error)
    )
    text, position = question.texts[0], int(error.diag.statement_position or 0)
    statement = next((one for one in statements if text in one), "")
    offset = position - 1 - statement.find(text) if position and statement else -1
    if not 0 <= offset < len(text):
        offset = _offset(connection, question, path, state)
    unknown: tuple[str, ...] = ()
    if offset >= 0 and state in _UNKNOWN_NAME:
        unknown = name_at(text[offset:])
        there = connection.execute(_FUNCTION_THERE, unknown[-1:]).fetchone() if unknown else None
        if state == sqlstate.UNDEFINED_FUNCTION and there == (True,):
            unknown = ()  # the function has other arguments
    return Answer(Verdict.INVALID, said, state=state, offset=offset, unknown=unknown)


def _unasked(connection: Connection, error: psycopg.Error, schema: str) -> Answer:
    """Return the answer that the server could not be asked, with the grant that helps if USAGE is missing."""
    hint, barred = "", error.sqlstate == sqlstate.INSUFFICIENT_PRIVILEGE
    if barred:
        said = error.diag.message_primary or ""
        closed = connection.execute(_CLOSED, (schema, said, schema)).fetchone()
        hint = _usage(connection, closed[0]) if closed else ""
    return Answer(Verdict.UNKNOWN, f"the server could not be asked: {told(error)}", hint, barred=barred)


def _offset(connection: Connection, question: Question, path: str, state: str) -> int:
    """Return the character that the server points at when it parses the text in a query; -1 for another error.

    For ALTER TABLE the server gives no position. The query is only parsed.
    """
    after = {
        Sort.EXPRESSION: ("select (", f"\n) from pg_temp.{identifier(question.trial.relation(question.ref.path)[1])}"),
        Sort.TYPE: ("select null::", "\n"),
    }
    sides = after.get(question.form.sort) if question.form.sort else None
    if sides is None or not question.trial.stand_in:
        return -1
    connection.execute("savepoint one_place")
    connection.execute(_PATH, (path,))
    refusal = contract_sql.read_alone(connection, [(sides[0], question.texts[0], sides[1])])[0]
    connection.execute("rollback to savepoint one_place")
    connection.execute("release savepoint one_place")
    return refusal.offset if refusal is not None and refusal.state == state else -1


def name_at(text: str) -> tuple[str, ...]:
    """Return the parts of the name with which a text begins; none if it begins with something else."""
    parts: list[str] = []
    with suppress(UnclosedError):  # the text may begin inside of a function's body, whose end opens a quote here
        for place, token in enumerate(tokens(text)):
            if place % 2 == 0 and token.sort in {"word", "quoted"}:
                parts.append(unquote(token.text))
            elif place % 2 == 0 or token.text != ".":
                break
    return tuple(parts)


def _lost(error: psycopg.Error) -> bool:
    return not error.sqlstate or sqlstate.ends_connection(error.sqlstate)
