"""Functions and procedures that the contract names."""

from sessionaudit.kinds.function.kind import KIND

__all__ = ["KIND"]
