"""Schemas."""

from sessionaudit.kinds.schema.kind import KIND

__all__ = ["KIND"]
