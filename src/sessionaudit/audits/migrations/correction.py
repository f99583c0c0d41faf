"""Compose the SQL that corrects a ledger: a row that the tool itself would have written, or none."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.migrations.ledger_rows import forgetting, matching, meant, recording
from sessionaudit.audits.migrations.model import LedgerContent, Migration, Recorded
from sessionaudit.audits.migrations.rights import FACET
from sessionaudit.audits.migrations.rules import NOT_RECORDED, NOT_THERE
from sessionaudit.audits.migrations.stated import located_statements
from sessionaudit.audits.migrations.unseen import of_code, unseen
from sessionaudit.core.plain_sql import indentable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.migrations.effects import History
    from sessionaudit.audits.migrations.verdicts import Evidence, MigrationVerdict

_ANY_BYTES = "SQL_ASCII"


class LedgerCorrection(Struct, frozen=True, kw_only=True):
    """How the ledger is corrected for one migration: a row more (`adds`), or one less.

    `sql` is the statement, "" where no row can be composed, and `rows` the condition that finds the row. `command` is
    the tool's own for the same, "" if it has none. `meant` is the condition that holds for the row that is written as
    composed. `unproven` says what of the migration was not looked at, `refused` why it is not run here all the same.
    """

    file: str
    version: str
    adds: bool
    sql: str
    rows: str
    command: str = ""
    meant: str = ""
    unproven: str = ""
    refused: str = ""

    @property
    def is_due(self) -> bool:
        """Whether it can be run."""
        return bool(self.sql) and not self.unproven and not self.refused


def corrections(evidence: Evidence, migrations: Iterable[MigrationVerdict]) -> Iterator[LedgerCorrection]:
    """Return what corrects the ledger, where it was proven to be wrong.

    Nothing does for a file that PostgreSQL rejects: what its statements make is not known, and once it is not recorded,
    the tool runs it, and comes to the same end. The same holds where there is another reason for what is not there, and
    for what is there otherwise: nobody knows whether the file made it.
    """
    content, tool = evidence.ledger, evidence.tool
    if not isinstance(content, LedgerContent) or tool.kept is None:
        return
    for one in migrations:
        rules = {finding.rule for finding in one.findings}
        if one.replay is not None and one.replay.failures:
            continue
        if NOT_RECORDED in rules and one.migration is not None and _is_as_made(one):
            sql = recording(tool, content.table, one.migration, content.columns, evidence.folder)
            holds = meant(tool, one.migration, content.columns, evidence.folder)
            yield _correction(evidence, content, one, one.migration, sql, holds)
        elif NOT_THERE in rules and one.recorded is not None and _would_come(one, evidence.history):
            sql = forgetting(tool, content.table, one.recorded)
            yield _correction(evidence, content, one, one.recorded, sql)


def _is_as_made(one: MigrationVerdict) -> bool:
    """Whether all that was looked at is there, and as the files make it."""
    stands = one.standing
    return stands is not None and not (stands.lacking or stands.otherwise or stands.unknown)


def _would_come(one: MigrationVerdict, history: History | None) -> bool:
    """Whether nothing of it is there in any state, and the tool would make it, and undo nothing, when it runs again."""
    stands = one.standing
    if stands is None or history is None or stands.there or stands.otherwise or stands.unknown:
        return False
    return not any(lack.reason for lack in stands.lacking) and not _undoes(one, history)


def _undoes(one: MigrationVerdict, history: History) -> bool:
    """Whether it removes or replaces what a later file has made or changed, or may do so to what is there."""
    if one.replay is None:
        return True
    migrations = [file.migration for file in history.files]
    later = {id(migration) for migration in migrations[migrations.index(one.replay.migration) + 1 :]}
    for effect in one.replay.effects:
        steps = history.steps.get(effect.ref, ())
        if effect.deed != "added" and any(id(step.migration) in later for step in steps):
            return True
    told = {effect.location for effect in one.replay.effects}
    return any(
        location not in told and _removes(statement.words)
        for location, statement in located_statements(one.replay.migration)
    )


def _removes(words: Sequence[str]) -> bool:
    """Whether a statement, which had no effect in a new database, may remove or replace something in another one."""
    return words[0] == "drop" or words[1:3] == ("or", "replace") or (words[0] == "alter" and "drop" in words)


def _correction(
    evidence: Evidence,
    content: LedgerContent,
    one: MigrationVerdict,
    about: Migration | Recorded,
    sql: str,
    holds: str = "",
) -> LedgerCorrection:
    kept = evidence.tool.kept
    if kept is None:
        raise AssertionError(evidence.tool)
    adds = isinstance(about, Migration)
    # Without its row, the tool would run the file again: rows that it changes would be changed once more.
    aside = next(unseen(one.replay), None) or next(of_code(one.replay.migration), None) if one.replay else None
    by_bytes = content.encoding == _ANY_BYTES
    return LedgerCorrection(
        file=one.file,
        version=one.version or one.name,
        adds=adds,
        sql=indentable(sql, by_bytes=by_bytes),
        rows=indentable(matching(kept.key(about)), by_bytes=by_bytes) if kept.key else "",
        command=kept.command(about, adds),
        meant=holds,
        unproven=str(aside) if aside else _rights_aside(one) if adds else "",
        refused=_refused(content, sql, adds=adds),
    )


def _refused(content: LedgerContent, sql: str, *, adds: bool) -> str:
    if not _can_hold(content.encoding, sql):
        return f"a name or a text of it has what the encoding {content.encoding} of the database does not"
    return next((one.why for one in content.hindrances if not (adds and one.of_removal)), "")


def _can_hold(encoding: str, text: str) -> bool:
    """Whether a database of this encoding can keep a text, as far as that is known here."""
    if encoding == _ANY_BYTES or "\0" in text:
        return "\0" not in text
    known = encoding.lower().replace("win", "cp") if encoding.startswith("WIN") else encoding
    try:
        codec = codecs.lookup(known)
    except LookupError:
        codec = codecs.lookup("utf-8")
    try:
        codec.encode(text)
    except UnicodeEncodeError:
        return False
    return True


def _rights_aside(one: MigrationVerdict) -> str:
    """Tell where a role that a statement names has other rights than the file gives it, or leaves it."""
    other = next((other for other in one.standing.otherwise if other.facet == FACET), None) if one.standing else None
    return f"{other.location}: the rights on {other.ref} are {other.actual}, not {other.expected}" if other else ""
