"""Policies of row security."""

from sessionaudit.kinds.policy.model import KIND

__all__ = ["KIND"]
