"""Memberships of roles in others."""

from sessionaudit.kinds.membership.kind import KIND

__all__ = ["KIND"]
