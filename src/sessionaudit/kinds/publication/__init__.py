"""Membership of tables in publications."""

from sessionaudit.kinds.publication.model import KIND

__all__ = ["KIND"]
