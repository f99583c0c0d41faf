"""Indexes, other than those of keys."""

from sessionaudit.kinds.index.model import KIND

__all__ = ["KIND"]
