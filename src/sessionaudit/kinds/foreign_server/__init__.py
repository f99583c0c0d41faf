"""Servers: the foreign data wrapper, and the options."""

from sessionaudit.kinds.foreign_server.kind import KIND

__all__ = ["KIND"]
