"""Policies of row security."""

from sessionaudit.kinds.policy.kind import KIND

__all__ = ["KIND"]
