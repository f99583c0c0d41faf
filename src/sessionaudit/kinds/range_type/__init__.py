"""Range types: their subtype, and how its values are ordered and counted."""

from sessionaudit.kinds.range_type.kind import KIND

__all__ = ["KIND"]
