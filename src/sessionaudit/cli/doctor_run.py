"""What `sessionaudit doctor` does: the connection is diagnosed, and the page printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli.defaults.in_force import defaults_in_force, remarks_on_defaults
from sessionaudit.cli.terminal.messages import say
from sessionaudit.core.node import nearest
from sessionaudit.doctor.diagnosis import COMMANDS
from sessionaudit.doctor.session import DoctorOptions, diagnose
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.doctor.diagnosis import Diagnosis
    from sessionaudit.postgres.connection import Url


def options(url: Url, contract: Path | None, commands: Sequence[str], timeout: float) -> DoctorOptions:
    """What a call asks for. Raises UsageError for a command that is none, or uses no database."""
    for one in commands:
        if one not in COMMANDS:
            raise UsageError(f"“{one}” is no command that uses a database", hint=nearest(one, COMMANDS))
    more = tuple(remarks_on_defaults())
    return DoctorOptions(url=url, contract=contract, commands=tuple(commands), timeout=timeout, more=more)


def diagnosed(asked: DoctorOptions) -> Diagnosis:
    """Return what is found, and the defaults of options. Raises SessionAuditError."""
    return replace(diagnose(asked), defaults=tuple(defaults_in_force()))


def ended(found: Diagnosis) -> int:
    """Say if there is no connection, and return the exit code."""
    if found.database is None:
        say(f"error: cannot connect: {found.attempts[-1].message}")
        return EXIT_DATABASE
    return EXIT_FINDINGS if found.failing else EXIT_CLEAN
