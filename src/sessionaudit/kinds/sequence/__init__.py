"""Sequences: data type, options, owning column, owner and grants; never the current value."""

from sessionaudit.kinds.sequence.kind import KIND

__all__ = ["KIND"]
