"""Define the exceptions, each with the exit code of the command and a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.finding import Location

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_DATABASE = 3
EXIT_CHANGED = 4
EXIT_REPAIR = 5
EXIT_INTERRUPTED = 130


class SessionAuditError(Exception):
    """An expected error: shown as one message and one hint, never as a traceback."""

    exit_code = EXIT_USAGE
    kind = "usage"  # its name for programs

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SessionAuditError):
    """The options or arguments are wrong."""


class DefaultsError(SessionAuditError):
    """A default of an option is wrong at `location`, a line of a file or a variable; `more` holds further errors."""

    more: tuple[DefaultsError, ...] = ()

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.location = location

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class ContractError(SessionAuditError):
    """The contract is wrong at `location`; `more` holds further errors.

    `state` is the SQLSTATE with which a server rejects a text of it, if one does.
    """

    more: tuple[ContractError, ...] = ()

    kind = "contract"

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "", state: str = "") -> None:
        super().__init__(message, hint=hint)
        self.location = location
        self.state = state

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class ScriptError(SessionAuditError):
    """A file of SQL cannot be run; `location` is the place in it."""

    kind = "sql"

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.location = location

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class FileError(SessionAuditError):
    """A file that sessionaudit wrote once, a report or a baseline, cannot be read; `location` is the place in it."""

    kind = "file"

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.location = location

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


def together(errors: Iterable[ContractError]) -> ContractError:
    """Return the first of some errors (at least one), with the others in its `more`."""
    found = [one for error in errors for one in (error, *error.more)]
    first = ContractError(found[0].message, location=found[0].location, hint=found[0].hint)
    first.more = tuple(found[1:])
    return first


class DatabaseError(SessionAuditError):
    """The database could not be reached, or did not answer."""

    exit_code = EXIT_DATABASE
    kind = "database"


class ChangedError(SessionAuditError):
    """The database has changed since a saved plan was made."""

    exit_code = EXIT_CHANGED
    kind = "changed"


class RepairError(SessionAuditError):
    """A repair could not start, or did not reach its goal."""

    exit_code = EXIT_REPAIR
    kind = "repair"


class JournalError(RepairError):
    """The journal cannot be written, or has been changed: nothing more may be committed."""

    kind = "journal"


class BusyError(RepairError):
    """Another repair is running on this database."""

    kind = "busy"


class UnfitError(SessionAuditError):
    """The schema differs from the contract where a repair needs it; says whether `repair` can fix that.

    `differing` are the fingerprints of the findings on the schema.
    """

    solved_by_repair = True
    differing: tuple[str, ...] = ()
    exit_code = EXIT_FINDINGS
    kind = "unfit"
