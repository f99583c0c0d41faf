"""Materialized views: their query by meaning, whether they hold rows, and their owner."""

from sessionaudit.kinds.materialized_view.kind import KIND

__all__ = ["KIND"]
