"""Enum types: exactly these values, in this order."""

from sessionaudit.kinds.enum.kind import KIND

__all__ = ["KIND"]
