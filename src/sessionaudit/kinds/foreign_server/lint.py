"""What shows of a foreign server: its options are for PostgreSQL to judge."""

from __future__ import annotations

from sessionaudit.core.lint import Lint

LINT = Lint(by_server=True)
