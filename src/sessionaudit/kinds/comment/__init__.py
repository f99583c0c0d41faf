"""Comments on objects."""

from sessionaudit.kinds.comment.kind import KIND

__all__ = ["KIND"]
