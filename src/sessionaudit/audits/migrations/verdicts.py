"""Judge each migration by its file, the ledger and the database. Nothing is read here.

What was not looked at is skipped, never clean: no ledger, no replay, a file that the replay did not get to.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.audits.migrations import findings_of as said
from sessionaudit.audits.migrations import skipped_of
from sessionaudit.audits.migrations.ledgers.interface import key_of
from sessionaudit.audits.migrations.model import LedgerContent
from sessionaudit.audits.migrations.named_in import named_in
from sessionaudit.audits.migrations.ranks import newest_after
from sessionaudit.audits.migrations.server_limits import OF_THIS_RUN
from sessionaudit.audits.migrations.standing import MigrationStanding, never_made, standing, unexpected
from sessionaudit.audits.migrations.unseen import only_unseen
from sessionaudit.core.finding import Finding, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.audits.migrations.effects import History, MigrationReplay
    from sessionaudit.audits.migrations.ledgers.interface import Ledger
    from sessionaudit.audits.migrations.model import Folder, Migration, Recorded
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema

NOT_LOOKED_AT = "not looked at"
_REST = ", rest unseen"


class Evidence(Struct, frozen=True, kw_only=True):
    """What is known: the files, the ledger, what the files do, and what is there.

    `ledger` is None where no database was asked. `history` is None where nothing could be run, and `unrun` says why
    then. `actual` is None without a database or a history. `same_version` tells that the private server is of the
    database's major version.
    """

    tool: Ledger
    folder: Folder
    ledger: LedgerContent | Skipped | None
    history: History | None = None
    unrun: Skipped | None = None
    actual: Schema | None = None
    same_version: bool = True


class MigrationVerdict(Struct, frozen=True, kw_only=True):
    """What is said of one migration, of a row of the ledger without a file, or of a file that the tool does not see.

    `ledger` and `database` say in words what each has; `findings` are those about it, the gravest first.
    """

    version: str
    name: str
    file: str
    ledger: str
    database: str
    findings: tuple[Finding, ...] = ()
    migration: Migration | None = None
    recorded: Recorded | None = None
    replay: MigrationReplay | None = None
    standing: MigrationStanding | None = None

    @property
    def is_seen(self) -> bool:
        """Whether the ledger and all that the migration makes were looked at, where there was a database."""
        return NOT_LOOKED_AT not in {self.ledger, self.database} and not self.database.endswith(_REST)


class Verdicts(NamedTuple):
    """What is said of every migration, what was found on other objects, and what was not looked at."""

    migrations: tuple[MigrationVerdict, ...]
    drift: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return (*(finding for one in self.migrations for finding in one.findings), *self.drift)


def judge(evidence: Evidence) -> Verdicts:
    """Return what is said of each migration, in the tool's order, and of what else was found."""
    return _Judge(evidence).judged()


