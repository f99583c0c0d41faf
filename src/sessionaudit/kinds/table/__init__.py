"""Tables, partitioned tables and views: that they are there, who owns them, row security."""

from sessionaudit.kinds.table.kind import KIND

__all__ = ["KIND"]
