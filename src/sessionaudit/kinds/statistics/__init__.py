"""Statistics objects."""

from sessionaudit.kinds.statistics.kind import KIND

__all__ = ["KIND"]
