"""Extensions."""

from sessionaudit.kinds.extension.model import KIND

__all__ = ["KIND"]
