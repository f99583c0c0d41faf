"""Membership of tables in publications."""

from sessionaudit.kinds.publication.kind import KIND

__all__ = ["KIND"]
