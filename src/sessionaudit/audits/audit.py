"""The interface of an audit; the runner names none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sessionaudit.audits.selection import Selection
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Outcome
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection


class Needs(Flag):
    """What an audit cannot do without."""

    NOTHING = 0
    DATABASE = auto()


class FixMaker(Protocol):
    """What adds to findings the SQL that mends them; no audit knows of it."""

    def unread(self, connection: Connection, contract: Contract, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """Findings for what the contract says of the objects found and no statement can take up."""
        ...

    def added(
        self, findings: Sequence[Finding], contract: Contract, actual: Schema, refused: Collection[ObjectRef]
    ) -> tuple[Finding, ...]:
        """The findings, each with its SQL, but for those of what the server has `refused`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a call asks for.

    `only` and `ignore` hold rules, codes, audits or globs over objects. `without` are audits that are left out.
    `read_only` forbids the temporary tables (rolled back) with which the server compares expressions.
    `statement_timeout` is in seconds; so is `data_timeout`, for the count of one invariant, and `explain` asks for the
    plan of each. `whole` tells that the contract names all that there should be. `fixes` adds to each finding the SQL
    that mends it.
    """

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    read_only: bool = False
    statement_timeout: float = 30
    data_timeout: float = 60
    explain: bool = False
    whole: bool = False
    fixes: FixMaker | None = None


@dataclass(slots=True, kw_only=True)
class Context:
    """What an audit is given.

    `database` is the connection with what the database has of what the contract names; None where no audit of this run
    needs one. `outcomes` are those of the audits before.
    """

    contract: Contract
    database: Read | None
    selection: Selection
    options: Options
    outcomes: list[Outcome] = field(default_factory=list["Outcome"])

    @property
    def found(self) -> list[Finding]:
        """The findings of the audits before."""
        return [finding for outcome in self.outcomes for finding in outcome.findings]

    @property
    def read(self) -> Read:
        """The database. Only for an audit that needs it."""
        if self.database is None:
            raise AssertionError(self.options)
        return self.database


class Read(NamedTuple):
    """A database that was read: the connection, and what the catalogs have of what the contract names."""

    connection: Connection
    actual: Schema


class Looked(NamedTuple):
    """An object that an audit would look at, and the rules that could find something of it."""

    ref: ObjectRef
    rules: frozenset[Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One audit.

    `name` is what a call names it by. `noun` is what it counts, in one word. `subjects` gives what it would look at,
    whatever the call leaves out, and `run` looks at what the call asks for.
    """

    name: str
    noun: str
    needs: Needs
    subjects: Callable[[Context], Iterable[Looked]]
    run: Callable[[Context], Outcome]
