"""Event triggers."""

from sessionaudit.kinds.event_trigger.kind import KIND

__all__ = ["KIND"]
