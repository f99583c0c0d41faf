"""Find what executing journeys would touch: tables, the functions that run, sequences, and what leaves the server.

A rollback takes back rows, and nothing that a function has sent elsewhere. So the functions of triggers, defaults,
checks, policies, rules and indexes of all tables that are read or written, of the steps themselves, and those that they
call, are searched for calls that leave the transaction. The search is by words: it finds more than there is, rather
than less. A text that a function composes while it runs is not seen.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field

from sessionaudit.audits.behaviour.journeys.transaction import journey_transaction
from sessionaudit.contract.mentions import words
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.connection import broken
from sessionaudit.postgres.effects import HARMLESS, OF_WRITING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.audits.behaviour.journeys.described_step import Described
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

_RELATIONS = Path(__file__).with_name("relations.sql").read_bytes()
_FUNCTIONS = Path(__file__).with_name("functions.sql").read_bytes()
_LEAVING = Path(__file__).with_name("leaving.sql").read_bytes()
_NAME = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')
# Volatile functions of the server whose effects a rollback takes back, or which have none on the database.
_TAKEN_BACK = frozenset(
    """set_config pg_notify pg_sleep pg_sleep_for pg_sleep_until pg_advisory_xact_lock_shared
    pg_try_advisory_xact_lock_shared lo_creat lo_create lo_open lo_close loread lowrite lo_lseek lo_lseek64 lo_tell
    lo_tell64 lo_truncate lo_truncate64 lo_unlink lo_get lo_put lo_from_bytea query_to_xml cursor_to_xml
    query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xmlschema system bernoulli current_query setseed
    suppress_redundant_updates_trigger tsvector_update_trigger tsvector_update_trigger_column ts_stat ts_rewrite
    txid_status pg_xact_status pg_blocking_pids pg_database_size pg_tablespace_size pg_sequence_last_value
    pg_lock_status pg_prepared_xact""".split()
)
# Of dblink, http, pg_net, pg_background and aws_lambda, and what reaches programs and files of the server.
_CALLS_OUT = re.compile(
    r"\b(dblink\w*|http|http_(?:get|post|put|patch|delete|head)|http_request|pg_background_\w+|pg_read_\w*file|lo_export"
    r"|lo_import|pg_logical_emit_message)\b\"?\s*\(|\b(net\s*\.\s*http_\w+|aws_lambda\s*\.\s*invoke\w*)"
    r"|\b(copy)\s+[\w\".(][^;]*?\b(?:to|from)\s+(?:program\b|e?'|%)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
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
    """A relation: its kind, the functions that run with it, the relations that it changes and reads, its sequences."""

    kind: str
    triggers: list[int]
    functions: list[int]
    reached: list[str]
    read: list[str]
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
    """What is reached, from what is touched first; each once. `tables` has those whose rows may change."""

    relations: dict[str, _Relation]
    functions: dict[int, _Function]
    by_name: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    by_relation: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    tables: dict[str, None] = field(default_factory=dict[str, None])
    read: dict[str, None] = field(default_factory=dict[str, None])
    run: dict[int, None] = field(default_factory=dict[int, None])
    named: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        for oid, function in self.functions.items():
            self.by_name.setdefault(function.bare, []).append(oid)
        for name in self.relations:
            self.by_relation.setdefault(name.rpartition(".")[2], []).append(name)

    def written(self, name: str) -> None:
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in self.tables or one not in self.relations:
                continue
            self.tables[one] = None
            waiting += self.relations[one].reached
            self.looked_at(one)
            for oid in self.relations[one].triggers:
                self.function(oid)

    def looked_at(self, name: str) -> None:
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in self.read or one not in self.relations:
                continue
            self.read[one] = None
            waiting += self.relations[one].read
            for oid in self.relations[one].functions:
                self.function(oid)

    def function(self, oid: int) -> None:
        if oid in self.run or oid not in self.functions:
            return
        self.run[oid] = None
        if not self.functions[oid].of_extension:
            self.text(_names(self.functions[oid].source))

    def texts(self) -> Iterator[str]:
        return (self.functions[oid].source for oid in self.run)

    def text(self, names: Iterable[str], *, writes: bool = True) -> None:
        """Reach what a text names; a function may change each relation that it names."""
        for name in set(names):
            self.named.add(name)
            for relation in self.by_relation.get(name, ()):
                (self.written if writes else self.looked_at)(relation)
            for oid in self.by_name.get(name, ()):
                self.function(oid)


def _names(text: str) -> Iterator[str]:
    """Return all that may be a name in a text, also within quotes; folded as PostgreSQL does."""
    for match in _NAME.finditer(text):
        if match[1] is not None:
            yield match[1].replace('""', '"')
            yield from (word.lower() for word in re.findall(r"[^\W\d][\w$]*", match[1]))
        else:
            yield match[2].lower()


def touched(connection: Connection, contract: Contract, described: Described, *, timeout: float) -> Touched:
    """Return what executing the described steps would touch, without executing any. Raises DatabaseError."""
    taken_back = sorted(HARMLESS | OF_WRITING | _TAKEN_BACK)
    try:
        with journey_transaction(connection, contract.schema, timeout=timeout):
            relations = {f"{schema}.{name}": _Relation(*more) for schema, name, *more in connection.execute(_RELATIONS)}
            functions = {
                oid: _Function(
                    dotted((schema, name)), name, language, trusted, of_extension, _COMMENT.sub(" ", source or "")
                )
                for oid, schema, name, language, trusted, of_extension, source in connection.execute(_FUNCTIONS)
            }
            others = connection.execute(_LEAVING, {"taken_back": taken_back}).fetchall()
    except psycopg.Error as error:
        raise broken(error, "looking for what the journeys touch") from None
    search = _Touching(relations, functions)
    for one in described.values():
        for path in one.known.written:
            search.written(".".join(path[:2]))
        for path in one.known.relations:
            search.looked_at(".".join(path[:2]))
        search.text(words(one.sent.source), writes=False)
        search.named.update(_names(one.sent.source))
    texts = [str(one.sent.source) for one in described.values()]
    for sort, name, oid in others:
        if sort == "cast" and name in search.named:
            search.function(oid)
        if sort == "operator" and any(name in text for text in (*texts, *search.texts())):
            search.function(oid)
    run = [functions[oid] for oid in search.run]
    leaves = {name for sort, name, _ in others if sort == "leaves"}
    sequences = {name for table in search.tables for name in relations[table].sequences}
    every = (name for sort, name, _ in others if sort == "sequence")
    sequences |= {name for name in every if name.rpartition(".")[2] in search.named}
    return Touched(
        tables=tuple(sorted(search.tables)),
        sequences=tuple(sorted(sequences)),
        notifying=tuple(sorted({one.name for one in run if not one.of_extension and _NOTIFIES.search(one.source)})),
        calling=tuple(sorted({*_calling(run, leaves), *_foreign(search)}, key=lambda one: one.name)),
    )


def _calling(run: Iterable[_Function], leaves: set[str]) -> Iterator[CallOut]:
    for one in run:
        if one.of_extension:
            if _CALLS_OUT.search(f"{one.name}("):
                yield CallOut(one.name, "it is a function of an extension that reaches other servers")
        elif match := _CALLS_OUT.search(one.source):
            yield CallOut(one.name, f"it calls {next(filter(None, match.groups()))}")
        elif called := sorted(leaves.intersection(_names(one.source))):
            yield CallOut(one.name, f"it calls {called[0]}, which no rollback takes back")
        elif not one.trusted:
            yield CallOut(one.name, f"it is written in {one.language}, which can do anything")


def _foreign(search: _Touching) -> Iterator[CallOut]:
    for name in search.read:
        if search.relations[name].kind == _FOREIGN:
            yield CallOut(name, "it is a foreign table, whose server need not take anything back")
