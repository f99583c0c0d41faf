"""What shows of a materialized view without a database: its name, and that it reads itself through others."""

from __future__ import annotations

from sessionaudit.core.lint import Lint, row_type_names
from sessionaudit.kinds.common.circular_views import flaws

LINT = Lint(flaws=flaws, takes=row_type_names)
