"""Check constraints."""

from sessionaudit.kinds.check.kind import KIND

__all__ = ["KIND"]
