"""Views: their query by meaning, their options and their owner."""

from sessionaudit.kinds.view.kind import KIND

__all__ = ["KIND"]
