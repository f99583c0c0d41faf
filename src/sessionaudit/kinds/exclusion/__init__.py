"""Exclusion constraints."""

from sessionaudit.kinds.exclusion.kind import KIND

__all__ = ["KIND"]
