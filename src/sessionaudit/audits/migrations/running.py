"""Runs the statements of one migration as its tool does, and tells what the server refused and remarked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.migrations.overlap import early
from sessionaudit.core import sqlstate
from sessionaudit.embedded.replay import RefusedSessionError
from sessionaudit.sql.statements import UnsplitError, statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.migrations.lock_observer import LockObserver
    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.audits.migrations.overlap import CommitGate
    from sessionaudit.embedded.bounded import BoundedConnection, ReplayRefusal
    from sessionaudit.embedded.replay import Replay
    from sessionaudit.sql.statements import SqlStatement

    CutFile = tuple[list[SqlStatement], UnsplitError | None]

NUMBER = "sessionaudit_replay.statement"  # the setting by which triggers know which statement runs
_TALKATIVE = "set client_min_messages = notice"
_SILENCES = "client_min_messages"
_TEMPORARY = "temp"
_MOST_RESTARTS = 3  # for statements that end the connection


def cut(migration: Migration) -> CutFile:
    """The statements of a file, those before an error too, and the error."""
    found: list[SqlStatement] = []
    try:
        for statement in statements(migration.text, psql=migration.sending.by_psql):
            found.append(statement)  # noqa: PERF402 - those before an error are kept
    except UnsplitError as error:
        return found, error
    return found, None


class RefusedStatement(NamedTuple):
    """A statement that the server refused, by its number."""

    number: int
    refusal: ReplayRefusal


class Remark(NamedTuple):
    """A notice or a warning, with the number of the statement."""

    number: int
    state: str
    message: str


class RunOutcome(Struct):
    """What came of a file: `kept` is false where the tool would have taken all of it back."""

    refused: list[RefusedStatement] = field(default_factory=list[RefusedStatement])
    remarks: list[Remark] = field(default_factory=list[Remark])
    kept: bool = True

    def kept_of(self, found: Sequence[SqlStatement]) -> list[SqlStatement]:
        """Return the statements that were not refused."""
        refused = {number for number, _ in self.refused}
        return [statement for number, statement in enumerate(found) if number not in refused]


class MigrationRunner:
    """Runs migrations one after the other; what one sets for its session is not there for the next."""

    def __init__(self, replay: Replay, *, keep_going: bool) -> None:
        self._replay, self._keep_going = replay, keep_going
        self._connection: BoundedConnection | None = None
        self._has_temporary = self._is_fresh = False

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def run(
        self,
        found: Sequence[SqlStatement],
        *,
        transactional: bool,
        observer: LockObserver | None = None,
        gate: CommitGate | None = None,
    ) -> RunOutcome:
        """Run the statements of a file; an observer looks at the locks of each, which takes longer.

        Nothing is committed before the gate is open, where there is one. Raises RefusedSessionError where none of them
        could be run.
        """
        if gate is not None and self._has_temporary:
            gate.stand_back()
            gate = None
        connection = self._fresh()
        self._is_fresh = False
        self._has_temporary = any(_TEMPORARY in statement.text.lower() for statement in found)
        bad: dict[int, ReplayRefusal] = {}  # those that must not run once more
        try:
            outcome = self._restarted(connection, found, bad, transactional=transactional, observer=observer, gate=gate)
            if outcome is not None:
                return outcome
        except RefusedSessionError:
            if not bad:
                raise
        refused = [RefusedStatement(number, refusal) for number, refusal in sorted(bad.items())]
        return RunOutcome(refused=refused, kept=False)

    def _restarted(
        self,
        connection: BoundedConnection,
        found: Sequence[SqlStatement],
        bad: dict[int, ReplayRefusal],
        *,
        transactional: bool,
        observer: LockObserver | None,
        gate: CommitGate | None,
    ) -> RunOutcome | None:
        """Run them, with another session where they have ended one; None where they have ended too many."""
        if observer is None and transactional and not any(_by_itself(statement) for statement in found):
            if (outcome := self._together(connection, found, bad, gate)) is not None:
                return outcome
            connection = self._fresh()
        if gate is not None:
            gate.stand_back()
        for _ in range(_MOST_RESTARTS):
            outcome = self._one_by_one(connection, found, transactional=transactional, bad=bad, observer=observer)
            if outcome is not None:
                return outcome
            connection = self._fresh()
        return None

    def prepare(self) -> None:
        """Have the session forgotten, which takes a while, unless more than temporary tables may be lost with it."""
        if not self._has_temporary:
            self._fresh()
            self._is_fresh = True

    def _fresh(self) -> BoundedConnection:
        if self._connection is not None:
            can_go_on = not self._connection.lost and (self._is_fresh or self._connection.forget())
            if not can_go_on:
                self.close()
        if self._connection is None:
            self._connection = self._replay.open()
        self._connection.take_notices()
        return self._connection

    def _together(
        self,
        connection: BoundedConnection,
        found: Sequence[SqlStatement],
        bad: dict[int, ReplayRefusal],
        gate: CommitGate | None,
    ) -> RunOutcome | None:
        """Run all in one message, or two, the second of which waits for the gate.

        None where the server refuses something, and nothing of it has happened. A statement that has taken more than
        it may is `bad`: it would do so again.
        """
        message = _Message(connection, found, bad)
        first = early(found) if gate is not None else 0
        if gate is not None and first:
            if not message.sent(0, first):
                return None
            if not gate.passed():
                if connection.run("rollback"):
                    return None
                message.remarks.clear()
                first = 0
        if gate is not None and not first:
            gate.stand_back()
        return RunOutcome(remarks=message.remarks) if message.sent(first, len(found), last=True) else None

    def _one_by_one(
        self,
        connection: BoundedConnection,
        found: Sequence[SqlStatement],
        *,
        transactional: bool,
        bad: dict[int, ReplayRefusal],
        observer: LockObserver | None,
    ) -> RunOutcome | None:
        """Run one after the other; None where one of them ended the connection, and the rest has to run without it."""
        outcome = RunOutcome(refused=[])
        if transactional:
            connection.run("begin")
        last = len(found) - 1
        for number, statement in enumerate(found):
            if number in bad:
                outcome.refused.append(RefusedStatement(number, bad[number]))
                continue
            connection.run(f"set {NUMBER} = {number}")
            connection.run(_TALKATIVE)
            connection.take_notices()
            refusal = self._observed(connection, number, statement, observer)
            outcome.remarks += (Remark(number, notice.state, notice.message) for notice in connection.take_notices())
            if refusal is None:
                continue
            outcome.refused.append(RefusedStatement(number, refusal))
            if connection.lost and self._keep_going:
                bad[number] = refusal
                return None
            if not self._keep_going:
                outcome.kept = not transactional
                self._end(connection, "rollback")
                return outcome
        if refusal := self._end(connection, "commit"):
            outcome.refused.append(RefusedStatement(last, refusal))
            outcome.kept = False
        return outcome

    def _observed(
        self, connection: BoundedConnection, number: int, statement: SqlStatement, observer: LockObserver | None
    ) -> ReplayRefusal | None:
        """Run a statement, and have its rows counted and its locks looked at: for these in a transaction of its own."""
        if observer is None:
            return self._replay.take(connection, statement)
        connection.take_tags()
        refusal = self._locked(connection, number, statement, observer)
        if refusal is None:
            observer.told(number, connection.take_tags())
        return refusal

    def _locked(
        self, connection: BoundedConnection, number: int, statement: SqlStatement, observer: LockObserver
    ) -> ReplayRefusal | None:
        if statement.ends_transaction or (statement.alone and not connection.in_transaction):
            observer.ended()
            if not statement.ends_transaction:
                observer.missed(number)
            return self._replay.take(connection, statement)
        own = not connection.in_transaction
        if own:
            observer.ended()
            connection.run("begin")
        refusal = self._replay.take(connection, statement)
        if connection.in_transaction:
            observer.after(number, connection.pid)
        return refusal or (self._end(connection, "commit") if own else None)

    def _end(self, connection: BoundedConnection, how: str) -> ReplayRefusal | None:
        """End the transaction, if there is one; what the file began itself, too."""
        if connection.lost or not (connection.in_transaction or connection.in_failed):
            return None
        return connection.run(how)


class _Message:
    """Statements of a file that are sent together, and what the server remarked."""

    def __init__(
        self, connection: BoundedConnection, found: Sequence[SqlStatement], bad: dict[int, ReplayRefusal]
    ) -> None:
        self._connection, self._found, self._bad = connection, found, bad
        self._aside = [_TALKATIVE] if any(_SILENCES in statement.text.lower() for statement in found) else []
        self.remarks: list[Remark] = []

    def sent(self, first: int, end: int, *, last: bool = False) -> bool:
        """Send some of them, the first ones with a beginning and the last ones with an end; whether all succeeded."""
        texts = ["begin"] if first == 0 else []
        before = len(texts)
        for number in range(first, end):
            texts += [f"set {NUMBER} = {number}", *self._aside, self._found[number].text]
        if last:
            texts.append("commit")
        each = 2 + len(self._aside)
        if (refusal := self._connection.run_together(texts)) is not None:
            number = first + max(self._connection.ended - before, 0) // each
            ended_it = self._connection.lost and self._connection.ended > 0  # else it was lost while it waited
            if number < end and (ended_it or refusal.state == sqlstate.QUERY_CANCELED):
                self._bad[number] = refusal
            return False
        self.remarks += (
            Remark(
                min(first + max(notice.after - before, 0) // each, len(self._found) - 1), notice.state, notice.message
            )
            for notice in self._connection.take_notices()
        )
        return True


def _by_itself(statement: SqlStatement) -> bool:
    """Whether a statement cannot run in one message with others: its data come apart, or it ends the transaction."""
    return statement.words[0] == "copy" or statement.ends_transaction


def number_of(text: str | None) -> int:
    """Return the number of a statement, which a file can overwrite: -1 for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else -1
