"""Triggers."""

from sessionaudit.kinds.trigger.model import KIND

__all__ = ["KIND"]
