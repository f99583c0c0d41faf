"""The cures of the kinds; loaded only where something is to be fixed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from sessionaudit.core.cure import Cure

# By the names of the kinds; each stands in its kind's room.
CURES: dict[str, Cure[Any]] = {kind.name: import_module(f"sessionaudit.kinds.{kind.name}.cure").CURE for kind in KINDS}
