"""What the kinds know of contracts alone; each is loaded when a contract is checked without a database."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessionaudit.core.lint import Lint

# The kinds of which something shows without a database; each has it in `lint.py`.
LINTED = (
    "aggregate",
    "collation",
    "column",
    "comment",
    "composite_type",
    "domain",
    "enum",
    "event_trigger",
    "exclusion",
    "foreign_key",
    "foreign_server",
    "foreign_table",
    "grant",
    "index",
    "key",
    "materialized_view",
    "membership",
    "operator_class",
    "policy",
    "publication",
    "range_type",
    "schema",
    "sequence",
    "statistics",
    "table",
    "trigger",
    "view",
)


@cache
def lint_of(kind: str) -> Lint[Any] | None:
    """Return what a kind knows, None if that is nothing."""
    return import_module(f"sessionaudit.kinds.{kind}.lint").LINT if kind in LINTED else None
