"""Columns: type, nullability, default, identity, generation, collation."""

from sessionaudit.kinds.column.kind import KIND

__all__ = ["KIND"]
