"""Check constraints."""

from sessionaudit.kinds.check.model import KIND

__all__ = ["KIND"]
