"""Read a file of TypeScript or JavaScript, or the scripts of a component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.code.model import CodeFile, Dynamic, PassedFailure, Unread
from sessionaudit.audits.code.passing import followed
from sessionaudit.audits.code.readers.comments import MARK
from sessionaudit.audits.code.readers.interface import CodeReader
from sessionaudit.audits.code.readers.typescript.branches import rank
from sessionaudit.audits.code.readers.typescript.callers import heard, mentions
from sessionaudit.audits.code.readers.typescript.clients import Clients
from sessionaudit.audits.code.readers.typescript.components import SUFFIXES, in_markup, scripts_of
from sessionaudit.audits.code.readers.typescript.constants import Values
from sessionaudit.audits.code.readers.typescript.functions import function_meant
from sessionaudit.audits.code.readers.typescript.modules import ScriptModules
from sessionaudit.audits.code.readers.typescript.realtime import listened
from sessionaudit.audits.code.readers.typescript.requests import Requests
from sessionaudit.audits.code.readers.typescript.sql_calls import statements
from sessionaudit.audits.code.readers.typescript.suppressions import suppressions

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.code.model import CodeRequest
    from sessionaudit.audits.code.passing import HeardFailure, WantedFunctions
    from sessionaudit.audits.code.readers.interface import Project
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_SUFFIXES = frozenset((".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")) | SUFFIXES
_MARKS = (b".from", b".rpc", b"postgres_changes", b"sql`", b"query", b"execute", b".unsafe", b".raw", b"Raw`", MARK)


class _Session:
    """What is kept between the files of one project: the trees of modules, and the clients that names stand for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.modules = ScriptModules(project, function_meant)
        values = Values(self.modules)
        self.values, self.clients = values, Clients(values)
        self.requests = Requests(values, self.clients)


_sessions: list[_Session] = []  # the last one, as the files of a project are read one after another


def read(path: Path, shown: str, text: bytes, project: Project) -> CodeFile:
    """Return what a file has. A file that cannot be parsed whole is read as far as it goes."""
    session = _session(project)
    source = _opened(session, path, shown, text)
    try:
        found = _found(session, source)
        return replace(found, unread=(*found.unread, *in_markup(shown, text))) if path.suffix in SUFFIXES else found
    except RecursionError:
        unread = Unread(source.span(source.root), Dynamic.SYNTAX, "the file, which nests too deeply")
        return CodeFile(path=shown, unread=(unread,), suppressions=tuple(suppressions(source)))
    finally:
        session.modules.closed(path)


def _session(project: Project) -> _Session:
    if not _sessions or _sessions[0].project is not project:
        _sessions[:] = [_Session(project)]
    return _sessions[0]


def _opened(session: _Session, path: Path, shown: str, text: bytes) -> Script:
    return session.modules.opened(path, shown, scripts_of(text) if path.suffix in SUFFIXES else text)


def _found(session: _Session, source: Script) -> CodeFile:
    unread: list[Unread] = []
    requests, not_read = session.requests.of(source)
    requests, passed = _followed(session, source, requests)
    requests += listened(source, session.values, session.clients, unread)
    return CodeFile(
        path=source.shown,
        requests=tuple(sorted(requests, key=lambda one: one.at[1:])),
        statements=tuple(statements(source, session.values, unread)),
        unread=tuple(sorted((*not_read, *unread), key=lambda one: one.at[1:])),
        suppressions=tuple(suppressions(source)),
        passed=tuple(passed),
    )


def _followed(
    session: _Session, source: Script, requests: list[CodeRequest]
) -> tuple[list[CodeRequest], list[PassedFailure]]:
    """Follow failures that functions pass on, as far as these are called in the file."""
    passed = session.requests.passed(requests)
    if not passed:
        return requests, []
    fates, every = followed(passed, lambda wanted: list(heard(session.modules, source, wanted)))
    told: dict[int, HeardFailure] = {}
    for one in fates:
        before = told.get(id(one.request))
        if before is None or rank(one.heard.fate) < rank(before.fate):
            told[id(one.request)] = one.heard
    changed = {
        id(one): replace(one, fate=told[id(one)].fate, fate_at=told[id(one)].at) if id(one) in told else one
        for one in requests
    }
    kept = [PassedFailure(changed[id(one.request)], one.function._replace(known=True)) for one in every]
    return [changed[id(one)] for one in requests], kept


def hear(path: Path, shown: str, text: bytes, project: Project, wanted: WantedFunctions) -> list[HeardFailure]:
    """Return what becomes of failures at the calls in a file of functions that pass them on."""
    if not mentions(path, text, wanted):
        return []
    session = _session(project)
    source = _opened(session, path, shown, text)
    try:
        return list(heard(session.modules, source, wanted.functions))
    except RecursionError:
        return []
    finally:
        session.modules.closed(path)


READER = CodeReader(name="typescript", suffixes=_SUFFIXES, marks=_MARKS, read=read, hear=hear)