class _Judge:
    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._skipped: list[Skipped] = []
        self._content = evidence.ledger if isinstance(evidence.ledger, LedgerContent) else None
        self._by_key = _recorded(self._content)
        self._doubled = {one.file for several in evidence.folder.duplicates for one in several}
        self._replays = {id(one.migration): one for one in (evidence.history.files if evidence.history else ())}
        self._blocks = _blocking(self._replays.values())
        self._drift: dict[tuple[ObjectRef, str], Finding] = {}
        self._left: set[ObjectRef] = set()

    def judged(self) -> Verdicts:
        evidence = self._evidence
        if isinstance(evidence.ledger, Skipped):
            self._skipped.append(evidence.ledger)
        if evidence.unrun is not None:
            self._skipped.append(evidence.unrun)
        told = [self._migration(place, one) for place, one in enumerate(evidence.folder.migrations)]
        told += self._without_file()
        told += self._aside()
        told += (_ignored(one.file, said.ignored(one)) for one in evidence.folder.ignored)
        self._skipped += self._unseen()
        return Verdicts(tuple(told), (*self._drift.values(), *self._unexpected()), tuple(self._skipped))

    # One migration

    def _migration(self, place: int, migration: Migration) -> MigrationVerdict:
        recorded = self._row(migration)
        replay = self._replays.get(id(migration))
        stands = self._standing(migration, replay)
        found = [*self._of_file(migration, replay, recorded, stands)]
        if self._content is not None:
            found += self._of_ledger(place, migration, recorded, stands, replay)
        found.sort(key=lambda one: (-one.severity, one.rule.code))
        self._left |= {one.ref for one in stands.lacking} if stands else set()
        for one in stands.otherwise if stands else ():
            finding = said.otherwise(one)
            self._drift.setdefault((finding.ref, finding.facet), finding)
        return MigrationVerdict(
            version=migration.version,
            name=migration.name,
            file=migration.file,
            ledger=self._in_ledger(recorded),
            database=_in_database(stands, replay) if self._evidence.ledger is not None else "",
            findings=tuple(found),
            migration=migration,
            recorded=recorded,
            replay=replay,
            standing=stands,
        )

    def _row(self, migration: Migration) -> Recorded | None:
        """The row of a migration; of several of one version the one of that name has it."""
        row = self._by_key.get(key_of(migration))
        if row and migration.file in self._doubled and row.name and migration.name and row.name != migration.name:
            return None
        return row

    def _standing(self, migration: Migration, replay: MigrationReplay | None) -> MigrationStanding | None:
        evidence = self._evidence
        if evidence.history is None or evidence.actual is None or replay is None or not migration.is_sql:
            return None
        if replay.state in {"not-run", "unread"}:
            return None
        return standing(evidence.history, replay, evidence.actual, same_version=evidence.same_version)

    def _of_file(
        self,
        migration: Migration,
        replay: MigrationReplay | None,
        recorded: Recorded | None,
        stands: MigrationStanding | None,
    ) -> Iterator[Finding]:
        for several in self._evidence.folder.duplicates:
            if migration in several:
                yield said.duplicate(migration, several)
        if replay is not None:
            yield from self._of_statements(migration, replay, stands if recorded else None)
        if replay is None or not replay.failures:
            return
        stopped = next((one for one in replay.failures if one.unproven == OF_THIS_RUN), None)
        if stopped is not None:
            yield said.stopped(migration, stopped)
        unproven = next((one for one in replay.failures if one.unproven), None)
        if unproven is not None and all(one.unproven for one in replay.failures):
            self._skipped.append(
                Skipped(
                    f"whether {migration.file} is rejected",
                    f"{unproven.location}: {unproven.message}; {unproven.unproven}",
                    unproven.hint,
                )
            )
            return
        applied = bool(recorded and recorded.state == "applied" and stands and not stands.lacking)
        worked = applied and self._all_named_there(replay)
        if said.own_failures(replay):
            yield said.rejected(migration, replay, worked=worked, blocks=self._blocks.get(migration.file, ()))
        else:
            yield said.blocked(migration, replay, worked=worked)

    def _of_statements(
        self, migration: Migration, replay: MigrationReplay, stands: MigrationStanding | None
    ) -> Iterator[Finding]:
        """What is said of statements that work, and not as they read; once, where a recorded file misses it, too."""
        if replay.state == "empty":
            yield said.empty(migration)
        if replay.rolled_back is not None:
            yield said.rolled_back(migration, replay.rolled_back)
        history = self._evidence.history
        told = {one.location for one in (stands.lacking if stands else ())}
        for met in replay.met_existing:
            if history is None or met.made_by is None or met.location in told:
                continue
            lacking = [ref for ref in met.lacking or () if never_made(history, ref)]
            if lacking:
                yield said.without_effect(migration, met, lacking)

    def _all_named_there(self, replay: MigrationReplay) -> bool:
        """Whether there is what the rejected statements were to make, as far as their texts name it."""
        if self._evidence.actual is None:
            return False
        objects = self._evidence.actual.objects
        named = [[*named_in(one.statement)] for one in replay.failures]
        return all(any(ref.path in objects.get(ref.kind, {}) for ref in refs) for refs in named)

    def _of_ledger(
        self,
        place: int,
        migration: Migration,
        recorded: Recorded | None,
        stands: MigrationStanding | None,
        replay: MigrationReplay | None,
    ) -> Iterator[Finding]:
        tool = self._evidence.tool
        unknown = stands.unknown if stands else ()
        for why in dict.fromkeys(one.why for one in unknown):
            self._skipped.append(skipped_of.not_known(migration, [one for one in unknown if one.why == why], why))
        if replay is not None and stands is not None and (one := only_unseen(replay)) is not None:
            self._skipped.append(skipped_of.unseen(migration, one))
        if recorded is None:
            if stands and stands.there and not stands.lacking and not stands.unknown:
                yield said.not_recorded(migration, stands, tool, replay)
            elif (newest := self._newest(place)) is not None and not migration.repeatable:
                yield said.passed(migration, newest, stands, tool)
            elif migration.file not in self._doubled:
                yield said.unrecorded(migration, stands, tool, replay)
            return
        if recorded.state != "applied":
            yield said.failed(migration, recorded, tool)
            return
        if (migration.unread is None or migration.text) and tool.edited(migration, recorded):
            yield said.edited(migration, recorded)
        if stands and stands.lacking:
            yield said.not_there(migration, stands)

    def _newest(self, place: int) -> Migration | Recorded | None:
        """The last migration after one that is recorded as applied; else what is recorded after it without a file."""
        every = self._evidence.folder.migrations
        for one in reversed(every[place + 1 :]):
            row = self._row(one)
            if row is not None and row.state == "applied" and not one.repeatable:
                return one
        return newest_after(every[place], every, self._lost if self._content and not self._content.heads_only else ())

    def _in_ledger(self, recorded: Recorded | None) -> str:
        if self._content is None:
            return "" if self._evidence.ledger is None else NOT_LOOKED_AT
        if recorded is None:
            return "not recorded"
        return recorded.state.replace("-", " ")

    # What has no file, and what no file makes

    @cached_property
    def _lost(self) -> Sequence[Recorded]:
        """What is recorded and has no file."""
        keys = {key_of(one) for one in self._evidence.folder.migrations}
        return [row for row in (self._content.recorded if self._content else ()) if key_of(row) not in keys]

    def _without_file(self) -> Iterator[MigrationVerdict]:
        evidence = self._evidence
        if self._content is None:
            return
        for row in self._lost:
            yield MigrationVerdict(
                version=row.version,
                name=row.name,
                file="",
                ledger=row.state.replace("-", " "),
                database="",
                findings=(said.no_file(row, evidence.folder, self._content.table, evidence.tool),),
                recorded=row,
            )

    def _aside(self) -> Iterator[MigrationVerdict]:
        """What ran and is no migration of the folder: a file before the first, or a command that stands for all."""
        evidence = self._evidence
        for replay in self._replays.values():
            one = replay.migration
            if any(one is migration for migration in evidence.folder.migrations):
                continue
            for failure in replay.failures[:1]:
                reason = f"{failure.location}: {failure.message} ({failure.state})"
                self._skipped.append(Skipped(f"the migrations, as {one.file} makes them possible", reason))
            if one.is_sql or evidence.history is None or evidence.actual is None:
                continue
            stands = standing(evidence.history, replay, evidence.actual, same_version=evidence.same_version)
            rows = [self._row(migration) for migration in evidence.folder.migrations]
            applied = self._content is not None and all(row and row.state == "applied" for row in rows)
            found = (said.not_there(one, stands),) if applied and stands.lacking else ()
            yield MigrationVerdict(
                version="",
                name=one.name,
                file="",
                ledger="all applied" if applied else "",
                database=_in_database(stands, replay),
                findings=found,
                migration=one,
                replay=replay,
                standing=stands,
            )

    def _unexpected(self) -> Iterator[Finding]:
        evidence = self._evidence
        if evidence.history is None or evidence.actual is None or not evidence.history.whole:
            return
        explained = {ref for one in self._replays.values() for met in one.met_existing for ref in met.lacking or ()}
        explained |= self._left
        explained |= {
            ref for one in self._replays.values() for failed in one.failures for ref in named_in(failed.statement)
        }
        for ref in unexpected(evidence.history, evidence.actual):
            if ref not in explained:
                yield said.made_by_none(ref, evidence.actual)

    def _unseen(self) -> Iterator[Skipped]:
        """What the replay did not get to, and so nothing is said of."""
        evidence = self._evidence
        code = [one for one in evidence.folder.migrations if not one.is_sql]
        by_command = any(not one.migration.is_sql and one.state != "code" for one in self._replays.values())
        if code and evidence.history is not None and not by_command:
            yield skipped_of.programs(code)
        yield from (skipped_of.unread(one) for one in evidence.folder.migrations if one.unread)
        late = [one.migration for one in self._replays.values() if one.state == "not-run"]
        if late and evidence.history is not None:
            yield skipped_of.not_run(late, evidence.history)
        if evidence.actual is not None:
            yield from evidence.actual.skipped


