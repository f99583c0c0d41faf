"""Run the files of a folder in a private server, in their order, and keep what each of them does.

The database has the platform's stub, where one is asked for. A role that is no superuser runs the files, each in one
transaction where the tool does so, and after each file it is read what has changed, of every kind and in every schema.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.migrations.advice import Advice, Adviser, FailedStatement
from sessionaudit.audits.migrations.attribution import Attribution, NotedEvent
from sessionaudit.audits.migrations.causes import FailureCause, FailureCauses
from sessionaudit.audits.migrations.effects import (
    History,
    MetExisting,
    MigrationReplay,
    ObjectEffect,
    StatementFailure,
    differing_facets,
)
from sessionaudit.audits.migrations.lock_observer import LockObserver, located_locks
from sessionaudit.audits.migrations.met import (
    added_nothing,
    lacking_since,
    located,
    met,
    searches_elsewhere,
    would_make,
)
from sessionaudit.audits.migrations.other_schemas import advise_schema
from sessionaudit.audits.migrations.overlap import CommitGate
from sessionaudit.audits.migrations.renames import renamed, reused, still_named
from sessionaudit.audits.migrations.running import MigrationRunner, RunOutcome, cut, number_of
from sessionaudit.audits.migrations.server_limits import (
    BY_PSQL_ALONE,
    ServerLimit,
    may_be_of_extension,
    of_extensions,
    own_limit,
    server_limit,
)
from sessionaudit.audits.migrations.statement_places import StatementPlaces, rolled_back
from sessionaudit.audits.migrations.unsent import unsent
from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_and_column
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.embedded.bounded import ReplayLimits
from sessionaudit.embedded.replay import USUAL_OWNER, RefusedSessionError, replaying
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.connection import connect
from sessionaudit.postgres.following import CatalogFollower
from sessionaudit.postgres.known_rows import CatalogEvent
from sessionaudit.sql.statements import UnsplitError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from concurrent.futures import Future
    from typing import Any

    import psycopg

    from sessionaudit.audits.migrations.effects import ReplayState
    from sessionaudit.audits.migrations.lock_observer import ObservedLocks
    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.audits.migrations.running import CutFile
    from sessionaudit.embedded.bounded import ReplayRefusal
    from sessionaudit.embedded.replay import Replay
    from sessionaudit.postgres.catalog_change import CatalogChange
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.sql.statements import SqlStatement

DATABASE = "replay"
_MEMBERSHIPS = {kind.name for kind in KINDS if "member" in kind.identity}
OWN_SCHEMA = "sessionaudit_replay"
LOG = Path(__file__).with_name("statement_log.sql").read_bytes()
# What removes the rows runs last, for nothing asks for its result.
_NOTED = b"""
with forgotten as (
  delete from sessionaudit_replay.noted
)
select n.number, n.tag, n.class, coalesce(n.object, 0), n.sub, n.dropped, n.xmin::text::bigint, n.cmin::text::int
  from sessionaudit_replay.noted n"""
_FORGOTTEN = b"delete from sessionaudit_replay.noted"


class HistoryOptions(Struct, frozen=True, kw_only=True):
    """How files are replayed: `keep_going` after a failure, statement by statement, or stop where the tool would.

    `stub` is the file that makes an empty database that of a platform, `owner` the role that runs the files, and
    `started` is told the number of each file, from 0, before it runs. Of the files that `observed` names the locks are
    measured.
    """

    stub: Path | None = None
    keep_going: bool = False
    owner: str = USUAL_OWNER
    limits: ReplayLimits = field(default_factory=ReplayLimits)
    statement_timeout: float = 30
    started: Callable[[int, Migration], None] = lambda _number, _migration: None
    observed: Callable[[Migration], bool] = lambda _migration: False


def replay_history(migrations: Sequence[Migration], options: HistoryOptions | None = None) -> History:
    """Run migrations in the order that they are given in. Raises DatabaseError where there are no programs."""
    asked = options or HistoryOptions()
    with (
        replaying(DATABASE, owner=asked.owner, stub=asked.stub, limits=asked.limits) as replay,
        ExitStack() as stack,
    ):
        whole, parts = (stack.enter_context(closing(_superuser(replay))) for _ in range(2))
        with closing(replay.by_superuser()) as plain:
            plain.execute(LOG)
        follower = CatalogFollower(
            whole, parts, without={OWN_SCHEMA}, hidden=is_ours, statement_timeout=asked.statement_timeout
        )
        base = {kind: dict(models) for kind, models in follower.objects.items()}
        runner = stack.enter_context(closing(MigrationRunner(replay, keep_going=asked.keep_going)))
        watching = stack.enter_context(closing(replay.by_superuser()))  # before a file can set anything for it
        replayed = _Replayed(migrations, asked, replay, follower, runner, (whole, parts), watching)
        with UNDERWAY.doing("running migrations", len(migrations)) as running:
            files = tuple(running.over(replayed.files()))
        if replay.assumed:
            replay.take_back()
            follower.follow()
        return History(
            files=files,
            base=base,
            final=follower.objects,
            lacking=tuple(replay.lacking),
            assumed=tuple(replay.assumed),
            version=replay.major,
            halted=replayed.halted,
            owner=asked.owner,
        )


def _superuser(replay: Replay) -> Connection:
    connection = connect(replay.superuser_url)
    connection.autocommit = True
    return connection


def is_ours(ref: ObjectRef) -> bool:
    """Whether an object belongs to what notes the statements."""
    return ref.path[0].startswith(OWN_SCHEMA)


class _Ran(NamedTuple):
    """The statements of a file and what came of them, and why the rest could not be cut into statements.

    `unsent` are those that the tool cannot send as they are, by their numbers.
    """

    statements: Sequence[SqlStatement]
    outcome: RunOutcome
    unsplit: UnsplitError | None = None
    unsent: Sequence[tuple[int, UnsplitError]] = ()
    locks: ObservedLocks | None = None
    halted: RefusedSessionError | None = None


class _Replayed:
    """The files, one after the other, in one database."""

    def __init__(
        self,
        migrations: Sequence[Migration],
        asked: HistoryOptions,
        replay: Replay,
        follower: CatalogFollower,
        runner: MigrationRunner,
        connections: tuple[Connection, Connection],
        watching: psycopg.Connection[tuple[Any, ...]],
    ) -> None:
        self._migrations, self._asked, self._replay = migrations, asked, replay
        self._follower, self._runner = follower, runner
        self._whole, self._parts = connections
        self._watching = watching
        self._adviser = Adviser(migrations)
        self._made: dict[ObjectRef, Location] = {}
        self._causes = FailureCauses()
        self._cut: tuple[int, CutFile] = (-1, ([], None))
        self._met_before: list[MetExisting] = []
        self.halted: RefusedSessionError | None = None

    def files(self) -> Generator[MigrationReplay]:
        """Run them; the server runs the next file while it is read and looked at what the last one did."""
        with ThreadPoolExecutor(1) as worker:
            ahead: Future[_Ran] | None = None
            stopped = False
            for place, migration in enumerate(self._migrations):
                if not migration.runs or stopped:
                    if not stopped:
                        self._causes.note(FailureCause(Location(migration.file, 0), unproven=True), None)
                    state: ReplayState = "not-run" if stopped else "unread" if migration.unread else "code"
                    yield MigrationReplay(migration=migration, state=state)
                    continue
                self._asked.started(place, migration)
                ran = (ahead or worker.submit(self._run, place)).result()
                if ran.halted is not None:
                    stopped, self.halted = True, ran.halted
                    yield MigrationReplay(migration=migration, state="not-run")
                    continue
                stopped = bool(ran.outcome.refused or ran.unsplit or ran.unsent) and not self._asked.keep_going
                if not stopped:
                    worker.submit(self._prepare, place + 1)
                noted = self._noted()
                seen = self._follower.look([one.event for one in noted])
                follows = place + 1 < len(self._migrations) and self._migrations[place + 1].runs
                # What it met is tried in the database as the file left it.
                gate = CommitGate() if follows and not (stopped or ran.outcome.remarks) else None
                ahead = worker.submit(self._run_ahead, place + 1, gate) if gate else None
                try:
                    fetched = self._follower.fetch(seen, gate.make_way) if gate else self._follower.fetch(seen)
                finally:
                    if gate:
                        gate.open()
                yield self._replayed(place, ran, self._follower.understand(fetched), noted)

    def _run_ahead(self, place: int, gate: CommitGate) -> _Ran:
        try:
            return self._run(place, gate)
        finally:
            gate.leave()

    def _prepare(self, place: int) -> None:
        """Do what a file needs before it runs, while it is still being seen what the last one has written."""
        if place < len(self._migrations) and self._migrations[place].runs:
            self._cut = place, cut(self._migrations[place])
            self._runner.prepare()

    def _run(self, place: int, gate: CommitGate | None = None) -> _Ran:
        migration = self._migrations[place]
        found, unsplit = self._cut[1] if self._cut[0] == place else cut(migration)
        if not found:
            return _Ran((), RunOutcome(), unsplit)
        observer = LockObserver(self._watching) if self._asked.observed(migration) else None
        try:
            outcome = self._runner.run(found, transactional=migration.transactional, observer=observer, gate=gate)
        except RefusedSessionError as refused:
            return _Ran((), RunOutcome(), halted=refused)
        failing = tuple(unsent(migration, found))
        return _Ran(found, outcome, unsplit, failing, observer.observed() if observer else None)

    def _replayed(self, place: int, ran: _Ran, change: CatalogChange, noted: Sequence[NotedEvent]) -> MigrationReplay:
        migration, found, outcome = self._migrations[place], ran.statements, ran.outcome
        if not found and ran.unsplit is None:
            return MigrationReplay(migration=migration, state="empty")
        effects = tuple(self._effects(migration, found, change, noted))
        self._made |= {effect.ref: effect.location for effect in effects if effect.deed == "added"}
        existing = tuple(self._met(migration, found, outcome))
        self._met_before += existing
        numbered: list[tuple[int, ReplayRefusal | UnsplitError]] = [*ran.unsent, *outcome.refused]
        numbered.sort(key=lambda one: one[0])
        failures = [self._failure(place, refusal, found[number]) for number, refusal in numbered]
        if ran.unsplit is not None:
            rest = migration.text[found[-1].start + len(found[-1].text) :] if found else migration.text
            failures.append(self._failure(place, ran.unsplit, rest=rest.lstrip("; \t\r\n")))
        return MigrationReplay(
            migration=migration,
            state="rejected" if failures else "applied",
            failures=tuple(failures),
            effects=effects,
            met_existing=existing,
            rolled_back=rolled_back(StatementPlaces(migration, found), found),
            reused=reused(found) | still_named(outcome.kept_of(found), self._there()),
            locks=located_locks(ran.locks, found, StatementPlaces(migration, found).location) if ran.locks else None,
        )

    # What it did

    def _effects(
        self, migration: Migration, found: Sequence[SqlStatement], change: CatalogChange, noted: Sequence[NotedEvent]
    ) -> Iterator[ObjectEffect]:
        by = Attribution(found, noted, change, self._follower.place)
        at = StatementPlaces(migration, found).location
        before = renamed(found, change.added.keys(), change.dropped)
        since = {old: new for new, old in before.items()}
        for ref, model in change.added.items():
            if not self._assumed(ref):
                yield ObjectEffect(ref, "added", at(by.made(ref)), None, model, other=before.get(ref))
        for ref, (old, new) in change.changed.items():
            if facets := differing_facets(ref.kind, old, new):
                yield ObjectEffect(ref, "changed", at(by.changed(ref, facets)), old, new, facets)
        for ref, model in change.dropped.items():
            renamed_to = since.get(ref)
            number = by.dropped(ref) if renamed_to is None else by.made(renamed_to)
            yield ObjectEffect(ref, "dropped", at(number), model, None, other=renamed_to)

    def _noted(self) -> list[NotedEvent]:
        rows = self._parts.execute(_NOTED).fetchall()
        return [
            NotedEvent(CatalogEvent(number_of(number), tag, class_, oid, sub, dropped), xid, command)
            for number, tag, class_, oid, sub, dropped, xid, command in rows
        ]

    def _assumed(self, ref: ObjectRef) -> bool:
        """Whether it is that the owner has a role: so that the files can run, or because it made the role itself."""
        return ref.kind in _MEMBERSHIPS and ref.path[0] == self._replay.owner

    def _there(self) -> Iterator[ObjectRef]:
        """What there is after the file, one after the other."""
        return (ObjectRef(kind, path) for kind, models in self._follower.objects.items() for path in models)

    # What it met

    def _met(self, migration: Migration, found: Sequence[SqlStatement], outcome: RunOutcome) -> Iterator[MetExisting]:
        elsewhere = searches_elsewhere(found)
        for one in met(found, outcome.remarks):
            ref = located(one.path, self._follower.objects, elsewhere=elsewhere)
            if ref is None:
                continue
            statement = found[one.number]
            made = would_make(self._replay, self._whole, one, statement, ref, self._follower.objects)
            self._parts.execute(_FORGOTTEN)
            lacking, differing = made if made is not None else (None, None)
            yield MetExisting(
                location=StatementPlaces(migration, found).location(one.number),
                statement=statement.text,
                ref=ref,
                made_by=self._made.get(ref),
                lacking=lacking,
                differing=differing,
            )

    # Why it failed

    def _failure(
        self,
        place: int,
        refusal: ReplayRefusal | UnsplitError,
        statement: SqlStatement | None = None,
        *,
        rest: str = "",
    ) -> StatementFailure:
        """Tell of a statement, or of the rest of a file that could not be cut into statements."""
        migration = self._migrations[place]
        if isinstance(refusal, UnsplitError):
            state, message, offset, hint = sqlstate.SYNTAX_ERROR, str(refusal), refusal.start, refusal.hint
        else:
            state, message, hint = refusal.state, refusal.message, ""
            offset = (statement.start if statement else 0) + max(refusal.position - 1, 0)
        failed = FailedStatement(
            state=state,
            message=message,
            statement=statement.text if statement else rest,
            words=statement.words if statement else (),
            at=offset,
            place=place,
        )
        location = Location(migration.file, *line_and_column(migration.text, offset))
        cause = self._causes.of(state, message, failed.statement)
        if (met := lacking_since(self._met_before, state, message, failed.statement)) is not None:
            advice = Advice(added_nothing(met))
        elif cause is not None and not cause.unproven:
            advice = Advice(f"{cause.location} was to make what it needs, and is rejected itself.")
        else:
            advice = self._adviser.advise(failed)
        if advice.nowhere and (text := advise_schema(self._whole, message)):
            advice = Advice(text)
        limit: ServerLimit | None = None
        if cause is not None and cause.unproven and advice.made_later is None:
            limit = ServerLimit(f"{cause.location} may make it, which was not checked")
        elif (
            cause is None
            and (lacking := self._replay.lacking)
            and may_be_of_extension(state, message, nowhere=advice.nowhere, advised=bool(advice.text))
        ):
            limit = of_extensions(lacking)
        elif isinstance(refusal, UnsplitError):
            limit = BY_PSQL_ALONE if refusal.of_psql else None
        elif cause is None:
            supabase = self._asked.stub is not None
            limit = own_limit(refusal, migration.text) or server_limit(state, message, supabase=supabase)
        unproven = limit.reason if limit else ""
        follows = cause.location if cause is not None and not cause.unproven else None
        self._causes.note(FailureCause(follows or location, bool(unproven)), failed.statement, message)
        return StatementFailure(
            location=location,
            statement=failed.statement,
            state=state,
            message=message,
            advice=hint or advice.text,
            made_later=advice.made_later,
            unproven=unproven,
            follows=follows,
            hint=limit.hint if limit else "",
        )
