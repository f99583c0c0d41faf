"""What shows of a view without a database: the name that it takes, and that it reads itself through others."""

from __future__ import annotations

from sessionaudit.core.lint import Lint, row_type_names
from sessionaudit.kinds.common.circular_views import flaws

LINT = Lint(flaws=flaws, takes=row_type_names)
