"""Enum types: exactly these values, in this order."""

from sessionaudit.kinds.enum.model import KIND

__all__ = ["KIND"]
