"""Privileges on tables."""

from sessionaudit.kinds.grant.model import KIND

__all__ = ["KIND"]
