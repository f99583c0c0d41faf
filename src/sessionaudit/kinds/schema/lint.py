"""What shows of a schema without a database: that its name is reserved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint
from sessionaudit.kinds.lint_rules import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef


_RESERVED = "pg_"
_THERE = re.compile(r"pg_catalog|pg_toast|pg_(?:toast_)?temp_[0-9]+")  # those that PostgreSQL makes itself


def flaws(ref: ObjectRef, _model: object, _models: Models, _schema: str) -> Iterator[Flaw]:
    """A name that begins as those of PostgreSQL's own schemas."""
    if ref.name.startswith(_RESERVED) and not _THERE.fullmatch(ref.name):
        yield Flaw(
            RESERVED,
            f"The {ref} cannot be created: names that begin with pg_ are reserved for PostgreSQL's own schemas.",
            words=(ref.name,),
        )


LINT = Lint(flaws=flaws)
