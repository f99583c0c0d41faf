"""Rewrite rules, other than those that views are."""

from sessionaudit.kinds.rewrite_rule.kind import KIND

__all__ = ["KIND"]
