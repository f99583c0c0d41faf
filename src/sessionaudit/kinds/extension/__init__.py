"""Extensions."""

from sessionaudit.kinds.extension.kind import KIND

__all__ = ["KIND"]
