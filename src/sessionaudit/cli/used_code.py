"""The code that `sessionaudit snapshot --used-by` is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.code.usage.usage import CodePaths


def code_of(
    paths: Sequence[Path] | None,
    exclude: Sequence[str] | None,
    schemas: Sequence[str] | None,
    output: Path | None,
    split: Path | None,
    *,
    tests: bool,
) -> CodePaths | None:
    """Return the code, None if there is none. Raises UsageError for a path that does not exist."""
    if not paths:
        return None
    from sessionaudit.audits.code.usage.usage import CodePaths

    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist", hint="Name a directory or a file of source code.")
    return CodePaths(
        paths=tuple(paths),
        beside=split or (output.parent if output else Path()),
        exclude=tuple(exclude or ()),
        tests=tests,
        schemas=tuple(schemas or ("public",)),
    )
