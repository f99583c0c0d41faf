"""Composite types: their attributes, in order, with types and collations."""

from sessionaudit.kinds.composite_type.kind import KIND

__all__ = ["KIND"]
