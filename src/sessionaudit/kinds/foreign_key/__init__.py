"""Foreign keys."""

from sessionaudit.kinds.foreign_key.model import KIND

__all__ = ["KIND"]
