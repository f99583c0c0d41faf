"""What shows of an operator class: its operators are for PostgreSQL to find."""

from __future__ import annotations

from typing import Any

from sessionaudit.core.lint import Lint

LINT: Lint[Any] = Lint(by_server=True)
