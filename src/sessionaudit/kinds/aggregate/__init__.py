"""Aggregates that the contract names."""

from sessionaudit.kinds.aggregate.kind import KIND

__all__ = ["KIND"]
