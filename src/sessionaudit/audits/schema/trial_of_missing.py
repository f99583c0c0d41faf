"""Try the definitions of missing objects on stand-ins, in a transaction that is rolled back.

The statements that create a missing object run on an empty temporary table with the name and columns of the real one:
no real object is locked, and nothing remains. If PostgreSQL rejects one, the contract is wrong, unless another missing
or differing object explains the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits.schema import fragment_syntax, refusals, stand_in
from sessionaudit.audits.schema.stand_in import Bench, Failure
from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Severity
from sessionaudit.core.quoted_names import quoted_names
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import State
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.postgres.connection import broken, limit, roll_back, told, user
from sessionaudit.postgres.masking import masked
from sessionaudit.postgres.similar_names import SimilarNames
from sessionaudit.postgres.trial import MAY_WRITE, name_at
from sessionaudit.sql.text import quoted, sent
from sessionaudit.steps.cured import World, cures
from sessionaudit.steps.order import Graph, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessionaudit.audits.audit import Options
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.schema import Schema
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection

_KINDS = {kind.name: kind for kind in KINDS}
_HOLDERS = {kind.name for kind in HOLDING}
_OF_NAMES = sqlstate.UNDEFINED | {sqlstate.INVALID_SCHEMA_NAME}
_OF_EXTENSIONS = {sqlstate.UNDEFINED_FUNCTION, sqlstate.UNDEFINED_OBJECT}
# Errors about the text itself, not about privileges or properties of the stand-ins.
_OF_STAND_INS = {
    sqlstate.INSUFFICIENT_PRIVILEGE,
    sqlstate.DUPLICATE_SCHEMA,
    sqlstate.DUPLICATE_TABLE,
    sqlstate.DUPLICATE_COLUMN,
    sqlstate.DUPLICATE_OBJECT,
    sqlstate.DUPLICATE_FUNCTION,
}
_OF_TABLES = {sqlstate.INVALID_TABLE_DEFINITION, sqlstate.WRONG_OBJECT_TYPE}
_PATH = "select pg_catalog.set_config('search_path', %s, true)"
_SPELLED = re.compile(r"\b(\w+)\s*\(|\b(\w+\.\w+)\b")


class Tried(Struct, frozen=True):
    """The findings, and why some definitions could not be tried, if any."""

    findings: tuple[Finding, ...] = ()
    untried: str = ""


def refused(
    connection: Connection, contract: Contract, actual: Schema, found: Sequence[Finding], options: Options
) -> Tried:
    """Return findings for definitions of missing objects that the server rejects. Raises DatabaseError."""
    world, graph = World.of(contract, actual), Graph()
    for finding in found:
        # What nobody asks for is not brought: a note is only told.
        chains = cures(_undoubted(finding), world) if _is_lost(finding) and finding.severity > Severity.NOTE else []
        if chains:
            graph.take(chains, last=False)
    if not graph.steps:
        return Tried()
    graph.link(actual, [])
    findings = {finding.ref: finding for finding in _unread(connection, contract, graph)}
    untried = "--read-only forbids asking the server" if options.read_only else ""
    try:
        connection.execute("begin transaction read only" if options.read_only else "begin")
        limit(connection, options.statement_timeout, 0.1)
        trial = _Trial(connection, contract, graph, found)
        findings |= {finding.ref: finding for finding in trial.nowhere() if finding.ref not in findings}
        row = connection.execute(MAY_WRITE, (contract.schema,)).fetchone()
        if row is None:
            raise AssertionError
        writable, temporary, _, extension_schemas, trial.closed = row
        if not writable:
            untried = untried or "the connection is read-only"
        elif not temporary:
            untried = untried or f"the role {user(connection)} may not create temporary tables"
        if not untried:
            path = ", ".join(map(quoted, dict.fromkeys((contract.schema, *extension_schemas))))
            connection.execute(_PATH, (path,))
            findings |= {finding.ref: finding for finding in trial.run(frozenset(findings))}
            untried = trial.untried
    except psycopg.Error as error:
        raise broken(error, "trying missing objects on empty copies") from None
    finally:
        roll_back(connection)
    return Tried(tuple(findings.values()), untried)


def _unread(connection: Connection, contract: Contract, graph: Graph) -> Iterator[Finding]:
    """Return findings for texts that are not even valid by themselves; these are only parsed."""
    lost = {ref for step in graph.steps for ref in _brought(step)}
    for one in fragment_syntax.refused(connection, contract, {ref.path[:2] for ref in lost}):
        if one.ref in lost:
            place = contract.objects[one.ref.kind][one.ref.path].location(one.facet)
            yield refusals.of_error(one.ref, one.facet, one.error, place)


def _is_lost(finding: Finding) -> bool:
    subject = finding.subject
    return subject is not None and subject.expected is not None and subject.actual is None and subject.found is None


def _undoubted(finding: Finding) -> Finding:
    """Return the finding as one with a cure: what a doubtful object would bring may be referred to all the same."""
    return replace(finding, subject=finding.subject._replace(doubt="")) if finding.subject else finding


class _Trial:
    """Tries the steps that create missing objects, and records which ones the server accepts."""

    def __init__(self, connection: Connection, contract: Contract, graph: Graph, found: Sequence[Finding]) -> None:
        self._connection = connection
        self._names = SimilarNames(connection, self._beside)
        self._contract = contract
        self._steps = graph.steps
        self._graph = graph
        self._order = graph.sorted()
        self._lost = {finding.ref for finding in found if _is_lost(finding)}
        self._lost |= {ref for step in graph.steps for ref in _brought(step)}
        self._lost |= {finding.ref for finding in found if finding.ref.kind == refusals.SCHEMA}
        self._differing = [one for one in found if one.facet and not _is_lost(one)]
        self.untried = ""  # why something could not be tried
        self.closed: Sequence[str] = ()  # the schemas of the search path that the role may not use
        self._made: set[ObjectRef] = set()  # objects on no relation, and those of the current relation
        asked = {path[:2] for step in graph.steps for path in _about(step) if len(path) > 1}
        self._there = stand_in.relations(connection, asked)

    def nowhere(self) -> Iterator[Finding]:
        """Return findings for steps on a relation that neither the database nor the contract has."""
        lost = {ref.path for ref in self._lost}
        for step in self._steps:
            for path in (*step.locks, *step.beside):
                if path not in self._there and path not in lost and path[:1] not in lost:
                    said = f'relation "{dotted(path)}" does not exist'
                    yield self._finding(step.ref, said, [path[-1:], path[:1]], state=sqlstate.UNDEFINED_TABLE)
                    break

    def run(self, known: Collection[ObjectRef]) -> Iterator[Finding]:
        """Try all steps, except for `known` objects: first those on no relation, then those of each relation."""
        self._order = [index for index in self._order if _of(self._steps[index]).isdisjoint(known)]
        base = [index for index in self._order if not _on_relation(self._steps[index].ref)]
        groups: dict[ObjectPath, list[int]] = {}
        for index in self._order:
            if index not in base:
                groups.setdefault(self._steps[index].ref.path[:2], []).append(index)
        names = sorted({self._steps[index].ref.path[:2] for index in base if len(self._steps[index].ref.path) > 1})
        self._connection.execute("savepoint base")
        yield from self._tried(Bench(self._connection, names), base, base)
        self._connection.execute("rollback to savepoint base")
        # The functions on relations must not run: PostgreSQL evaluates constant calls even without rows.
        kept = [index for index in base if not self._steps[index].called]
        names = sorted({self._steps[index].ref.path[:2] for index in kept if len(self._steps[index].ref.path) > 1})
        self._made = set()
        bench = Bench(self._connection, names)
        for index in kept:
            if bench.step(self._steps[index]) is None:
                self._made |= _of(self._steps[index])
        made = frozenset(self._made)
        for own in groups.values():
            self._made = {*made}
            self._connection.execute("savepoint one_group")
            try:
                yield from self._group(own, names)
            finally:
                if not self._connection.broken and not self._connection.closed:
                    stand_in.take_back(self._connection, "one_group")

    def _group(self, own: list[int], others: Sequence[ObjectPath]) -> Iterator[Finding]:
        """Try the steps on one relation, with the steps on other relations that must run before."""
        needed = self._needed(own)
        every = [index for index in self._order if index in needed]
        relations = {path[:2] for index in every for path in _about(self._steps[index])}
        first = self._steps[own[0]].ref.path[:2]
        bench = Bench(self._connection, (first, *sorted(relations), *others))
        for path in sorted(relations & self._there.keys()):
            if error := bench.put(path, self._there[path]):
                self.untried = f"{dotted(path)} could not be copied: {told(error)}"
                return
        yield from self._tried(bench, every, own)

    def _needed(self, own: Iterable[int]) -> set[int]:
        found: set[int] = set()
        waiting = [*own]
        while waiting:
            index = waiting.pop()
            if index not in found and _on_relation(self._steps[index].ref):
                found.add(index)
                waiting += self._graph.before(index)
        return found

    def _tried(self, bench: Bench, every: Sequence[int], own: Sequence[int]) -> Iterator[Finding]:
        """Run steps; return findings for those of `own` that are rejected."""
        if bench.at_once([statement for index in every for statement in bench.statements(self._steps[index])]):
            self._made |= {ref for index in every for ref in _of(self._steps[index])}
            return
        # What needs a step that is not among these cannot be judged: a sequence that comes with a table's column.
        failed = {*range(len(self._steps))}.difference(every)
        for index in every:
            step = self._steps[index]
            if self._graph.hard[index] & failed:
                failed.add(index)
                continue
            refusals_ = [*self._one(bench, step)]
            if step.ref.path not in self._contract.objects[step.ref.kind]:
                continue  # a column of a key, say, of which the contract has no text; the key itself is missing
            if index in own:
                yield from (
                    self._refusal(step, ref, failure)
                    for ref, failure in refusals_
                    if not self._explained(step, ref, failure)
                )
            if step.ref not in self._made:
                failed.add(index)

    def _one(self, bench: Bench, step: Step) -> Iterator[tuple[ObjectRef, Failure]]:
        """Run a step; return what is rejected: the step's own object, or each rejected part of it."""
        failed = bench.step(step)
        if failed is None:
            self._made |= _of(step)
            return
        brings = _KINDS[step.ref.kind].brings
        parts = sorted((r for r in _brought(step) if r.path[:-1] == step.ref.path and r.kind not in brings), key=str)
        name = bench.name(step.ref.path[:2]) if parts else ""
        if not parts or bench.run(f"create table {name} ()") is not None:
            yield step.ref, failed
            return
        self._made.add(step.ref)
        wrong = False
        for ref in parts:
            statement = bench.renamed(f"alter table {name} add column {quoted(ref.path[-1])} {self._shown(ref)}")
            if error := bench.run(statement):
                wrong = True
                yield ref, Failure(error, statement)
            else:
                self._made.add(ref)
        if not wrong:
            yield step.ref, failed

    def _shown(self, ref: ObjectRef) -> str:
        """Return the contract's text for an object."""
        return _KINDS[ref.kind].show(self._contract.objects[ref.kind][ref.path].value)

    def _explained(self, step: Step, ref: ObjectRef, failure: Failure) -> bool:
        """Whether anything but a mistake in the contract may explain the error on an object of a step.

        PostgreSQL does not look up functions and the like in the temporary schema, so an unqualified name of an object
        on no relation is never found.
        """
        state, table = failure.error.sqlstate or "", step.ref.path[:2]
        if state == sqlstate.SYNTAX_ERROR:
            return False
        if (
            not state.startswith(sqlstate.OF_TEXT)
            or (state in _OF_STAND_INS and not (state == sqlstate.DUPLICATE_COLUMN and _KINDS[ref.kind].brings))
            or (state in _OF_TABLES and table in self._there)
        ):
            return True
        texts = (self._shown(ref), *(step.reads if ref == step.ref else ()))
        words = refusals.words_about(" ".join(texts), table, self._contract)
        if refusals.retyped_among(words, table, self._differing):
            return True
        unmade = self._lost - {ref, *_of(step)} - {one for one in self._made if _on_relation(one)}
        if state in _OF_NAMES:
            if self.closed:
                return True  # an object that exists there is not found either
            names = _names(failure)
            return any(refusals.brings(one, name) for one in unmade for name in names)
        if state == sqlstate.INVALID_FOREIGN_KEY and any(
            len(one.ref.path) > 2 and one.ref.path[:2] in step.locks for one in self._differing
        ):
            return True
        return any(refusals.named(one, words, table) for one in unmade - self._made)

    def _refusal(self, step: Step, ref: ObjectRef, failure: Failure) -> Finding:
        error, state = failure.error, failure.error.sqlstate or ""
        said = told(error)
        if state.startswith(("22", "42")):  # the error is about the contract's text alone
            detail = f" ({error.diag.message_detail.rstrip('.')})" if error.diag.message_detail else ""
            said = masked(f"{error.diag.message_primary or error}{detail}".replace("pg_temp.", ""), {})
        names = _names(failure)
        return self._finding(ref, said, names, self._hint(step, names, state), state)

    def _hint(self, step: Step, names: Iterable[tuple[str, ...]], state: str) -> str:
        """Return what may help besides correcting the contract: an object that a step needs, or an extension."""
        words = {name[-1] for name in names}
        for need in step.needs:
            if need.help and words & {*words_of(need.help)} and state in _OF_EXTENSIONS:
                row = self._connection.execute(sent(f"select ({need.holds}) is not false")).fetchone()
                if row == (False,):
                    return f" To create it: {need.help}"
        first = next((name[-1] for name in names), "")  # the one that does not exist
        meant = self._names.hint(state, first, _about(step))
        brought = "If an extension provides it, list that under extensions:." if state in _OF_EXTENSIONS else ""
        return "".join(f" {hint}" for hint in (meant, brought) if hint)

    def _beside(self, state: str, tables: Collection[ObjectPath]) -> Iterator[str]:
        """Yield the names of the contract's types, or of the columns of tables."""
        for kind in KINDS:
            paths = self._contract.objects[kind.name]
            if kind.gives_types and state == sqlstate.UNDEFINED_OBJECT:
                yield from (path[-1] for path in paths)
            elif kind.type_of is not None and state == sqlstate.UNDEFINED_COLUMN:
                yield from (path[-1] for path in paths if path[:2] in tables)

    def _finding(
        self, ref: ObjectRef, said: str, names: Iterable[tuple[str, ...]], hint: str = "", state: str = ""
    ) -> Finding:
        """Build the finding about the contract, at the position of the word that the server rejects."""
        entry = self._contract.objects[ref.kind][ref.path]
        facet, place = refusals.facet_and_place(entry, [name[-1] for name in names])
        return refusals.finding(
            ref,
            facet,
            f"PostgreSQL rejects the {ref} as the contract states it: {said}.{hint}",
            place,
            expected=_KINDS[ref.kind].show(entry.value),
            state=state,
        )


def _on_relation(ref: ObjectRef) -> bool:
    return ref.kind in _HOLDERS or bool(_KINDS[ref.kind].within)


def _about(step: Step) -> tuple[ObjectPath, ...]:
    """What a step is about, and all tables that its statements name."""
    return (step.ref.path, *step.locks, *step.beside)


def _brought(step: Step) -> set[ObjectRef]:
    return {condition.ref for condition in step.provides if condition.state is State.PRESENT}


def _of(step: Step) -> set[ObjectRef]:
    return {step.ref, *_brought(step)}


def _names(failure: Failure) -> list[tuple[str, ...]]:
    """Return the names that an error may be about: first the one that it points at, then those that it quotes."""
    position = int(failure.error.diag.statement_position or 0)
    names = [name_at(failure.statement[position - 1 :])] if position else []
    message = failure.error.diag.message_primary or ""
    others = (call or whole for call, whole in _SPELLED.findall(message))
    names += [tuple(name.split(".")) for name in (*quoted_names(message), *others)]
    return [name for name in names if name]
