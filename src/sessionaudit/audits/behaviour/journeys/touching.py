"""Find what executing journeys would touch: tables, the functions that run, sequences, and what leaves the server.

A rollback takes back rows, and nothing that a function has sent elsewhere. So the functions of triggers, defaults,
checks and policies of the touched tables, of the steps themselves, and those that they call, are searched for calls
that leave the transaction. The search is by words: it finds more than there is, rather than less.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field

from sessionaudit.audits.behaviour.journeys.dry import journey_transaction
from sessionaudit.contract.mentions import named, words
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.connection import broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.audits.behaviour.journeys.described_step import Described
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

_RELATIONS = Path(__file__).with_name("relations.sql").read_bytes()
_FUNCTIONS = Path(__file__).with_name("functions.sql").read_bytes()
_WORD = re.compile(r"[A-Za-z_][\w$]*")
_CALLED = re.compile(r'"?([A-Za-z_][\w$]*)"?\s*\(')
# Of dblink, http, pg_net, pg_background and aws_lambda, and what reaches programs and files of the server.
_CALLS_OUT = re.compile(
    r"\b(dblink\w*|http|http_(?:get|post|put|patch|delete|head)|http_request|pg_background_\w+|pg_read_\w*file|lo_export"
    r"|lo_import|pg_logical_emit_message)\b\"?\s*\(|\b(net\s*\.\s*http_\w+|aws_lambda\s*\.\s*invoke\w*)|\b(to|from)\s+program\b",
    re.IGNORECASE,
)
_NOTIFIES = re.compile(r"\bpg_notify\s*\(|\bnotify\s+[\w\"]", re.IGNORECASE)
_FOREIGN = "f"


class CallOut(Struct, frozen=True):
    """A function, or a foreign table, through which something leaves the transaction; and why."""

    name: str
    why: str


class Touched(Struct, frozen=True, kw_only=True):
    """What executing touches: tables whose rows change, sequences that move, functions that notify or call out."""

    tables: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()
    notifying: tuple[str, ...] = ()
    calling: tuple[CallOut, ...] = ()


class _Relation(Struct):
    """A relation: its kind, the functions that run with it, the relations that it reaches, its sequences."""

    kind: str
    functions: list[int]
    reached: list[str]
    sequences: list[str]


class _Function(Struct):
    """A function: its name, whether its language is trusted, and its text."""

    name: str
    bare: str
    language: str
    trusted: bool
    of_extension: bool
    source: str


class _Touching(Struct):
    """What is reached, from what is touched first; each once."""

    relations: dict[str, _Relation]
    functions: dict[int, _Function]
    by_name: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    by_relation: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    tables: dict[str, None] = field(default_factory=dict[str, None])
    run: dict[int, None] = field(default_factory=dict[int, None])

    def __post_init__(self) -> None:
        for oid, function in self.functions.items():
            self.by_name.setdefault(function.bare, []).append(oid)
        for name in self.relations:
            self.by_relation.setdefault(name.rpartition(".")[2], []).append(name)

    def table(self, name: str) -> None:
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in self.tables or one not in self.relations:
                continue
            self.tables[one] = None
            waiting += self.relations[one].reached
            for oid in self.relations[one].functions:
                self.function(oid)

    def function(self, oid: int) -> None:
        waiting = [oid]
        while waiting:
            one = waiting.pop()
            if one in self.run or one not in self.functions:
                continue
            self.run[one] = None
            function = self.functions[one]
            if function.of_extension:
                continue
            waiting += self.called(_CALLED.findall(function.source))
            for word in set(_WORD.findall(function.source)):
                for relation in self.by_relation.get(word, ()):
                    self.table(relation)

    def called(self, names: Iterable[str]) -> list[int]:
        return [oid for name in set(names) for oid in self.by_name.get(name.lower(), ())]


def touched(connection: Connection, contract: Contract, described: Described, *, timeout: float) -> Touched:
    """Return what executing the described steps would touch, without executing any. Raises DatabaseError."""
    try:
        with journey_transaction(connection, contract.schema, timeout=timeout):
            relations = {
                f"{schema}.{name}": _Relation(kind, [*triggers, *others], reached, sequences)
                for schema, name, kind, triggers, others, reached, sequences in connection.execute(_RELATIONS)
            }
            functions = {
                oid: _Function(dotted((schema, name)), name, language, trusted, of_extension, source or "")
                for oid, schema, name, language, trusted, of_extension, source in connection.execute(_FUNCTIONS)
            }
    except psycopg.Error as error:
        raise broken(error, "looking for what the journeys touch") from None
    search = _Touching(relations, functions)
    for one in described.values():
        for path in (*one.known.written, *(() if one.known.relations else named(one.sent.source, contract))):
            search.table(".".join(path[:2]))
        for oid in search.called(words(one.sent.source)):
            search.function(oid)
    run = [functions[oid] for oid in search.run]
    sequences = {name for table in search.tables for name in relations[table].sequences}
    return Touched(
        tables=tuple(sorted(search.tables)),
        sequences=tuple(sorted(sequences)),
        notifying=tuple(sorted({one.name for one in run if not one.of_extension and _NOTIFIES.search(one.source)})),
        calling=tuple(sorted({*_calling(run), *_foreign(search)}, key=lambda one: one.name)),
    )


def _calling(run: Iterable[_Function]) -> Iterator[CallOut]:
    for one in run:
        if one.of_extension:
            if _CALLS_OUT.search(f"{one.name}("):
                yield CallOut(one.name, "it is a function of an extension that reaches other servers")
        elif match := _CALLS_OUT.search(one.source):
            yield CallOut(one.name, f"it calls {match[0].strip().rstrip('(').strip()}")
        elif not one.trusted:
            yield CallOut(one.name, f"it is written in {one.language}, which can do anything")


def _foreign(search: _Touching) -> Iterator[CallOut]:
    for name in search.tables:
        if search.relations[name].kind == _FOREIGN:
            yield CallOut(name, "it is a foreign table, whose server need not take anything back")
