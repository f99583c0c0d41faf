"""Tell which objects a statement that failed was to make, by its text: candidates only, for no server has read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS
from sessionaudit.sql.text import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})?"
_GUARD = r"(?:if\s+(?:not\s+)?exists\s+)?"
_CREATE = re.compile(
    rf"\s*create\s+(?:or\s+replace\s+)?(?:\w+\s+)*?(?:table|view|type|domain|sequence)\s+{_GUARD}(?P<name>{_NAME})",
    re.IGNORECASE,
)
_ON = re.compile(
    rf"\s*create\s+(?:or\s+replace\s+)?(?:unique\s+)?(?:policy|trigger|index)\s+(?:concurrently\s+)?{_GUARD}"
    rf"(?P<name>{_PART})[^;]*?\bon\s+(?:only\s+)?(?P<on>{_NAME})",
    re.IGNORECASE,
)
_ALTER = re.compile(rf"\s*alter\s+table\s+{_GUARD}(?:only\s+)?(?P<on>{_NAME})", re.IGNORECASE)
_ADD = re.compile(rf"\badd\s+(?:column\s+|constraint\s+)?{_GUARD}(?P<name>{_PART})", re.IGNORECASE)
_PUBLISH = re.compile(
    rf"\s*alter\s+publication\s+(?P<by>{_PART})\s+add\s+table\s+(?:only\s+)?(?P<name>{_NAME})", re.IGNORECASE
)
_DO = re.compile(r"\s*do\b", re.IGNORECASE)
_COMMENTS = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z))*")
_DOT = re.compile(rf"({_PART})\s*(?:\.\s*|\Z)")
_BY_NAME = tuple(kind.name for kind in KINDS if len(kind.path) == 2 and kind.path[0] == "schema")
_PUBLISHED = tuple(kind.name for kind in KINDS if kind.path[1:] == ("schema", "name"))
_ON_TABLE = tuple(kind.name for kind in KINDS if kind.on_relation and len(kind.path) == 3)


def named_in(statement: str) -> Iterator[ObjectRef]:
    """Return the references that the object of a statement may have, without a schema that of `public`."""
    statement = _COMMENTS.sub("", statement, count=1)
    if _DO.match(statement):
        yield from _named_by_parts(statement)
    elif match := _PUBLISH.match(statement):
        yield from (ObjectRef(kind, (unquote(match["by"]), *_path(match["name"]))) for kind in _PUBLISHED)
    elif match := _CREATE.match(statement):
        path = _path(match["name"])
        yield from (ObjectRef(kind, path) for kind in _BY_NAME)
    elif match := _ON.match(statement):
        part = (*_path(match["on"]), unquote(match["name"]))
        yield from (ObjectRef(kind, part) for kind in _ON_TABLE)
    elif match := _ALTER.match(statement):
        table = _path(match["on"])
        for added in _ADD.finditer(statement, match.end()):
            yield from (ObjectRef(kind, (*table, unquote(added["name"]))) for kind in _ON_TABLE)


def _named_by_parts(block: str) -> Iterator[ObjectRef]:
    """Return those of the statements in a block, each of which begins a line or follows a semicolon."""
    for part in re.split(r"[;\n]", block)[1:]:
        yield from named_in(part)


def _path(name: str) -> tuple[str, str]:
    parts = [unquote(part) for part in _DOT.findall(name)]
    return ("public", parts[0]) if len(parts) == 1 else (parts[0], parts[1])
