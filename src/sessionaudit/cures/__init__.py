"""The cures of the kinds; loaded only where something has to be mended."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.cure import Cure
from sessionaudit.cures import (
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

# By the names of the kinds.
CURES: dict[str, Cure[Any]] = {
    "extension": extension.CURE,
    "enum": enum.CURE,
    "table": table.CURE,
    "column": column.CURE,
    "key": key.CURE,
    "foreign_key": foreign_key.CURE,
    "check": check.CURE,
    "index": index.CURE,
    "function": function.CURE,
    "policy": policy.CURE,
    "grant": grant.CURE,
    "trigger": trigger.CURE,
    "publication": publication.CURE,
}
