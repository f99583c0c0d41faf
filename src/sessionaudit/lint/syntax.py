"""The errors of a contract that cannot be read, as findings: the loader's own, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.kinds.lint_rules import INVALID
from sessionaudit.lint.finding_of import of_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Finding
    from sessionaudit.errors import ContractError


def findings_of(error: ContractError, file: str) -> Iterator[Finding]:
    """Yield a finding for each error of the contract whose main file is `file`."""
    for one in (error, *error.more):
        hint = f" {one.hint}" if one.hint else ""
        message = f"{one.message[:1].upper()}{one.message[1:].rstrip('.')}.{hint}"
        name = one.location.file if one.location else file
        facet = f"{one.location.line}:{one.location.column}" if one.location else ""
        yield of_file(INVALID, name, message, one.location, facet)
