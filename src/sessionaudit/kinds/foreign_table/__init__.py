"""Foreign tables: the server, the options and the columns."""

from sessionaudit.kinds.foreign_table.kind import KIND

__all__ = ["KIND"]
