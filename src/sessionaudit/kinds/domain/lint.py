"""What shows of a domain without a database: the type that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, type_name
from sessionaudit.kinds.common.circular_types import flaws
from sessionaudit.kinds.common.named_types import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.domain.model import Domain


def names(_ref: ObjectRef, domain: Domain, schema: str) -> Iterator[NamedObject]:
    """That type, unless it is one of PostgreSQL's own."""
    return named_type(domain.type, schema)


LINT = Lint(names=names, flaws=flaws, takes=type_name)
