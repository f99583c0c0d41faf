"""What shows of an exclusion constraint without a database: the name that it takes."""

from __future__ import annotations

from sessionaudit.core.lint import Lint, relation_name

LINT = Lint(takes=relation_name)
