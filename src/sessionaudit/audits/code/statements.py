"""Judge the statements of SQL in code: PostgreSQL parses each, and plans those that write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.model import Fate, Span
from sessionaudit.audits.code.refusals_of_parts import quoted_in
from sessionaudit.audits.code.schema_cache.model import refs_of_column
from sessionaudit.audits.code.verdict import CodeVerdict, Judgement, NotJudged
from sessionaudit.audits.code.written_nulls import written_nulls
from sessionaudit.core import sqlstate
from sessionaudit.postgres.parse import parse_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.audits.code.model import CodeStatement
    from sessionaudit.audits.code.written_nulls import PlanFault
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
# Statements of which a parse looks up no name.
_UTILITY = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:truncate|refresh)\b", re.IGNORECASE | re.DOTALL)
_NOT_LOOKED_UP = "the server looks its names up only when it runs"
# What is told of a name that stands in a schema of the search path into which the role may not look.
_OF_PATH = {sqlstate.UNDEFINED_TABLE, sqlstate.UNDEFINED_FUNCTION, sqlstate.UNDEFINED_OBJECT}
_CLOSED = "the role that judges may not look into each schema of the search path"
# What depends on the types of parameters.
_OF_TYPES = {
    *(sqlstate.UNDEFINED_FUNCTION, sqlstate.AMBIGUOUS_FUNCTION, sqlstate.DATATYPE_MISMATCH, sqlstate.CANNOT_COERCE),
    *(sqlstate.INVALID_TEXT_REPRESENTATION, sqlstate.WRONG_OBJECT_TYPE),
}
_TRIED = ("text", "bigint", "timestamptz", "text[]")
_FUNCTIONS = "select distinct p.proname::text from pg_catalog.pg_proc p where p.proname = any (%s)"
_FUNCTION = re.compile(r"function ([^(]+)\(")
_PARAMETER = re.compile(r"\$\d+")
_PLACEHOLDER_IN_TEXT = re.compile(r"'(?:[^']|'')*%(?:s|\()")
_IN_PART = "a part of the statement is not known"
_BY_TYPES = "the client gives the parameters types, which the text does not tell"
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
    nulls = written_nulls(connection, [text for text in texts if known[text] is None])
    by_types = _by_types(connection, [one.text for one in statements if one.typed], known)
    for one in statements:
        refusal = known[one.text]
        if refusal is None and _UTILITY.match(one.text):
            result.not_judged.append(NotJudged(one.at, _NOT_LOOKED_UP, one.text))
        elif refusal is None and one.text in nulls:
            result.verdicts += [_of_plan(one, fault) for fault in nulls[one.text].faults]
            result.not_judged += [NotJudged(one.at, why, one.text, parsed=True) for why in nulls[one.text].doubts]
        elif refusal is None:
            result.proven += 1
        elif refusal.state in _NOT_OF_THE_TEXT or refusal.message == _SEVERAL:
            result.not_judged.append(NotJudged(one.at, refusal.message, one.text))
        elif result.skipped and refusal.state in _OF_PATH and "." not in quoted_in(refusal.message):
            result.not_judged.append(NotJudged(one.at, f"{_CLOSED}: {refusal.message}", one.text))
        elif _in_part(one, refusal):
            result.not_judged.append(NotJudged(one.at, f"{_IN_PART}: {refusal.message}", one.text))
        elif one.typed and one.text in by_types:
            result.not_judged.append(NotJudged(one.at, f"{_BY_TYPES}: {refusal.message}", one.text))
        else:
            result.verdicts.append(_verdict(one, refusal))


def _in_part(one: CodeStatement, refusal: ParseRefusal) -> bool:
    """Whether the server stumbles over what stands for a part that is not known, which need not be a value.

    A text that ends too early, and that is not run where it stands, is a part itself.
    """
    if one.typed and _PLACEHOLDER_IN_TEXT.match(one.text, max(refusal.position - 1, 0)):
        return True  # where the client writes literals, it is replaced even there
    if refusal.state != sqlstate.SYNTAX_ERROR:
        return False
    if refusal.position > len(one.text.rstrip()):
        return one.fate is Fate.UNKNOWN or "$1" in one.text
    return _PARAMETER.match(one.text, refusal.position - 1) is not None


def _by_types(connection: Connection, texts: Sequence[str], known: Mapping[str, ParseRefusal | None]) -> set[str]:
    """Return the statements whose refusal may be due to the types that the server infers for their parameters.

    It is not where the parameters may have any type, and the server says the same. That a literal is wrong is doubted
    only where it is right with some type.
    """
    asked: dict[str, ParseRefusal] = {}
    for text in texts:
        refusal = known[text]
        if refusal is not None and refusal.state in _OF_TYPES and _PARAMETER.search(text):
            asked[text] = refusal
    if not asked:
        return set()
    tried = [(text, _PARAMETER.sub(rf"(\g<0>::{type_})", text)) for text in asked for type_ in _TRIED]
    answers = parse_all(connection, [typed for _, typed in tried])
    there = _there(connection, {_called(refusal) for refusal in asked.values()})
    found: set[str] = set()
    for (text, _), answer in zip(tried, answers, strict=True):
        refusal = asked[text]
        nowhere = refusal.state == sqlstate.UNDEFINED_FUNCTION and _called(refusal) and _called(refusal) not in there
        of_literal = refusal.state.startswith(sqlstate.DATA_EXCEPTION)
        if not nowhere and (answer is None or (answer.message != refusal.message and not of_literal)):
            found.add(text)
    return found


def _called(refusal: ParseRefusal) -> str:
    """The function that a refusal names without its schema, "" if it is about something else."""
    match = _FUNCTION.match(refusal.message)
    return match[1].rpartition(".")[2].strip('"') if match else ""


def _there(connection: Connection, names: Iterable[str]) -> frozenset[str]:
    """Return which functions there are, whatever their arguments."""
    asked = [name for name in names if name]
    if not asked:
        return frozenset()
    rows = connection.execute(_FUNCTIONS, (asked,)).fetchall()
    return frozenset(name for (name,) in rows)


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


def _of_plan(statement: CodeStatement, fault: PlanFault) -> CodeVerdict:
    about = refs_of_column(fault.path, fault.column) if fault.path else ()
    omitted = fault.rule is rules.OMITTED_COLUMN
    return CodeVerdict(
        rule=fault.rule,
        subject=statement,
        at=place_in(statement, fault.position),
        message=fault.message,
        state=fault.state,
        ref=about[-1] if about else None,
        expected=fault.column if omitted else None,
        actual=fault.column if omitted else "null" if about else None,
        hint=fault.hint,
        sql=statement.text,
        stands_on=about,
        certain=False,  # an insert by a query, and an update, may meet no row
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
