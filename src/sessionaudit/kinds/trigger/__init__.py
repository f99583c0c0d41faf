"""Triggers."""

from sessionaudit.kinds.trigger.kind import KIND

__all__ = ["KIND"]
