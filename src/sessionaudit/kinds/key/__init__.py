"""Primary keys and unique constraints."""

from sessionaudit.kinds.key.kind import KIND

__all__ = ["KIND"]
