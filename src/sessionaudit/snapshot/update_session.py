"""Updates the files of a contract: reads them as they stand, and replaces what changed, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.contract import file_text
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.visible import option_path
from sessionaudit.errors import ContractError, UsageError
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.snapshot import updating
from sessionaudit.writing import replace_files, require_writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.audit import Options
    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.accepting import AcceptedFinding
    from sessionaudit.snapshot.updating import Updated, UpdateOptions

_MARK = "\ufeff"

_OPTION = "--update"


def update(url: Url, file: Path, asked: UpdateOptions) -> Updated:
    """The contract as the database is. Only reads both. Raises SessionAuditError."""
    source = source_of(file, _OPTION)
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
    if option == _OPTION and not file.exists():
        line = CALLING.line("snapshot", "--output", option_path(file), without=PARTS)
        hint = f"Name one that exists, or write one from the database as it is: `{line}`"
        raise ContractError(f"the contract {file} does not exist", hint=hint)
    source = file_text.read(file)
    require_writable(file, option)
    return source


def write(updated: Updated, option: str = _OPTION) -> None:
    """Replace the changed files, each with its rights and its byte order mark. Raises UsageError.

    Nothing is replaced if one of them cannot be written, or was changed meanwhile.
    """
    texts = {Path(name): _mark(Path(name), updated.before[name]) + updated.after[name] for name in updated.changed}
    for file in texts:
        require_writable(file, option)
    replace_files(texts, option)


def _mark(file: Path, known: str) -> str:
    """The byte order mark of a file, if it has one. Raises UsageError if the file is no longer as it was read."""
    try:
        before = files.read(file, file_text.MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        before = ""
    mark = _MARK if before.startswith(_MARK) else ""
    if before.removeprefix(mark) != known:
        raise UsageError(f"{file} was changed meanwhile, and stays as it is", hint="Run the command again.")
    return mark
