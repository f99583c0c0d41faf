"""Word the findings on migrations: the fact, what follows from it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.migrations import rules
from sessionaudit.audits.migrations.ledger_rows import told_removal
from sessionaudit.audits.migrations.model import Recorded
from sessionaudit.audits.migrations.named_in import named_in
from sessionaudit.audits.migrations.stated import commit_before
from sessionaudit.audits.migrations.unseen import unseen
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Finding, Location, Rule, Severity
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.audits.migrations.effects import MetExisting, MigrationReplay, StatementFailure
    from sessionaudit.audits.migrations.ledgers.interface import Ledger
    from sessionaudit.audits.migrations.model import Folder, IgnoredFile, LedgerTable, Migration
    from sessionaudit.audits.migrations.standing import LackingEffect, MigrationStanding, OtherwiseThere
    from sessionaudit.core.schema import Schema

MIGRATION = "migration"
_MOST = 5  # that a sentence lists
_HERE = " What its statements name is there in this database all the same."
_SETTLE = "Something else may have made it: settle that before it is recorded."
_LOOK = "See whether that was done before it is recorded."
_OF_ROLES = frozenset(kind.name for kind in KINDS if "role" in kind.path)
_SHOW = {kind.name: kind.show for kind in KINDS}


def migration_ref(migration: Migration | Recorded) -> ObjectRef:
    """Return the reference of a migration: its version, or its name where it has none."""
    return ObjectRef(MIGRATION, (migration.version or migration.name,))


def file_ref(file: IgnoredFile) -> ObjectRef:
    """Return the reference of a file that the tool does not see."""
    return ObjectRef("file", (file.file,))


def own_failures(replay: MigrationReplay) -> list[StatementFailure]:
    """Return what fails for certain, and not only because of another file."""
    proven = [one for one in replay.failures if not one.unproven]
    return [one for one in proven if one.follows is None or one.follows.file == replay.migration.file]


def blocked(migration: Migration, replay: MigrationReplay, *, worked: bool) -> Finding:
    """Say that a file fails only because earlier ones are rejected."""
    failures = [one for one in replay.failures if one.follows is not None]
    places = list(dict.fromkeys(str(one.follows) for one in failures))
    more = f" and {counted(len(places) - 1, 'other')}" if len(places) > 1 else ""
    verb = "are" if more else "is"
    return _finding(
        rules.BLOCKED,
        migration,
        f"It fails only because {places[0]}{more} {verb} rejected: {failures[0].message} "
        f"({failures[0].state}). Correct that first.{_HERE if worked else ''}",
        locations=tuple(one.location for one in failures),
        severity=Severity.NOTE if worked else None,
        actual=f"{failures[0].state}: {failures[0].message}",
        explains=tuple(effect.ref for effect in replay.of("added")),
    )


def rejected(
    migration: Migration, replay: MigrationReplay, *, worked: bool, blocks: Sequence[ObjectRef] = ()
) -> Finding:
    """Say that the server rejects statements of a file; `worked` tells that it was applied here all the same.

    `blocks` are the migrations that fail only because of it.
    """
    first, *more = own_failures(replay)
    kept = commit_before(migration, first.location)
    also = f" {counted(len(more), 'more statement')} of the file fail{'s' if len(more) == 1 else ''}." if more else ""
    if blocks:
        also += f" {counted(len(blocks), 'later migration')} cannot run without it."
    if kept is not None:
        also += f" COMMIT at {kept} keeps what stands before it: where the tool stops, the file is half applied."
    here = _HERE if worked else ""
    made = [effect.ref for effect in replay.effects if effect.deed == "added" or effect.ref.kind in _OF_ROLES]
    named = [ref for one in (first, *more) for ref in named_in(one.statement)]
    return _finding(
        rules.REJECTED,
        migration,
        f"PostgreSQL rejects it: {_failure(first)}{also}{here}",
        locations=tuple(one.location for one in (first, *more)),
        severity=Severity.WARNING if worked else None,
        explains=(*made, *named, *blocks),
    )


def _failure(one: StatementFailure) -> str:
    advice = f" {one.advice}" if one.advice else ""
    return f"{one.message} ({one.state}).{advice}"


def without_effect(migration: Migration, met: MetExisting, lacking: Sequence[ObjectRef]) -> Finding:
    """Say that a statement met an older relation, and what of it nothing makes."""
    names = [str(ref) for ref in lacking]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return _finding(
        rules.NO_EFFECT,
        migration,
        f"The {met.ref} was there before, made at {met.made_by}: the statement does nothing, and no file makes "
        f"{', '.join(names[:_MOST])}{more}. Write ALTER TABLE … ADD.",
        locations=(met.location,),
        facet=str(met.ref),
        explains=lacking,
    )


def stopped(migration: Migration, failure: StatementFailure) -> Finding:
    """Say that a statement took more than the private server gives."""
    return _finding(
        rules.STOPPED,
        migration,
        f"The statement at {failure.location} did not end: {failure.message}. What the file does was not looked at.",
        locations=(failure.location,),
        actual=failure.message,
    )


def rolled_back(migration: Migration, place: Location) -> Finding:
    """Say that a file takes back what it did."""
    return _finding(
        rules.ROLLED_BACK,
        migration,
        f"ROLLBACK at {place} takes back what the statements before it did. Remove it, or these.",
        locations=(place,),
    )


def empty(migration: Migration) -> Finding:
    """Say that a file has no statement."""
    return _finding(
        rules.EMPTY,
        migration,
        "It has no statement: the tool records it as applied, and it does nothing. Write what it is to do before it is "
        "applied; afterwards in a new migration.",
    )


def duplicate(migration: Migration, several: Sequence[Migration]) -> Finding:
    """Say that another file has the same version."""
    others = [one.file for one in several if one is not migration]
    has, all_, one = ("has", "both", "one") if len(others) == 1 else ("have", "all of them", "all but one")
    return _finding(
        rules.DUPLICATE,
        migration,
        f"{', '.join(others)} {has} the version {migration.version or migration.name}, too: the ledger has one row for "
        f"{all_}. Rename {one} of them.",
        facet=migration.file,
    )


def ignored(file: IgnoredFile) -> Finding:
    """Say that the tool does not see a file."""
    return Finding(
        rule=rules.IGNORED,
        severity=rules.IGNORED.severity,
        ref=file_ref(file),
        facet="",
        expected=None,
        actual=None,
        message=f"The tool does not see {file.file}: {file.why}. It is never applied.",
        locations=(Location(file.file, 0),),
        holder=f"file {file.file}",
    )


def unrecorded(
    migration: Migration, stands: MigrationStanding | None, tool: Ledger, replay: MigrationReplay | None
) -> Finding:
    """Say that a migration waits to be applied."""
    if replay is not None and any(not one.unproven for one in replay.failures):
        advice = " It would be rejected: correct that first."
    elif stands is not None and stands.there:
        advice = " It may fail on what is there: see to that first."
    else:
        advice = f" Apply it with {tool.title}."
    return _finding(
        rules.UNRECORDED,
        migration,
        f"It is not recorded as applied{_partly(stands)}.{advice}",
        explains=_lacking_refs(stands),
    )


def passed(
    migration: Migration, newest: Migration | Recorded, stands: MigrationStanding | None, tool: Ledger
) -> Finding:
    """Say that a migration was passed over: a later one is recorded, whose file may be gone."""
    gone = " and has no file" if isinstance(newest, Recorded) else ""
    later = f"{newest.version or newest.name}, which comes after it{gone}, is"
    return _finding(
        rules.SKIPPED,
        migration,
        f"It is not recorded as applied, and {later}{_partly(stands)}. {tool.title} may never apply it: give it a new "
        "version, or apply it out of order if the tool can.",
        explains=_lacking_refs(stands),
    )


def _partly(stands: MigrationStanding | None) -> str:
    if stands is None or not stands.claims:
        return ""
    if not stands.there:
        return ", and nothing that it makes is there"
    if not stands.lacking:
        return ", and what was looked at of it is there"
    verb = "is" if stands.there == 1 else "are"
    return f", and {stands.there} of the {stands.claims} things that it makes {verb} there"


def not_recorded(
    migration: Migration, stands: MigrationStanding, tool: Ledger, replay: MigrationReplay | None
) -> Finding:
    """Say that everything is there, and the ledger does not have it."""
    everything = "what it makes is" if stands.claims == 1 else f"all {stands.claims} things that it makes are"
    run = f"{tool.title} may run it once more."
    if stands.otherwise:
        said = f"{everything} there, but otherwise: {_otherwise_listed(stands.otherwise)}. {run}"
        return _finding(rules.NOT_RECORDED, migration, f"It is not recorded as applied, and {said} {_SETTLE}")
    if beside := _beside(replay):
        said = f"what was looked at of it is there: {run} {beside} {_LOOK}"
        return _finding(rules.NOT_RECORDED, migration, f"It is not recorded as applied, but {said}")
    return _finding(
        rules.NOT_RECORDED,
        migration,
        f"It is not recorded as applied, but {everything} there: {run} {_recording(tool)}",
    )


def _recording(tool: Ledger) -> str:
    """Say how a migration is recorded that is proven to be there."""
    if tool.kept is None:
        return f"Record it as applied with {tool.title}."
    return f"`{CALLING.line('migrations', '--allow', 'ledger', without=PARTS)}` records it as applied, after asking."


def _otherwise_listed(otherwise: Sequence[OtherwiseThere]) -> str:
    listed = ", ".join(f"the {one.facet} of {one.ref} ({one.location})" for one in otherwise[:_MOST])
    return f"{listed} and {len(otherwise) - _MOST} more" if len(otherwise) > _MOST else listed


def _beside(replay: MigrationReplay | None) -> str:
    """What a file does besides what was looked at."""
    if replay is None:
        return ""
    said: list[str] = []
    if replay.failures:
        number = counted(len(replay.failures), "statement")
        said.append(f"{number} of it failed in the replay, and what that was to make was not looked at.")
    if aside := [*unseen(replay)]:
        more = f" and {counted(len(aside) - 1, 'other')}" if len(aside) > 1 else ""
        said.append(f"Not looked at: {aside[0]}{more}.")
    return " ".join(said)


def no_file(row: Recorded, folder: Folder, table: LedgerTable, tool: Ledger) -> Finding:
    """Say that a recorded migration has no file."""
    name = f" ({row.name})" if row.name and row.name != row.version else ""
    label = row.version or row.name or "a row without a version"
    since = f", applied on {row.applied_at.partition(' ')[0]}" if row.applied_at else ""
    return _finding(
        rules.NO_FILE,
        row,
        f"{dotted(table)} records {label}{name}{since}, but {folder.path} has no file of it. "
        f"Bring the file back, or write what it did as a new one. {told_removal(tool, table, row)}".rstrip(),
    )


def edited(migration: Migration, row: Recorded) -> Finding:
    """Say that the file is not what was applied."""
    kept = "statements" if row.statements is not None else "checksum"
    return _finding(
        rules.EDITED,
        migration,
        f"The file differs from what was applied, by the {kept} in the ledger: it is not applied again. Take the edit "
        "back, and write it as a new migration.",
    )


def failed(migration: Migration, row: Recorded, tool: Ledger) -> Finding:
    """Say that the ledger has it as failed."""
    how = {"failed": "failed", "unfinished": "began and did not end", "rolled-back": "was rolled back"}
    return _finding(
        rules.FAILED,
        migration,
        f"The ledger records that it {how.get(row.state, row.state)}. See what of it is there, and settle it with "
        f"{tool.title}.",
        actual=row.state,
    )


def not_there(migration: Migration, stands: MigrationStanding) -> Finding:
    """Say what is lacking of a migration that is recorded, with the place of each, and why."""
    shown = holders_only(stands.lacking)
    listed = "; ".join(f"{_lacking(one)} ({one.location})" for one in shown[:_MOST])
    more = f"; and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
    reasons = "".join(f" {_sentence(one)}" for one in dict.fromkeys(one.reason for one in shown if one.reason))
    found = _finding(
        rules.NOT_THERE,
        migration,
        f"It is recorded as applied, but {listed}{more}.{reasons}",
        locations=tuple(dict.fromkeys(one.location for one in stands.lacking)),
        explains=_lacking_refs(stands),
    )
    return replace(found, leaves=tuple(one.ref for one in stands.lacking if one.sort == "left"), stands_on=(found.ref,))


def holders_only(lacking: Iterable[LackingEffect]) -> list[LackingEffect]:
    """Leave out what is on a relation that is lacking itself."""
    every = list(lacking)
    whole = {(one.sort, one.ref.path) for one in every if not one.facet}
    return [one for one in every if one.facet or len(one.ref.path) < 3 or (one.sort, one.ref.path[:2]) not in whole]


def _lacking(one: LackingEffect) -> str:
    if one.sort == "left":
        return f"{one.ref} is still there"
    return f"{one.ref} has its {one.facet} as before" if one.facet else f"{one.ref} is not there"


def otherwise(one: OtherwiseThere) -> Finding:
    """Say that a facet is not as the files make it."""
    return Finding(
        rule=rules.DRIFT,
        severity=rules.DRIFT.severity,
        ref=one.ref,
        facet=one.facet,
        expected=one.expected,
        actual=one.actual,
        message=f"The {one.facet} of {one.ref} is not as the migrations make it, at {one.location}.",
        locations=(one.location,),
        holder=_holder(one.ref),
    )


def made_by_none(ref: ObjectRef, actual: Schema) -> Finding:
    """Say that no file makes an object."""
    return Finding(
        rule=rules.DRIFT,
        severity=rules.DRIFT.severity,
        ref=ref,
        facet="",
        expected=None,
        actual=_SHOW[ref.kind](actual.objects[ref.kind][ref.path]),
        message=f"No migration makes {ref}.",
        holder=_holder(ref),
    )


def _finding(
    rule: Rule,
    about: Migration | Recorded,
    message: str,
    *,
    locations: tuple[Location, ...] = (),
    severity: Severity | None = None,
    facet: str = "",
    expected: str | None = None,
    actual: str | None = None,
    explains: Iterable[ObjectRef] = (),
) -> Finding:
    ref = migration_ref(about)
    file = getattr(about, "file", "")
    return Finding(
        rule=rule,
        severity=severity or rule.severity,
        ref=ref,
        facet=facet,
        expected=expected,
        actual=actual,
        message=message,
        locations=locations or ((Location(file, 0),) if file else ()),
        holder=f"migration {file or ref.path[0]}",
        explains=tuple(dict.fromkeys(explains)),
    )


def _lacking_refs(stands: MigrationStanding | None) -> tuple[ObjectRef, ...]:
    return tuple(one.ref for one in stands.lacking) if stands else ()


def _holder(ref: ObjectRef) -> str:
    return dotted(ref.path[:2])


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
