"""Which settings a connection asks the server for."""

from __future__ import annotations

import os
from typing import Any


def options_of(parameters: dict[str, Any]) -> str:
    """Return what the parameter `options` says, else PGOPTIONS, such as `-c role=auditor`; "" for nothing."""
    return str(parameters.get("options", os.environ.get("PGOPTIONS", "")))
