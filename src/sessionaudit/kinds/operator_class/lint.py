"""What shows of an operator class: its operators are for PostgreSQL to find."""

from __future__ import annotations

from sessionaudit.core.lint import Lint

LINT = Lint(by_server=True)
