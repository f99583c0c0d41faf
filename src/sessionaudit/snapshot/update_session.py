"""Updates a contract file: reads it as it stands, and replaces it whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.contract import yaml_reader
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.snapshot import updating
from sessionaudit.writing import replace_file, require_writable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.audits.audit import Options
    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.accepting import AcceptedFinding
    from sessionaudit.snapshot.updating import Updated, UpdateOptions

_MARK = "\ufeff"


def update(url: Url, file: Path, asked: UpdateOptions) -> Updated:
    """The contract as the database is. Only reads both. Raises SessionAuditError."""
    source = source_of(file, "--update")
    with closing(connect(url)) as connection:
        return updating.updated(connection, source, str(file), asked)


def accept(url: Url, file: Path, findings: Sequence[AcceptedFinding], options: Options) -> Updated:
    """The contract with what the database has for these findings. Only reads both. Raises SessionAuditError."""
    source = source_of(file, "--contract")
    with closing(connect(url)) as connection:
        return updating.accepted(connection, source, str(file), findings, options)


def source_of(file: Path, option: str) -> str:
    """The text of a contract that can be written. Raises UsageError and ContractError."""
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} is no regular file, and cannot be updated")
    source = yaml_reader.read(file)
    require_writable(file, option)
    return source


def write(file: Path, updated: Updated, option: str = "--update") -> None:
    """Replace the file, with its rights and its byte order mark. Raises UsageError."""
    try:
        before = files.read(file, yaml_reader.MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        before = ""
    mark = _MARK if before.startswith(_MARK) else ""
    if before.removeprefix(mark) != updated.before:
        raise UsageError(f"{file} was changed meanwhile, and stays as it is", hint="Run the command again.")
    replace_file(file, mark + updated.after, option)
