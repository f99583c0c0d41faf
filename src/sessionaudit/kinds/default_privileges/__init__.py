"""Default privileges: what roles get on objects that another role creates later."""

from sessionaudit.kinds.default_privileges.kind import KIND

__all__ = ["KIND"]
