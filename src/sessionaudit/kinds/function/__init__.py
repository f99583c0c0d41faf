"""Functions and procedures that the contract names."""

from sessionaudit.kinds.function.model import KIND

__all__ = ["KIND"]
