"""Tell which objects have another name after a file, by its statements and by what is gone and new since."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.text import tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sessionaudit.sql.statements import SqlStatement

_NAMES = {"word", "quoted"}
_MARKS = {".", "(", ")", ","}
_IN_A_TABLE = ("policy", "trigger", "rule")
_PARTS = ("column", "constraint")
_MAY_BE_LEFT_OUT = {"if", "exists", "only"}
_TWO_WORDS = {("materialized", "view"), ("foreign", "table"), ("event", "trigger"), ("operator", "class")}


class Rename(NamedTuple):
    """What a statement calls otherwise: a schema, what is in one (`on` is empty), or what is `on` a relation.

    `schema` is empty where the statement names none. `moves` tells that another schema is meant, not another name.
    """

    schema: str
    on: str
    old: str
    new: str
    of_schema: bool = False
    moves: bool = False

    def applied(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return what a path is after it."""
        if len(path) == 1 and not self.of_schema:
            return (re.sub(rf"\b{re.escape(self.old)}\b", lambda _: self.new, path[0]),)
        if self.of_schema:
            return (self.new, *path[1:]) if path[0] == self.old else path
        if self.schema and path[0] != self.schema:
            return path
        if self.on:
            is_it = len(path) > 2 and path[1] == self.on and path[2] == self.old
            return (*path[:2], self.new, *path[3:]) if is_it else path
        if len(path) > 1 and path[1] == self.old:
            return (self.new, *path[1:]) if self.moves else (path[0], self.new, *path[2:])
        if len(path) > 2 and path[-1] == self.old and not self.moves:  # an index, whose statement names no table
            return (*path[:-1], self.new)
        return path


def renamed(
    found: Iterable[SqlStatement], added: Collection[ObjectRef], dropped: Iterable[ObjectRef]
) -> dict[ObjectRef, ObjectRef]:
    """Return what was called otherwise before, with the name that it had."""
    renames = [one for statement in found if (one := rename_of(statement)) is not None]
    result: dict[ObjectRef, ObjectRef] = {}
    for ref in dropped if renames else ():
        path = ref.path
        for one in renames:
            path = one.applied(path)
        now = ObjectRef(ref.kind, path)
        if path != ref.path and now in added:
            result[now] = ref
    return result


def reused(found: Iterable[SqlStatement]) -> frozenset[str]:
    """Return the relations of which a name is given to another object in the same file, as where two are exchanged.

    What is there before and after, under such a name, is not the same object; nothing tells which is which.
    """
    freed: dict[str, set[str]] = {}
    result: set[str] = set()
    for one in map(rename_of, found):
        if one is None or one.of_schema or one.moves:
            continue
        names = freed.setdefault(one.on, set())
        if one.new in names:
            result |= {one.on} if one.on else {one.old, *names}
        names.add(one.old)
    return frozenset(result)


def still_named(found: Iterable[SqlStatement], there: Iterable[ObjectRef]) -> frozenset[str]:
    """Return the relations of which a name was given away, and is there: the file has made another object of it.

    `there` are the objects after the file, `found` the statements that did not fail.
    """
    renames = [one for statement in found if (one := rename_of(statement)) is not None and not one.of_schema]
    names = {one.old for one in renames}
    result: set[str] = set()
    for ref in there if names else ():
        path = ref.path
        if len(path) < 2 or not names & {path[1], path[-1]}:
            continue
        for one in renames:
            if one.schema and path[0] != one.schema:
                continue
            if one.on and len(path) > 2 and (path[1], path[2]) == (one.on, one.old):
                result.add(one.on)
            elif not one.on and len(path) == 2 and path[1] == one.old and not (one.moves and path[0] == one.new):
                result |= {one.old} if one.moves else {one.old, one.new}
    return frozenset(result)


def rename_of(statement: SqlStatement) -> Rename | None:
    """Return what an ALTER … RENAME or SET SCHEMA does; None for another statement."""
    if statement.words[0] != "alter":
        return None
    words = [token for token in tokens(statement.text) if token.sort in _NAMES or token.text in _MARKS]
    texts = [token.text.lower() for token in words]
    at = 3 if tuple(texts[1:3]) in _TWO_WORDS else 2
    kind = texts[at - 1]
    while at < len(texts) and texts[at] in _MAY_BE_LEFT_OUT:
        at += 1
    name, at = _name([token.text for token in words], at)
    if not name:
        return None
    holder: list[str] = []
    if kind in _IN_A_TABLE and texts[at : at + 1] == ["on"]:
        holder, at = _name([token.text for token in words], at + 1)
    if texts[at : at + 1] == ["("]:
        at = _closed(texts, at)
    rest = texts[at:]
    last = unquote(words[-1].text)
    schema = (holder or name)[-2] if len(holder or name) > 1 else ""
    if rest[:2] == ["set", "schema"]:
        return Rename(schema, "", name[-1], last, moves=True)
    if rest[:1] != ["rename"] or "to" not in rest:
        return None
    if rest[1] == "to":
        return Rename(schema, holder[-1] if holder else "", name[-1], last, of_schema=kind == "schema")
    part = at + 1 + (rest[1] in _PARTS)
    return Rename(schema, name[-1], unquote(words[part].text), last)


def _name(texts: list[str], at: int) -> tuple[list[str], int]:
    """A name with its schema, and where it ends."""
    parts: list[str] = []
    while at < len(texts) and texts[at] not in _MARKS:
        parts.append(unquote(texts[at]))
        at += 1
        if texts[at : at + 1] != ["."]:
            break
        at += 1
    return parts, at


def _closed(texts: list[str], at: int) -> int:
    depth = 0
    for place in range(at, len(texts)):
        depth += (texts[place] == "(") - (texts[place] == ")")
        if not depth:
            return place + 1
    return len(texts)
