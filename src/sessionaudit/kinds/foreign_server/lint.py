"""What shows of a foreign server: its options are for PostgreSQL to judge."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.lint import Lint

LINT: Lint[Any] = Lint(by_server=True)