def _blocking(replays: Iterable[MigrationReplay]) -> Mapping[str, Sequence[ObjectRef]]:
    """By files that are rejected, the migrations that fail only because of one of them."""
    found: dict[str, dict[ObjectRef, None]] = {}
    for replay in replays:
        if not said.own_failures(replay):
            for place in (failure.follows for failure in replay.failures):
                if place is not None:
                    found.setdefault(place.file, {})[said.migration_ref(replay.migration)] = None
    return {file: tuple(refs) for file, refs in found.items()}


def _recorded(content: LedgerContent | None) -> Mapping[str, Recorded]:
    return {key_of(one): one for one in content.recorded} if content else {}


def _in_database(stands: MigrationStanding | None, replay: MigrationReplay | None) -> str:
    if stands is None:
        return NOT_LOOKED_AT
    if replay and replay.failures and not stands.lacking:  # what the rejected statements make is not known
        return f"{stands.there} there{_REST}" if stands.there else NOT_LOOKED_AT
    if stands.lacking:
        rest = _REST if stands.unknown or (replay and replay.failures) else ""
        return f"{len(stands.lacking)} of {stands.claims} not there{rest}"
    if stands.unknown:
        return f"{stands.there} there{_REST}" if stands.there else NOT_LOOKED_AT
    if stands.there:
        return "there"
    if replay is None or replay.state == "empty":
        return "no statement"
    return NOT_LOOKED_AT if only_unseen(replay) else "nothing to see"


def _ignored(file: str, finding: Finding) -> MigrationVerdict:
    return MigrationVerdict(version="", name="", file=file, ledger="", database="", findings=(finding,))


def of_files(verdicts: Verdicts, files: frozenset[str]) -> Verdicts:
    """Return what is said of some files alone."""
    kept = tuple(one for one in verdicts.migrations if one.file in files)
    return Verdicts(kept, (), verdicts.skipped)
