"""Collations: that they are there."""

from sessionaudit.kinds.collation.kind import KIND

__all__ = ["KIND"]
