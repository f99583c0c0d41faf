"""Holds one database against another: the contract is made of the other one, and nobody keeps it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits import AUDITS, evaluation
from sessionaudit.audits.audit import Read
from sessionaudit.audits.selection import refuse_slips
from sessionaudit.contract.loader import outline
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Location, Skipped
from sessionaudit.core.visible import visible
from sessionaudit.errors import SessionAuditError, UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.postgres.identity import difference, identity
from sessionaudit.snapshot import platform, taking
from sessionaudit.snapshot.bounds import bounded

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator

    from sessionaudit.audits.audit import Options
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Database, Report
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.postgres.identity import Place
    from sessionaudit.snapshot.taking import Snapshot, SnapshotOptions

_ASIDES = frozenset(kind.name for kind in KINDS if kind.aside)
_OTHER = "the other database"
_OF_CONTRACT = "the contract or the database"
_UNCOMPARED = (
    "Not compared: owners of types, domains, collations, statistics objects, event triggers, foreign tables and "
    "foreign servers."
)
_MOST = 5  # objects that a note lists
_THE_SAME = "--database-url and --against lead to the same database"


def compared(url: Url, other: Url, asked: SnapshotOptions, options: Options) -> Report:
    """What differs in a database from another one. Reads both, each in one snapshot.

    What both have alike is no difference, whatever a check of one alone would say of it. The places of the findings
    are the name of the other database. `asked` chooses the schemas, and `options` how long a query may take. Raises
    DatabaseError and UsageError.
    """
    refuse_slips((*options.only, *options.ignore))
    options = replace(options, whole=True, without=AUDITS[1:])
    asked = replace(asked, statement_timeout=options.statement_timeout, whole=True)
    with closing(connect(url)) as here:
        with _of_other(), closing(connect(other)) as there:
            snapshot = taking.take(there, asked)
            outlined = outline(snapshot.text, visible(snapshot.database.name))
            own = evaluation.held(
                outlined, Read(there, snapshot.actual), replace(options, only=(), ignore=(), fixes=None)
            ).report
            same = _are_one(identity(there), identity(here))
        read = catalog.read_all(
            here,
            lambda: _schemas(here, asked, snapshot),
            schema=lambda: snapshot.schema,
            statement_timeout=asked.statement_timeout,
            named=outlined,
        )
        host = asked.platform or platform.recognised(here)
        read = replace(read, objects=bounded(read.objects, partial(platform.owns, host), outlined.entries))
        with _of_both():
            report = evaluation.held(outlined, Read(here, read), options).report
    return _between(report, snapshot, own, same=same)


def _are_one(there: Place, here: Place) -> bool:
    """Whether two places are certainly one: two of one name look the same where a server keeps its identifier back."""
    return None not in {there["system"], here["system"]} and not difference(there, here)


def _schemas(here: Connection, asked: SnapshotOptions, snapshot: Snapshot) -> list[str]:
    """Those of the other database, and those of the user's that only this one has."""
    if asked.schemas:
        return list(asked.schemas)
    of_other = platform.schemas(asked.platform) if asked.platform else ()
    return list(dict.fromkeys((*snapshot.schemas, *platform.schemas_of_user(here, asked.platform, of_other))))


def _between(report: Report, snapshot: Snapshot, own: Report, *, same: bool) -> Report:
    alike = {(finding.fingerprint, finding.actual) for finding in own.findings}
    unwritten = frozenset(snapshot.unwritten)
    lone = {one.ref for one in report.findings if not one.facet}
    kept = [one for one in report.findings if one.ref not in unwritten and not _on_one_of(one.ref, lone)]
    report = replace(report, standard=_OTHER, uncompared=_UNCOMPARED)
    findings = tuple(
        replace(one, locations=(Location(visible(snapshot.database.name), 0),), message=report.worded(one.message))
        for one in kept
        if (one.fingerprint, one.actual) not in alike
    )
    notes = tuple(_notes(len(kept) - len(findings), unwritten, snapshot.database, same=same))
    first, *others = report.outcomes
    skipped = tuple(_skipped(one, snapshot.database) for one in snapshot.skipped)
    first = replace(first, notes=(*first.notes, *notes), skipped=(*first.skipped, *skipped))
    contract = f"{visible(snapshot.database.name)} on {visible(snapshot.database.host)}"
    return replace(report, contract=contract, findings=findings, outcomes=(first, *others))


def _on_one_of(ref: ObjectRef, others: Collection[ObjectRef]) -> bool:
    """Whether an object is a remark on one of others, or on a part of it."""
    if ref.kind not in _ASIDES:
        return False
    kind, _, name = ref.path[0].partition(" ")
    return any(
        (kind, name) == (other.kind.replace("_", " "), other.dotted) or name.startswith(f"{other.dotted}.")
        for other in others
        if other.kind not in _ASIDES
    )


def _notes(alike: int, unwritten: Collection[ObjectRef], other: Database, *, same: bool) -> Iterator[str]:
    if same:
        yield _THE_SAME
    if alike:
        was = "was" if alike == 1 else "were"
        yield f"{counted(alike, 'finding')} on what both databases have alike {was} left out"
    if unwritten:
        named = ", ".join(sorted(map(str, unwritten))[:_MOST])
        more = f" and {len(unwritten) - _MOST:,} more" if len(unwritten) > _MOST else ""
        yield f"not compared, because no contract can state what {visible(other.name)} has: {named}{more}"


def _skipped(one: Skipped, other: Database) -> Skipped:
    return replace(one, what=f"{one.what} of {visible(other.name)}")


@contextmanager
def _of_both() -> Generator[None]:
    """Say of an error that it is about the databases, where it would be about a database and its contract."""
    try:
        yield
    except UsageError as error:
        raise UsageError(error.message.replace(_OF_CONTRACT, "either database"), hint=error.hint) from None


@contextmanager
def _of_other() -> Generator[None]:
    """Say of an error that it is about the other database."""
    try:
        yield
    except taking.NothingError as error:
        raise UsageError("--against: there is nothing to compare with: no objects are there", hint=error.hint) from None
    except SessionAuditError as error:
        error.message = f"--against: {error.message}"
        error.args = (error.message,)
        raise
