"""Define the Diagnosis: what is known of a connection, remark by remark."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sessionaudit.core.report import Database


# The commands that use a database, in the order of the help.
COMMANDS = ("check", "repair", "trace", "backfill", "undo", "snapshot", "migrations", "scan", "access", "probe")


# Those that write. A role that only checks need not be able to.
WRITING = ("repair", "backfill", "undo")


class Weight(IntEnum):
    """How much a remark matters."""

    FACT = 0  # nothing follows from it
    FINE = 1  # as the commands need it
    NOTE = 2  # something follows from it
    LACK = 3  # a command needs what is not there

    def __str__(self) -> str:
        return self.name.lower()


class Symptom(Struct, frozen=True, kw_only=True):
    """One fact, what follows from it, and what to type.

    `topic` is what it is about, and `name` tells it from the others for programs. `sql` are statements that help,
    `commands` lines for a shell. `needed_by` are the commands that lack it.
    """

    topic: str
    name: str
    weight: Weight
    fact: str
    consequence: str = ""
    sql: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()


class ReachedStage(IntEnum):
    """The stages of a connection, in their order."""

    ADDRESS = 0
    NAME = 1
    SOCKET = 2
    TLS = 3
    AUTHENTICATION = 4
    DATABASE = 5

    def __str__(self) -> str:
        return ("address", "name resolution", "connection", "TLS", "authentication", "database")[self]


class StageOutcome(Struct, frozen=True, kw_only=True):
    """What came of a stage: `done` is None where it was not tried."""

    stage: ReachedStage
    done: bool | None
    said: str = ""


class ConnectionAttempt(Struct, frozen=True, kw_only=True):
    """One attempt to connect to a host and port.

    `message` is libpq's, without secrets; "" if it succeeded. `hint` says what to do, and `commands` what to type.
    """

    host: str
    port: str
    stages: tuple[StageOutcome, ...]
    message: str = ""
    hint: str = ""
    commands: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether there is a connection."""
        return not self.message


class DefaultInForce(Struct, frozen=True, kw_only=True):
    """A default of a command's option, and where it is stated."""

    command: str
    option: str
    value: str
    place: str


class Diagnosis(Struct, frozen=True, kw_only=True):
    """All that is known of a connection; `database` is None if it could not be reached.

    `commands` are those that it is about; `named` tells that the call names them.
    """

    database: Database | None
    attempts: tuple[ConnectionAttempt, ...]
    commands: tuple[str, ...]
    named: bool = False
    remarks: tuple[Symptom, ...] = ()
    defaults: tuple[DefaultInForce, ...] = ()

    @property
    def lacking(self) -> tuple[Symptom, ...]:
        """What a command needs and lacks."""
        return self.of(Weight.LACK)

    @property
    def failing(self) -> tuple[Symptom, ...]:
        """Of what is lacking, what decides: what a command lacks that was named, or else one that only reads."""
        return self.lacking if self.named else tuple(one for one in self.lacking if {*one.needed_by} - {*WRITING})

    def of(self, weight: Weight) -> tuple[Symptom, ...]:
        """The remarks of a weight."""
        return tuple(one for one in self.remarks if one.weight is weight)

    @property
    def lacks(self) -> dict[str, int]:
        """How much each command lacks."""
        return {name: sum(name in one.needed_by for one in self.lacking) for name in self.commands}
