"""Read a file of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import CodeFile
from sessionaudit.audits.code.readers.comments import MARK, suppression
from sessionaudit.audits.code.readers.interface import CodeReader
from sessionaudit.audits.code.readers.python.clients import PythonClients
from sessionaudit.audits.code.readers.python.constants import PythonValues
from sessionaudit.audits.code.readers.python.modules import PythonModules
from sessionaudit.audits.code.readers.python.requests import PythonRequests
from sessionaudit.audits.code.readers.python.sql_calls import sql_statements
from sessionaudit.audits.code.readers.python.syntax import PythonFile

if TYPE_CHECKING:
    from pathlib import Path

    from tree_sitter import Node

    from sessionaudit.audits.code.model import Suppression
    from sessionaudit.audits.code.readers.interface import Project

_MARKS = (b".table", b".from_", b".rpc", b"execute", b".fetch", b"text(", b".raw", b".read_sql", MARK)
_MIGRATION = re.compile(rb"^from (?:alembic import|django\.db import .*\bmigrations\b)", re.MULTILINE)
_COMMENT = re.compile(rb"(?P<at>#[ \t]*sessionaudit:)")


class _PythonSession:
    """What is kept between the files of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.modules = PythonModules(project)
        self.values = PythonValues(self.modules)
        self.requests = PythonRequests(self.values, PythonClients(self.values, self.modules))


_sessions: list[_PythonSession] = []  # the last one, as the files of a project are read one after another


def read(path: Path, shown: str, text: bytes, project: Project) -> CodeFile:
    """Return what a file has. A file that cannot be parsed whole is read as far as it goes."""
    if _MIGRATION.search(text):
        return CodeFile(path=shown)
    if not _sessions or _sessions[0].project is not project:
        _sessions[:] = [_PythonSession(project)]
    session = _sessions[0]
    source = PythonFile(path, shown, text)
    requests, unread = session.requests.of(source)
    found = sql_statements(source, session.values, session.modules, unread)
    return CodeFile(
        path=shown,
        requests=tuple(sorted(requests, key=lambda one: one.at[1:])),
        statements=tuple(sorted(found, key=lambda one: one.at[1:])),
        unread=tuple(sorted(unread, key=lambda one: one.at[1:])),
        suppressions=tuple(_suppressions(source)),
    )


def _suppressions(source: PythonFile) -> list[Suppression]:
    nodes = [node for node in source.words(_COMMENT) if node.type == "comment"]
    found = [suppression(source.text(node), source.span(node), alone=_begins_line(source, node)) for node in nodes]
    return [one for one in found if one is not None]


def _begins_line(source: PythonFile, node: Node) -> bool:
    start = node.start_byte
    return not source.bytes[source.bytes.rfind(b"\n", 0, start) + 1 : start].strip()


READER = CodeReader(name="python", suffixes=frozenset((".py",)), marks=_MARKS, read=read)
