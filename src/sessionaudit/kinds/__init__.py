"""The kinds of schema objects, in the order in which they are created."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.kind import Kind
from sessionaudit.kinds import (
    check,
    column,
    enum,
    extension,
    foreign_key,
    function,
    grant,
    index,
    key,
    policy,
    publication,
    table,
    trigger,
)

KINDS: tuple[Kind[Any], ...] = (
    extension.KIND,
    enum.KIND,
    table.KIND,
    column.KIND,
    key.KIND,
    foreign_key.KIND,
    check.KIND,
    index.KIND,
    function.KIND,
    policy.KIND,
    grant.KIND,
    trigger.KIND,
    publication.KIND,
)
