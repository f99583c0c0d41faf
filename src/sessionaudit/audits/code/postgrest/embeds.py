"""Find the relationship that an embedding means, or the function that a call means, as PostgREST does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.postgrest.grammar import QueryError
from sessionaudit.core.node import close

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.audits.code.schema_cache.model import RelationPath, Relationship, Routine, SchemaCache

NO_RELATIONSHIP, SEVERAL_RELATIONSHIPS = "PGRST200", "PGRST201"
NO_FUNCTION, SEVERAL_FUNCTIONS = "PGRST202", "PGRST203"


class UnfitNameError(QueryError):
    """PostgREST finds none, or several; `hint` says what to write instead."""

    def __init__(self, message: str, state: str, hint: str = "") -> None:
        super().__init__(message, 0, state)
        self.hint = hint


def relationship(cache: SchemaCache, origin: RelationPath, target: str, hint: str) -> Relationship:
    """Return the way from a relation to the one that is embedded. Raises UnfitNameError."""
    schema = origin[0]
    ways = [one for one in cache.relationships.get(origin, ()) if _schema(one) == schema]
    fit = [one for one in ways if _fits(one, target, hint)]
    if len(fit) == 1:
        return fit[0]
    if not fit:
        message = f"no relationship leads from {'.'.join(origin)} to “{target}”"
        if hint:
            message += f" by “{hint}”"
        raise UnfitNameError(message, NO_RELATIONSHIP, _hint(cache, origin, target, hint))
    message = f"{len(fit)} relationships lead from {'.'.join(origin)} to “{target}”"
    raise UnfitNameError(message, SEVERAL_RELATIONSHIPS, _one_of(ways, fit))


def _schema(one: Relationship) -> str:
    return one.function[0] if one.function else one.foreign[0]


def _fits(one: Relationship, target: str, hint: str) -> bool:
    """As `findRel` of PostgREST's Plan.hs."""
    if one.function:
        return target == one.function[1]
    named = target == one.foreign[1]
    by_key = one.cardinality in {"m2o", "o2m", "o2o"}
    single = one.columns[0] if by_key and len(one.columns) == 1 else ("", "")
    if one.is_self:
        if not hint:
            return (named and one.cardinality == "o2m") or (one.cardinality == "m2o" and target == single[0] != "")
        return named and one.cardinality == "o2m" and hint == single[1]
    if not hint:
        constraint = by_key and target == one.constraint and not one.foreign_is_view
        return named or constraint or (target == single[0] != "" and not one.foreign_is_view)
    junction = one.junction is not None and hint == one.junction[1]
    return named and ((by_key and hint == one.constraint) or hint in {single[0], single[1]} - {""} or junction)


def _written(one: Relationship, target: str) -> str:
    if one.function:
        return one.function[1]
    if one.junction:
        return f"{target}!{one.junction[1]}"
    if one.is_self:  # of which only the column tells one way from the other
        own, other = one.columns[0]
        return own if one.cardinality == "m2o" else f"{target}!{other}"
    return f"{target}!{one.constraint}"


def _one_of(ways: Sequence[Relationship], meant: Sequence[Relationship]) -> str:
    """Return the hint that names some ways, those that can be told from all others."""
    named = {_written(one, one.foreign[1]) for one in meant}
    clear = [word for word in sorted(named) if _number_of(ways, *word.partition("!")[::2]) == 1]
    return f"Write {'one of: ' if len(clear) > 1 else ''}{', '.join(clear)}." if clear else ""


def _number_of(ways: Sequence[Relationship], target: str, hint: str) -> int:
    return sum(_fits(one, target, hint) for one in ways)


def _hint(cache: SchemaCache, origin: RelationPath, target: str, hint: str) -> str:
    schema = origin[0]
    ways = [one for one in cache.relationships.get(origin, ()) if _schema(one) == schema]
    there = [one for one in ways if target in {one.foreign[1], one.constraint, *(own for own, _ in one.columns)}]
    if hint and there:
        return _one_of(ways, there)
    for one in cache.hidden.get(origin, ()):
        names = {one.foreign[1], one.constraint, *(own for own, _ in one.columns)}
        if target in names or (hint and hint in names):
            return f"The foreign key {one.constraint} leads to {'.'.join(one.foreign)}, which the API does not expose."
    for one in cache.loose.get(origin, ()):
        if target == one.foreign[1] and one.junction:
            return (
                f"{'.'.join(one.junction)} has foreign keys to both, but they are not part of its primary key: "
                f"embed {one.junction[1]}, and {target} in that."
            )
    if (schema, target) in cache.relations:
        return ""
    return close(target, {one.foreign[1] for one in ways})


def routine(cache: SchemaCache, path: RelationPath, given: Collection[str], *, by_post: bool) -> Routine:
    """Return the function that is called with arguments of these names. Raises UnfitNameError."""
    named = cache.routines.get(path, ())
    fit = [one for one in named if _takes(one, frozenset(given))]
    whole = [one for one in named if by_post and len(one.parameters) == 1 and not one.parameters[0].name]
    whole = [one for one in whole if one.parameters[0].type in {"json", "jsonb"}]
    if len(fit) == 1 or (not fit and len(whole) == 1):
        return (fit or whole)[0]
    spelled = ".".join(path)
    if fit or whole:
        candidates = " and ".join(f"{'.'.join(one.path)}({one.signature})" for one in fit or whole)
        raise UnfitNameError(
            f"several functions {spelled} take these arguments: {candidates}",
            SEVERAL_FUNCTIONS,
            "Rename a parameter of one of them, or drop one.",
        )
    arguments = f"the arguments {', '.join(sorted(given))}" if given else "no arguments"
    message = f"no function {spelled} takes {arguments}" if named else f"there is no function {spelled}"
    if named:
        hint = f"It is {' or '.join(f'{one.path[1]}({one.signature})' for one in named)}."
    else:
        hint = close(path[1], {name for schema, name in cache.routines if schema == path[0]})
    raise UnfitNameError(message, NO_FUNCTION, hint)


def may_take(one: Routine, given: Collection[str]) -> bool:
    """Whether a function takes these arguments, if others may be given, too."""
    return frozenset(given) <= {parameter.name for parameter in one.parameters}


def _takes(one: Routine, given: frozenset[str]) -> bool:
    required = {parameter.name for parameter in one.parameters if parameter.required}
    optional = {parameter.name for parameter in one.parameters} - required
    return required <= given <= required | optional
