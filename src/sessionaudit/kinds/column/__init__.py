"""Columns: type, nullability, default, identity, generation, collation."""

from sessionaudit.kinds.column.model import KIND

__all__ = ["KIND"]
