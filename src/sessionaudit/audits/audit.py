"""Define the interface of an audit; the runner names no audit."""

from __future__ import annotations

from enum import Flag, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct, field

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
    """What an audit requires."""

    NOTHING = 0
    DATABASE = auto()
    FILES = auto()  # beside the contract
    SERVER = auto()  # a private one, to run files in


class FixMaker(Protocol):
    """Adds to findings the SQL that repairs them; the audits do not depend on it."""

    def unread(self, connection: Connection, contract: Contract, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return findings for definitions in the contract that no statement could contain."""
        ...

    def added(
        self, findings: Sequence[Finding], contract: Contract, actual: Schema, refused: Collection[ObjectRef]
    ) -> tuple[Finding, ...]:
        """Return the findings, each with its SQL, except those on objects that the server has `refused`."""
        ...


class Options(Struct, frozen=True, kw_only=True):
    """The options of an audit run.

    `only` and `ignore` hold rules, codes, audits or globs over objects. `without` holds audits to leave out.
    `read_only` forbids the temporary tables (rolled back) with which the server compares expressions.
    `statement_timeout` and `data_timeout` are in seconds; the latter limits the count of one invariant. `explain` asks
    for the query plan of each invariant. With `files`, audits run that need more than the contract and the database.
    `whole` tells that the contract names every object that should exist. `checklist` requires that it has a checklist.
    `fixes` adds to each finding the SQL that repairs it. With `trying`, no rows are counted: PostgreSQL only explains
    the queries, which tells what could not be checked. `modules` are those that the report will need: they are loaded
    while the server answers.
    """

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    read_only: bool = False
    statement_timeout: float = 30
    data_timeout: float = 60
    explain: bool = False
    files: bool = False
    whole: bool = False
    checklist: bool = False
    trying: bool = False
    fixes: FixMaker | None = None
    modules: tuple[str, ...] = ()


class Context(Struct, kw_only=True):
    """The input of an audit.

    `database` is the connection, with the existing objects that the contract names; None if no audit of this run needs
    a database. `outcomes` are those of the earlier audits.
    """

    contract: Contract
    database: Read | None
    selection: Selection
    options: Options
    outcomes: list[Outcome] = field(default_factory=list["Outcome"])

    @property
    def found(self) -> list[Finding]:
        """The findings of the earlier audits."""
        return [finding for outcome in self.outcomes for finding in outcome.findings]

    @property
    def read(self) -> Read:
        """The database. Use it only in an audit that needs it."""
        if self.database is None:
            raise AssertionError(self.options)
        return self.database


class Read(NamedTuple):
    """The connection to a database, and what its catalogs contain of the objects that the contract names."""

    connection: Connection
    actual: Schema


class Looked(NamedTuple):
    """An object that an audit examines, and the rules that may apply to it."""

    ref: ObjectRef
    rules: frozenset[Rule]


class Audit(Struct, frozen=True, kw_only=True):
    """One audit.

    `name` is its name on the command line. `noun` says in one word what it counts. `subjects` returns everything that
    it examines, including what the options leave out; `run` examines what the options ask for. `applies` tells
    whether a contract has a part for it. `modules` are those that `run` always imports, `modules_of_findings` those
    that it imports if it finds something: they are loaded while the server answers. `command` is the command that says
    how its findings are mended, where no other does: if `comes_first`, that is done before the database is repaired.
    """

    name: str
    noun: str
    needs: Needs
    subjects: Callable[[Context], Iterable[Looked]]
    run: Callable[[Context], Outcome]
    applies: Callable[[Contract], bool] = lambda _contract: True
    modules: tuple[str, ...] = ()
    modules_of_findings: tuple[str, ...] = ()
    command: str = ""
    comes_first: bool = False
