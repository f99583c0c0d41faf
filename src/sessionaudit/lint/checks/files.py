"""The files and folders that a contract names: repairs of rows, migrations and code."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.contract.code import paths_of
from sessionaudit.contract.migrations import folder_of, path_of
from sessionaudit.contract.repairs import text_of
from sessionaudit.core.place import where
from sessionaudit.errors import ContractError
from sessionaudit.kinds.lint_rules import UNREADABLE
from sessionaudit.lint.finding_of import of_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.node import Scalar
    from sessionaudit.lint.stating import StatedContract


def found(stated: StatedContract) -> Iterator[Finding]:
    """Yield the files that are not there, or cannot be what they are named for."""
    contract = stated.contract
    for name in repairs_of(contract):
        yield from _tried(name, partial(text_of, contract.file, name))
    if (migrations := contract.migrations) is not None:
        yield from _tried(migrations.folder, lambda: folder_of(contract.file, migrations))
        if (seed := migrations.seed) is not None:
            yield from _tried(seed, lambda: _existing(path_of(contract.file, seed), seed))
    if (code := contract.code) is not None:
        for name in code.paths:
            yield from _tried(name, partial(paths_of, contract.file, replace(code, paths=(name,))))


def repairs_of(contract: Contract) -> dict[Scalar, None]:
    """Return the repair files that a contract names, each once, in the order of the contract."""
    declared = (entry.repair for entries in contract.objects.values() for entry in entries.values())
    of_rows = (name for one in contract.invariants for name in (one.repair, one.supersede))
    return dict.fromkeys(name for name in (*declared, *of_rows) if name is not None)


def _tried(name: Scalar, read: Callable[[], object]) -> Iterator[Finding]:
    try:
        read()
    except ContractError as error:
        hint = f" {error.hint}" if error.hint else ""
        message = f"{error.message[0].upper()}{error.message[1:].rstrip('.')}.{hint}"
        yield of_file(UNREADABLE, str(name), message, error.location)


def _existing(path: Path, name: Scalar) -> None:
    if not path.is_file():
        raise ContractError(f"the file {name} does not exist", location=where(name))
