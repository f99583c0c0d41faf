"""Makes the contract of a database, and proves that `check` finds nothing where it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits import AUDITS, evaluation
from sessionaudit.audits.audit import Options, Read
from sessionaudit.contract.loader import outline
from sessionaudit.core.node import flow
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.rulebook import UNCERTAIN
from sessionaudit.snapshot import taking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.code.usage.usage import CodeUsage
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.snapshot.taking import Snapshot, SnapshotOptions

_FOREVER = "9999-12-31"
_NAME = "the snapshot"
_REASON = "it was so when the contract was made"


class Made(Struct, frozen=True, kw_only=True):
    """A contract and what it waives: findings that `check` would have of the database as it is.

    `waivers` is the end of the text, which says so. What `check` could not decide is `undecided`, and not waived:
    nobody knows whether it was so. `usage` is what the code uses, if the contract is limited to that.
    """

    text: str
    snapshot: Snapshot
    waived: tuple[Finding, ...]
    waivers: str
    undecided: tuple[Finding, ...] = ()
    usage: CodeUsage | None = None

    @property
    def whole(self) -> bool:
        """Whether all was read, and the contract is proven to be that of the database."""
        unread = self.usage is not None and bool(self.usage.examined.skipped)
        return not (self.snapshot.skipped or self.undecided or unread)


def make(url: Url, asked: SnapshotOptions) -> Made:
    """Make the contract of a database. Only reads it. Raises DatabaseError and UsageError."""
    with closing(connect(url)) as connection:
        return made(connection, asked)


def made(connection: Connection, asked: SnapshotOptions) -> Made:
    """The same on an open connection."""
    usage = draft = None
    if asked.code is not None:
        from sessionaudit.audits.code.usage.usage import used_by  # noqa: PLC0415 - not every snapshot reads code
        from sessionaudit.snapshot.code_draft import CodeDraft  # noqa: PLC0415 - not every snapshot reads code

        usage = used_by(connection, asked.code, timeout=asked.statement_timeout)
        draft = CodeDraft(usage)
    snapshot = taking.take(connection, asked, draft)
    options = Options(without=AUDITS[1:], statement_timeout=asked.statement_timeout)
    with UNDERWAY.doing("proving the contract"):
        held = _held(connection, snapshot.text, options) if draft else _held_as_read(connection, snapshot, options)
    undecided = tuple(finding for finding in held.findings if finding.rule is UNCERTAIN)
    found = tuple(finding for finding in held.findings if finding.rule is not UNCERTAIN)
    waivers = _waivers(found)
    return Made(
        text=snapshot.text + waivers,
        snapshot=snapshot,
        waived=found,
        waivers=waivers,
        undecided=undecided,
        usage=usage,
    )


def _held_as_read(connection: Connection, snapshot: Snapshot, options: Options) -> Report:
    """What a check finds by a contract of all that was read."""
    return evaluation.held_against(snapshot.text, _NAME, Read(connection, snapshot.actual), options).report


def _held(connection: Connection, text: str, options: Options) -> Report:
    """What a check finds by a contract of a part, which reads what is beside that, too."""
    outlined = outline(text, _NAME, {_NAME: text})
    actual = catalog.read(connection, lambda: outlined, statement_timeout=options.statement_timeout)
    return evaluation.held(outlined, Read(connection, actual), options).report


def _waivers(found: Iterable[Finding]) -> str:
    lines = {
        flow({"rule": finding.rule.name, "object": finding.ref.dotted, "reason": _REASON, "until": _FOREVER}).replace(
            "'9999-12-31'", _FOREVER
        ): None
        for finding in found
    }
    return "\n".join(("", "waivers:", *(f"  - {line}" for line in lines), "")) if lines else ""
