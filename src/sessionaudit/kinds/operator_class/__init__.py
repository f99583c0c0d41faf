"""Operator classes: that they are there."""

from sessionaudit.kinds.operator_class.kind import KIND

__all__ = ["KIND"]
