"""Primary keys and unique constraints."""

from sessionaudit.kinds.key.model import KIND

__all__ = ["KIND"]
