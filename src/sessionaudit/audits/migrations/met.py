"""What a statement with IF NOT EXISTS would have made, had the object not been there.

A table is made by the same statement in an empty schema of its own, read with our own kinds, and removed. Of another
object it is only said that it was met.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.audits.migrations.causes import missing_names
from sessionaudit.audits.migrations.effects import differing_facets
from sessionaudit.core import sqlstate
from sessionaudit.core.ref import ObjectRef
from sessionaudit.embedded.replay import RefusedSessionError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.sql.text import identifier, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.audits.migrations.effects import MetExisting
    from sessionaudit.audits.migrations.running import Remark
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.embedded.replay import Replay
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.sql.statements import SqlStatement

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

SCRATCH = "sessionaudit_scratch"
_MET = {sqlstate.DUPLICATE_TABLE, sqlstate.DUPLICATE_OBJECT, sqlstate.DUPLICATE_COLUMN, sqlstate.DUPLICATE_SCHEMA}
_SKIPPED = re.compile(r'"(.+?)"(?: of relation "(.+)")? already exists, skipping', re.DOTALL)
_NAMES = {"word", "quoted"}
_OF_SESSIONS = {("alter", "role"), ("alter", "database"), ("alter", "user")}


class Met(NamedTuple):
    """A statement that met an object, by its number, and where its text names that, if it does so in the usual way."""

    number: int
    path: tuple[str, ...]
    start: int = 0
    end: int = 0


def met(found: Sequence[SqlStatement], remarks: Iterable[Remark]) -> list[Met]:
    """The statements that met an object, according to what the server remarked."""
    result: list[Met] = []
    for remark in remarks:
        match = _SKIPPED.search(remark.message) if remark.state in _MET else None
        if match is None:
            continue
        name, relation = match[1], match[2]
        named = _named(found[remark.number])
        if named and named.path[-1] == (relation or name):
            path = (*named.path, name) if relation else named.path
            result.append(named._replace(number=remark.number, path=path))
        else:
            result.append(Met(remark.number, (relation, name) if relation else (name,)))
    return result


def _named(statement: SqlStatement) -> Met | None:
    """The name that comes first in a statement: behind IF NOT EXISTS, and behind TABLE where it is altered."""
    words = list(tokens(statement.text))
    texts = [word.text.lower() for word in words]
    for place in range(len(texts) - 3):
        if texts[place : place + 3] == ["if", "not", "exists"]:
            at = place + 3
            break
    else:
        return None
    if texts[0] == "alter":
        at = 2 + 2 * (texts[2:4] == ["if", "exists"])
        at += texts[at] == "only"
    parts: list[str] = []
    end = at
    while end < len(words) and words[end].sort in _NAMES:
        parts.append(unquote(words[end].text))
        end += 1
        if end >= len(words) or words[end].text != ".":
            break
        end += 1
    if not parts:
        return None
    return Met(0, tuple(parts), words[at].start, words[end - 1].end)


def searches_elsewhere(found: Sequence[SqlStatement]) -> bool:
    """Whether statements set search_path, or make what is temporary, so that a name without a schema may be in any."""
    return any(
        (one.words[0] == "set" and "search_path" in one.words[:4])
        or ("set_config" in one.words and "search_path" in one.text)
        or (one.words[0] == "create" and {"temp", "temporary"} & {*one.words[1:4]} != set())
        or (one.words[:2] in _OF_SESSIONS and "search_path" in one.text)
        for one in found
    )


def located(path: tuple[str, ...], objects: Objects, *, elsewhere: bool = False) -> ObjectRef | None:
    """The object that was met: the one with this path, or the only one of that name.

    None where several have it, or `elsewhere` tells that the path of a search is another one.
    """
    found = [
        ObjectRef(kind.name, there)
        for kind in KINDS
        if kind.is_relation or not kind.on_relation
        for there in objects.get(kind.name, ())
        if there[-len(path) :] == path
    ]
    parts = [
        ObjectRef(kind.name, there)
        for kind in KINDS
        if kind.on_relation and not kind.is_relation
        for there in objects.get(kind.name, ())
        if there[-len(path) :] == path or (len(path) < len(there) and (there[0], there[-1]) == path)
    ]
    every = found or parts
    schemas = {ref.path[0] for ref in every if len(ref.path) > 1}
    named = len(path) > 1 and path[0] in schemas
    if schemas and not named and (len({ref.path[:1] for ref in every}) > 1 or elsewhere):
        return None
    return next(iter(every), None)


def would_make(
    replay: Replay, reading: Connection, one: Met, statement: SqlStatement, ref: ObjectRef, objects: Objects
) -> tuple[dict[ObjectRef, Any], dict[ObjectRef, tuple[str, ...]]] | None:
    """What a statement would have made with a relation that it met: what is not there, and what is so otherwise.

    None where it cannot be tried: the statement is none that makes a relation, or fails elsewhere.
    """
    holds = any(kind.is_relation and kind.name == ref.kind for kind in KINDS)
    if not holds or not one.end or statement.words[0] != "create":
        return None
    text = f"{statement.text[: one.start]}{identifier(SCRATCH, ref.path[1])}{statement.text[one.end :]}"
    try:
        connection = replay.open()
    except RefusedSessionError:
        return None
    try:
        if any(connection.run(sql) for sql in ("begin", f"create schema {SCRATCH}", text, "commit")):
            return None
        made = catalog.read_all(reading, lambda: [SCRATCH], schema=lambda: SCRATCH, statement_timeout=30).objects
    finally:
        connection.forget()
        connection.run(f"drop schema if exists {SCRATCH} cascade")
        connection.close()
    return _beside(made, ref, objects)


def lacking_since(before: Sequence[MetExisting], state: str, message: str, statement: str) -> MetExisting | None:
    """The last statement that names a missing column, and did nothing, as its relation was there before."""
    if state != sqlstate.UNDEFINED_COLUMN:
        return None
    columns, words = {*missing_names(message)}, {unquote(token.text) for token in tokens(statement)}
    lacking = (
        one
        for one in reversed(before)
        if one.ref.path[-1] in words | columns  # the message may name the relation, too
        and any(ref.path[-1] in columns and ref.path[:-1] == one.ref.path for ref in one.lacking or ())
    )
    return next(lacking, None)


def _beside(
    made: Objects, ref: ObjectRef, objects: Objects
) -> tuple[dict[ObjectRef, Any], dict[ObjectRef, tuple[str, ...]]]:
    lacking: dict[ObjectRef, Any] = {}
    differing: dict[ObjectRef, tuple[str, ...]] = {}
    for kind in KINDS:
        if not kind.on_relation:
            continue
        for path, model in made.get(kind.name, {}).items():
            if path[:2] != (SCRATCH, ref.path[1]):
                continue
            real = ObjectRef(kind.name, (*ref.path, *path[2:]))
            there = objects.get(kind.name, {}).get(real.path)
            if there is None:
                lacking[real] = model
            elif SCRATCH not in repr(model) and (facets := differing_facets(kind.name, there, model)):
                differing[real] = facets
    return lacking, differing


def added_nothing(met: MetExisting) -> str:
    """Say why what a statement names is not there."""
    older = f", made at {met.made_by}," if met.made_by else ""
    return (
        f"The statement at {met.location} names it, but {met.ref} was there before{older} and IF NOT EXISTS adds "
        "nothing to what is there: write ALTER TABLE … ADD."
    )
