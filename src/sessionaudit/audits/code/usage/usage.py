"""Tell what of a database the code uses, what it uses that is not there, and of what that is not known."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.examination import examine_code
from sessionaudit.audits.code.examination import place as spelled_place
from sessionaudit.audits.code.judge import path_of_statements
from sessionaudit.audits.code.live import judging
from sessionaudit.audits.code.roles import sent_as
from sessionaudit.audits.code.secret_texts import masked
from sessionaudit.audits.code.session import CodePlace, without_contract
from sessionaudit.audits.code.usage.calls import UsedByCalls
from sessionaudit.audits.code.usage.clients import guessed, proven, unguessed
from sessionaudit.audits.code.usage.objects import used_objects
from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.examination import CodeExamination
    from sessionaudit.audits.code.model import CodeRequest, CodeStatement
    from sessionaudit.audits.code.schema_cache.model import SchemaCache
    from sessionaudit.audits.code.usage.calls import ObjectUse
    from sessionaudit.audits.code.usage.objects import UsedObject, UsedObjects
    from sessionaudit.audits.code.verdict import CodeVerdict, Judgement
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_REALTIME = "supabase_realtime"  # through which Supabase sends what a client listens to
# What the code needs and the database does not have.
_LACKING = frozenset(
    {
        *(rules.UNKNOWN_TABLE, rules.UNKNOWN_COLUMN, rules.UNKNOWN_FUNCTION, rules.MISSING_RELATIONSHIP),
        *(rules.NO_CONFLICT_KEY, rules.REFUSED_BY_CHECK, rules.MISSING_PRIVILEGE, rules.UNHEARD_TABLE),
    }
)
# What is wrong with the rows of a statement that uses what is there.
_OF_ROWS = frozenset((rules.OMITTED_COLUMN, rules.NULL_VALUE))
_ENUM = "enum"


class CodePaths(Struct, frozen=True, kw_only=True):
    """Where the code is, and which of its files are read.

    `schemas` are those that the API exposes, the usual one first. The contract will be in the directory `beside`, to
    which the paths in it are relative.
    """

    paths: tuple[Path, ...]
    beside: Path = Path()
    exclude: tuple[str, ...] = ()
    tests: bool = False
    schemas: tuple[str, ...] = ("public",)


class CodeUsage(Struct, frozen=True, kw_only=True):
    """What the code uses.

    `objects` are those that the server told of; `refs` are the privileges, and the publications with all their tables,
    on top. `uses` and `values` are those of `UsedByCalls`. `section` is that of the contract about the code; of the
    clients in `unguessed` it says no role. `lacking` is what the code uses and the database does not have, and of the
    statements in `unread` it is not known what they use.
    """

    objects: frozenset[UsedObject]
    refs: frozenset[ObjectRef]
    uses: Mapping[ObjectPath, Sequence[ObjectUse]]
    values: Mapping[ObjectPath, Sequence[str]]
    section: Mapping[str, Any]
    unguessed: tuple[str, ...]
    lacking: tuple[Finding, ...]
    unread: tuple[Skipped, ...]
    examined: CodeExamination


def used_by(connection: Connection, asked: CodePaths, *, timeout: float) -> CodeUsage:
    """Examine the code, and tell what it uses. Nothing is executed. Raises UsageError and DatabaseError."""
    place = CodePlace(Path(), paths=asked.paths, exclude=asked.exclude, tests=asked.tests, schemas=asked.schemas)
    contract = without_contract(place)
    watching = _Watching(connection, contract, timeout)
    examined = examine_code(contract, watching)
    path = path_of_statements(asked.schemas)
    found = used_objects(connection, watching.calls, watching.parsed, path, timeout=timeout)
    clients = watching.clients()
    calls = watching.calls
    refs = {ObjectRef("grant", (*path, role)) for path, role in calls.rights}
    # Of a publication a contract lists all tables.
    refs |= {ObjectRef("publication", (_REALTIME,))} if calls.listened else set()
    return CodeUsage(
        objects=found.objects,
        refs=frozenset(refs),
        uses=calls.uses,
        values={path: tuple(map(masked, values)) for path, values in calls.values.items()},
        section=_section(asked, clients),
        unguessed=unguessed(watching.requests, clients),
        lacking=tuple(one for one in examined.findings if _lacking(one)),
        unread=(*watching.faulty(), *_unread(watching.parsed, found)),
        examined=examined,
    )


def _unread(parsed: Mapping[str, CodeStatement], found: UsedObjects) -> Iterator[Skipped]:
    for text, why in found.unknown.items():
        yield Skipped(spelled_place(parsed[text].at), f"what it uses cannot be told: {why}")


def _lacking(one: Finding) -> bool:
    """Whether the database lacks something; a value of an enum that it does not have is one."""
    of_enum = one.rule is rules.IMPOSSIBLE_VALUE and any(ref.kind == _ENUM for ref in one.stands_on)
    return of_enum or one.rule in _LACKING


class _Watching:
    """Has code judged, and notes what was judged, and what the calls need."""

    def __init__(self, connection: Connection, contract: Contract, timeout: float) -> None:
        self._connection, self._contract, self._timeout = connection, contract, timeout
        self._of_roles = sent_as(())
        self._verdicts: list[CodeVerdict] = []
        self.calls = UsedByCalls()
        self.requests: Sequence[CodeRequest] = ()
        self.statements: Sequence[CodeStatement] = ()
        self.parsed: dict[str, CodeStatement] = {}
        self.wrong: list[CodeStatement] = []

    def __call__(self, requests: Sequence[CodeRequest], statements: Sequence[CodeStatement]) -> Judgement:
        self.requests, self.statements = requests, statements
        judgement = self._judge((), self._add)
        self._verdicts = list(judgement.verdicts)
        wrong = {id(one.subject) for one in judgement.verdicts if one.rule not in _OF_ROWS}
        unknown = {one.at for one in judgement.not_judged if not one.parsed}
        self.parsed = {one.text: one for one in statements if id(one) not in wrong and one.at not in unknown}
        self.wrong = [one for one in statements if id(one) in wrong]
        return judgement

    def clients(self) -> dict[str, str]:
        """The roles of clients that the contract can state without a word changing of what is found."""
        found = guessed(self.requests)
        return proven(found, self._verdicts, self._judge(tuple(found.items())).verdicts) if found else {}

    def faulty(self) -> Iterator[Skipped]:
        """The statements that the server refuses, of which it tells no more."""
        for one in self.wrong:
            yield Skipped(spelled_place(one.at), "what a statement with a fault uses cannot be told")

    def _judge(
        self, clients: tuple[tuple[str, str], ...], watch: Callable[[Compiled, SchemaCache], None] | None = None
    ) -> Judgement:
        declared = self._contract.code
        if declared is None:
            raise AssertionError(self._contract)
        said = replace(declared, clients=clients)
        judge = judging(self._connection, self._contract, said, timeout=self._timeout, watch=watch)
        return judge(self.requests, self.statements if watch else ())

    def _add(self, one: Compiled, cache: SchemaCache) -> None:
        self.calls.add(one, self._of_roles(one.request).roles, cache)


def _section(asked: CodePaths, clients: Mapping[str, str]) -> dict[str, Any]:
    """The section `code` of the contract."""
    paths = [Path(os.path.relpath(path, asked.beside)).as_posix() for path in asked.paths]
    said: dict[str, Any] = {"paths": paths}
    if asked.exclude:
        said["exclude"] = list(asked.exclude)
    if asked.tests:
        said["tests"] = True
    if len(asked.schemas) > 1:
        said["schemas"] = list(asked.schemas)
    return {**said, "clients": dict(clients)} if clients else said
