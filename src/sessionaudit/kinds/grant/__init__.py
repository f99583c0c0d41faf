"""Privileges on tables."""

from sessionaudit.kinds.grant.kind import KIND

__all__ = ["KIND"]
