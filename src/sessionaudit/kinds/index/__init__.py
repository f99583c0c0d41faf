"""Indexes, other than those of keys."""

from sessionaudit.kinds.index.kind import KIND

__all__ = ["KIND"]
