"""What shows of an enum without a database: the name that it takes."""

from __future__ import annotations

from sessionaudit.core.lint import Lint, type_name

LINT = Lint(takes=type_name)
