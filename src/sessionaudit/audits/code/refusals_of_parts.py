"""Say what a refusal of the server means for the code: which word of it is wrong, and what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.placed_sql import COLUMN, OPERATOR, TYPE, VALUE
from sessionaudit.audits.code.verdict import CodeVerdict, meant
from sessionaudit.core import sqlstate
from sessionaudit.core.quoted_names import quoted_names
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.placed_sql import Mark
    from sessionaudit.audits.code.schema_cache.model import CachedRelation
    from sessionaudit.core.finding import Rule
    from sessionaudit.postgres.parse import ParseRefusal

# What is wrong with a statement that we composed, and not with the code.
_OF_OURS = {
    sqlstate.INDETERMINATE_DATATYPE,
    sqlstate.AMBIGUOUS_PARAMETER,
    sqlstate.GROUPING_ERROR,
    sqlstate.SYNTAX_ERROR,
    sqlstate.INDETERMINATE_COLLATION,
}
_OF_OPERATORS = {
    sqlstate.UNDEFINED_FUNCTION,
    sqlstate.DATATYPE_MISMATCH,
    sqlstate.CANNOT_COERCE,
    sqlstate.AMBIGUOUS_FUNCTION,
}
_MOST_LABELS = 12
_AS, _NULL = "as", "null"


def verdict_of(compiled: Compiled, refusal: ParseRefusal, mark: Mark | None) -> CodeVerdict | None:
    """Return what is wrong with the code, None if the refusal does not tell.

    `mark` is the part of the statement that the server points at.
    """
    if mark is None or mark.at is None:
        return None
    if refusal.state in _OF_OURS and not _taken_for_a_function(refusal.state, mark):
        return None
    rule = rules.UNKNOWN_COLUMN if _taken_for_a_function(refusal.state, mark) else _rule(refusal.state, mark)
    if rule is None:
        return None
    relation, column = mark.relation, mark.column
    expected: str | None = None
    hint = "" if refusal.state in _OF_OPERATORS else refusal.hint  # which would advise a cast that no request can have
    ref = relation.ref if relation else None
    if relation and mark.sort in {COLUMN, VALUE, OPERATOR}:
        name = column.name if column else mark.name if mark.sort == COLUMN else ""
        ref = relation.column_ref(name) if name else relation.ref
    stands_on = [one for one in (relation.ref if relation else None, ref) if one is not None]
    message = refusal.message
    if rule is rules.UNKNOWN_COLUMN and relation:
        message = f"{'.'.join(relation.path)} has no column “{mark.name}”"
        hint = _renamed(mark.name, relation) or meant(mark.name, relation.columns)
        stands_on = [relation.ref]
    elif rule is rules.WRONG_OPERATOR and mark.sort == OPERATOR and mark.of:
        message = f"“{mark.name}” cannot be used on {mark.of}"
    elif rule is rules.IMPOSSIBLE_VALUE and relation and column:
        message = f"{'.'.join(relation.path)}.{column.name} cannot be “{mark.name}”: it is of the type {column.type}"
        if column.labels:
            expected = ", ".join(column.labels)
            hint = meant(mark.name, column.labels) or _listed(column.labels)
            stands_on.append(ObjectRef("enum", (column.type_schema, column.type_name)))
        if mark.name == _NULL:
            hint = "It is compared with the text “null”: null is asked for by “is”, or by “not” and “is”."
    return CodeVerdict(
        rule=rule,
        subject=compiled.request,
        at=mark.at,
        message=message,
        state=refusal.state,
        ref=ref,
        expected=expected,
        actual=mark.name,
        hint=hint,
        stands_on=tuple(dict.fromkeys(stands_on)),
        certain=not mark.optional,
    )


def _taken_for_a_function(state: str, mark: Mark) -> bool:
    """Tell whether the server has taken a column that is not there for a function of the row, as it does with max."""
    missing = mark.sort == COLUMN and mark.column is None and mark.relation is not None
    return missing and state in {sqlstate.UNDEFINED_FUNCTION, sqlstate.WRONG_OBJECT_TYPE, sqlstate.GROUPING_ERROR}


def _renamed(name: str, relation: CachedRelation) -> str:
    """The hint for `column as other`, of which the library has left out the blanks."""
    for column in relation.columns:
        before = f"{column}{_AS}"
        if name.lower().startswith(before) and len(name) > len(before):
            return f"PostgREST has no AS: write {name[len(before) :]}:{column}."
    return ""


def _listed(labels: tuple[str, ...]) -> str:
    return f"It is one of: {', '.join(labels)}." if len(labels) <= _MOST_LABELS else ""


def _rule(state: str, mark: Mark) -> Rule | None:
    if state == sqlstate.UNDEFINED_COLUMN and mark.sort == COLUMN:
        return rules.UNKNOWN_COLUMN
    if state.startswith(sqlstate.DATA_EXCEPTION) and mark.sort == VALUE:
        return rules.IMPOSSIBLE_VALUE
    if state == sqlstate.UNDEFINED_OBJECT and mark.sort in {VALUE, TYPE}:
        return rules.IMPOSSIBLE_VALUE if mark.sort == VALUE else rules.WRONG_OPERATOR
    if state in _OF_OPERATORS:
        return rules.WRONG_OPERATOR
    if state == sqlstate.FEATURE_NOT_SUPPORTED and mark.sort == VALUE:
        return None  # a lack of this server, such as that of XML
    if state in {sqlstate.AMBIGUOUS_COLUMN, sqlstate.FEATURE_NOT_SUPPORTED}:
        return rules.REJECTED_STATEMENT
    return None


def quoted_in(message: str) -> str:
    """Return the first name that a message of the server quotes, "" if it quotes none."""
    return next(iter(quoted_names(message)), "")
