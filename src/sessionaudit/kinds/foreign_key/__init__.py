"""Foreign keys."""

from sessionaudit.kinds.foreign_key.kind import KIND

__all__ = ["KIND"]
