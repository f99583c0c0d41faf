"""Judge the statements of SQL in code: PostgreSQL parses each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.model import Span
from sessionaudit.audits.code.refusals_of_parts import quoted_in
from sessionaudit.audits.code.verdict import CodeVerdict, Judgement, NotJudged
from sessionaudit.core import sqlstate
from sessionaudit.postgres.parse import parse_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.code.model import CodeStatement
    from sessionaudit.core.finding import Rule
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.postgres.parse import ParseRefusal

# What the server cannot tell without knowing more than the text: the types of parameters, and the rights of others.
_NOT_OF_THE_TEXT = {
    sqlstate.INDETERMINATE_DATATYPE,
    sqlstate.AMBIGUOUS_PARAMETER,
    sqlstate.INSUFFICIENT_PRIVILEGE,
    sqlstate.INVALID_SCHEMA_NAME,
}
_SEVERAL = "cannot insert multiple commands into a prepared statement"
_OPERATOR = "operator"
# As PostgreSQL 13 has it, with the code of a syntax error.
_GENERATED = re.compile(r"cannot insert into column|column .* can only be updated to DEFAULT")
# A name, a literal, or an operator.
_WORD = re.compile(r"""(?:[\w$.]|"(?:[^"]|"")*")+|'(?:[^']|'')*'|[^\w\s"']+""")
_RULES = {
    sqlstate.UNDEFINED_TABLE: rules.UNKNOWN_TABLE,
    sqlstate.UNDEFINED_COLUMN: rules.UNKNOWN_COLUMN,
    sqlstate.UNDEFINED_FUNCTION: rules.UNKNOWN_FUNCTION,
    sqlstate.AMBIGUOUS_FUNCTION: rules.AMBIGUOUS_FUNCTION,
    sqlstate.DATATYPE_MISMATCH: rules.WRONG_OPERATOR,
    sqlstate.CANNOT_COERCE: rules.WRONG_OPERATOR,
    sqlstate.GENERATED_ALWAYS: rules.GENERATED_COLUMN,
}


def judge_statements(connection: Connection, statements: Sequence[CodeStatement], result: Judgement) -> None:
    """Parse statements in the open transaction, and add what is wrong with them. Raises psycopg.Error."""
    texts = list(dict.fromkeys(one.text for one in statements))
    known = dict(zip(texts, parse_all(connection, texts), strict=True))
    result.parsed += len(texts)
    for one in statements:
        refusal = known[one.text]
        if refusal is None:
            result.proven += 1
        elif refusal.state in _NOT_OF_THE_TEXT or refusal.message == _SEVERAL:
            result.not_judged.append(NotJudged(one.at, refusal.message, one.text))
        else:
            result.verdicts.append(_verdict(one, refusal))


def _verdict(statement: CodeStatement, refusal: ParseRefusal) -> CodeVerdict:
    return CodeVerdict(
        rule=_rule(refusal),
        subject=statement,
        at=place_in(statement, refusal.position or _position_of(statement, quoted_in(refusal.message))),
        message=refusal.message,
        state=refusal.state,
        actual=quoted_in(refusal.message) or None,
        hint=refusal.hint,
        sql=statement.text,
    )


def _position_of(statement: CodeStatement, name: str) -> int:
    """Where a name stands, if it stands in one place; else 0."""
    return statement.text.index(name) + 1 if name and statement.text.count(name) == 1 else 0


def _rule(refusal: ParseRefusal) -> Rule:
    if refusal.state.startswith(sqlstate.DATA_EXCEPTION):
        return rules.IMPOSSIBLE_VALUE
    if refusal.state == sqlstate.UNDEFINED_FUNCTION and refusal.message.startswith(_OPERATOR):
        return rules.WRONG_OPERATOR
    if refusal.state == sqlstate.SYNTAX_ERROR and _GENERATED.match(refusal.message):
        return rules.GENERATED_COLUMN
    return _RULES.get(refusal.state, rules.REJECTED_STATEMENT)


def place_in(statement: CodeStatement, position: int) -> Span:
    """Return the place of the character at a position of the text, which counts from 1; the whole, without one."""
    offset = position - 1
    before = [one for one in statement.places if one[0] <= offset]
    if position < 1 or not before:
        return statement.at
    start, at = before[-1]
    skipped = statement.text[start:offset]
    lines = skipped.count("\n")
    column = len(skipped) - skipped.rfind("\n") if lines else at.column + len(skipped)
    word = _WORD.match(statement.text, offset)
    length = len(word[0]) if word else 1
    line = at.line + lines
    if (line, column) >= (at.end_line, at.end_column):
        return at
    return Span(at.file, line, column, line, column + length)
