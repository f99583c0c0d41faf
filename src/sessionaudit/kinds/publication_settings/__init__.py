"""What publications publish beside their tables, and which operations."""

from sessionaudit.kinds.publication_settings.kind import KIND

__all__ = ["KIND"]
