"""Domains: base type, collation, default, nullability and checks."""

from sessionaudit.kinds.domain.kind import KIND

__all__ = ["KIND"]
