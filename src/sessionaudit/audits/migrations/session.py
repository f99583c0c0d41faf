"""Examine migrations for their own command: with a contract or without, with a database or without."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.audits.migrations.changed_files import changed_since
from sessionaudit.audits.migrations.correction import LedgerCorrection, corrections
from sessionaudit.audits.migrations.examination import (
    MigrationExamination,
    MigrationOptions,
    examine_migrations,
)
from sessionaudit.audits.migrations.listed import listed
from sessionaudit.audits.migrations.looked_at import ref_of, refs_looked_at
from sessionaudit.audits.migrations.rules import RULES
from sessionaudit.audits.migrations.verdicts import Verdicts, judge, of_files
from sessionaudit.audits.selection import Selection, judged, refuse_slips
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.contract.loader import load
from sessionaudit.contract.migrations import TOOLS, DeclaredMigrations, folder_of
from sessionaudit.contract.model import Contract
from sessionaudit.core.finding import Location
from sessionaudit.core.node import Scalar, nearest
from sessionaudit.core.report import Outcome, Report
from sessionaudit.core.streams import base_of
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.connection import closing, connect, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sessionaudit.audits.migrations.model import LedgerContent, Migration
    from sessionaudit.audits.migrations.verdicts import MigrationVerdict
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.postgres.connection import Connection, Url

_AUDIT = "migrations"
_NO_SECTION = "Add it (migrations: {folder: supabase/migrations}), or name the folder with --folder."


class MigrationsPlace(NamedTuple):
    """The database, the contract, and what the options say in its place; empty where they say nothing."""

    url: Url
    contract: Path
    folder: Path | None = None
    tool: str = ""
    platform: str = ""


class MigrationsPart(NamedTuple):
    """What of it is asked for; empty for all."""

    files_only: bool = False
    changed_since: str = ""
    file: str = ""
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


_FOLDER = "--folder"
_OTHER_AUDITS = "`sessionaudit check` examines the schema and the rows."


class MigrationsReport(Struct, frozen=True, kw_only=True):
    """The report, what is said of each migration that was asked for, and how its ledger is corrected.

    `examined` has all that was known; `names` tells whether the contract names an object, which `repair` can make.
    `detailed` says that one file was asked for.
    """

    report: Report
    examined: MigrationExamination
    migrations: tuple[MigrationVerdict, ...]
    corrections: tuple[LedgerCorrection, ...] = ()
    detailed: bool = False
    names: Callable[[ObjectRef], bool] = lambda _: False


class MigrationsRun(Struct, frozen=True, kw_only=True):
    """An examination, and what it was asked for; `connection` is None where no database was to be asked.

    `names` are the files that have changed, None where that was not asked.
    """

    contract: Contract
    connection: Connection | None
    asked: MigrationsPart
    names: frozenset[str] | None
    examined: MigrationExamination

    def with_ledger(self, content: LedgerContent) -> MigrationsRun:
        """Return what is said with another ledger, of the same files and the same objects."""
        evidence = replace(self.examined.evidence, ledger=content)
        return replace(self, examined=MigrationExamination(evidence=evidence, verdicts=judge(evidence)))

    def reported(self) -> MigrationsReport:
        """Return what is said of what was asked for. Raises UsageError."""
        return _reported(self)


def report_migrations(place: MigrationsPlace, asked: MigrationsPart, options: MigrationOptions) -> MigrationsReport:
    """Examine migrations. Raises UsageError, ContractError and DatabaseError."""
    with examining_migrations(place, asked, options) as run:
        return run.reported()


@contextmanager
def examining_migrations(
    place: MigrationsPlace, asked: MigrationsPart, options: MigrationOptions
) -> Generator[MigrationsRun]:
    """Examine migrations, and leave the connection open for the block. Raises the same."""
    refuse_slips((*asked.only, *asked.ignore))
    contract = _contract(place)
    names = _names(contract, asked.changed_since) if asked.changed_since else None

    def examined(connection: Connection | None) -> MigrationsRun:
        found = examine_migrations(contract, connection, _observing(asked.file, options))
        return MigrationsRun(contract=contract, connection=connection, asked=asked, names=names, examined=found)

    if asked.files_only:
        yield examined(None)
        return
    with closing(connect(place.url)) as connection:
        yield examined(connection)


def _contract(asked: MigrationsPlace) -> Contract:
    """The contract with what the options say of the migrations; without one, what the options say alone."""
    if asked.tool and asked.tool not in TOOLS:
        raise UsageError(f"unknown tool “{asked.tool}”", hint=nearest(asked.tool, TOOLS))
    said = {name: value for name, value in (("tool", asked.tool), ("platform", asked.platform)) if value}
    if asked.folder is None:
        contract = load(asked.contract)
        if contract.migrations is None:
            raise UsageError(f"{asked.contract} has no section “migrations”", hint=_NO_SECTION)
        return replace(contract, migrations=replace(contract.migrations, **said))
    contract = load(asked.contract) if asked.contract.exists() else _bare()
    shown = Scalar(os.path.relpath(asked.folder, base_of(Path(contract.file))))
    location = Location(_FOLDER, 0)
    before = contract.migrations or DeclaredMigrations(location=location, folder=shown)
    declared = replace(before, folder=shown, location=location, places=(), **said)
    return replace(contract, migrations=declared)


def _bare() -> Contract:
    return Contract(
        file="", sources=(), schema="public", objects={kind.name: {} for kind in KINDS}, rules={}, waivers=()
    )


def _names(contract: Contract, ref: str) -> frozenset[str]:
    """The files that have changed, as people are told of them."""
    if contract.migrations is None:
        raise AssertionError(contract)
    shown = str(contract.migrations.folder).rstrip("/")
    found = changed_since(folder_of(contract.file, contract.migrations), ref)
    return frozenset(name if shown in {"", "."} else f"{shown}/{name}" for name in found)


def _reported(run: MigrationsRun) -> MigrationsReport:
    asked, contract, connection, names, examined = run.asked, run.contract, run.connection, run.names, run.examined
    verdicts = examined.verdicts
    if names is not None:
        verdicts = of_files(verdicts, names)
    if asked.file:
        verdicts = of_files(verdicts, frozenset((_the_file(asked.file, verdicts),)))
    if _AUDIT in asked.ignore or (asked.only and {*asked.only} <= {*AUDITS} - {_AUDIT}):
        raise UsageError("--only and --ignore leave nothing of the migrations", hint=_OTHER_AUDITS)
    selection = Selection(only=asked.only, ignore=asked.ignore, schema=contract.schema)
    if not selection.everything:
        history = examined.evidence.history
        selection.require((*(ref_of(one) for one in examined.verdicts.migrations), *(history.steps if history else ())))
    found = tuple(replace(finding, audit=_AUDIT) for finding in verdicts.findings)
    findings, waived = judged(found, contract, selection, dt.datetime.now(tz=dt.UTC).date())
    migrations = tuple(
        one for one in verdicts.migrations if selection.everything or selection.asks(_AUDIT, ref_of(one), RULES)
    )
    outcome = Outcome(
        audit=_AUDIT,
        noun="migration",
        findings=found,
        skipped=verdicts.skipped,
        checked={"migration": sum(1 for one in migrations if one.migration is not None)},
        whole=names is None and not asked.file,
        directory=os.path.dirname(contract.file),  # noqa: PTH120 - pathlib makes “.” of nothing
        looked_at=lambda: refs_looked_at(migrations, live=connection is not None),
        tables=partial(listed, migrations),
    )
    report = Report(
        database=describe(connection) if connection is not None else None,
        contract=examined.evidence.folder.path if _by_option(contract) else contract.file,
        findings=findings,
        waived=waived,
        outcomes=(with_unsaid(outcome, contract, selection, (*findings, *(finding for finding, _ in waived))),),
        filtered=not selection.everything,
        selected=(*selection.words, *_words(asked)),
        holders=tuple(dict.fromkeys(finding.holder for one in migrations for finding in one.findings)),
    )
    return MigrationsReport(
        report=report,
        examined=examined,
        migrations=migrations,
        corrections=tuple(corrections(examined.evidence, migrations)),
        detailed=bool(asked.file),
        names=lambda ref: ref.path in contract.objects.get(ref.kind, ()),
    )


def _words(asked: MigrationsPart) -> tuple[str, ...]:
    """The words of the call that leave out a side or files."""
    said = {"--files-only": asked.files_only, f"--changed-since {asked.changed_since}": asked.changed_since}
    return (*(word for word, is_said in said.items() if is_said), *filter(None, (asked.file,)))


def _by_option(contract: Contract) -> bool:
    """Whether the options name the folder."""
    return contract.migrations is not None and contract.migrations.location.file == _FOLDER


def _observing(file: str, options: MigrationOptions) -> MigrationOptions:
    """Have the locks of the file measured that is asked for, or of those that it may be."""
    if not file:
        return options
    name = file.rpartition("/")[2]

    def is_meant(migration: Migration) -> bool:
        named = file in {migration.version, migration.name}
        return named or file.endswith(migration.file) or migration.file.endswith(name)

    return replace(options, observed=is_meant)


def _the_file(file: str, verdicts: Verdicts) -> str:
    """The file that is meant, by its path, its name alone, or the version or the name of its migration."""
    known = [one.file for one in verdicts.migrations if one.file]
    said = file.removeprefix("./")
    found = [one for one in known if one == said] or [one for one in known if f"/{one}".endswith(f"/{said}")]
    found = found or [one for one in known if f"/{said}".endswith(f"/{one}")]
    found = found or [one.file for one in verdicts.migrations if one.file and said in {one.version, one.name}]
    if len(found) != 1:
        several = f"{file} may be {' or '.join(found)}" if found else f"{file} is not a file of the folder"
        raise UsageError(several, hint="" if found else nearest(file, known))
    return found[0]
