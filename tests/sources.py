"""The program's own source, for the tests of its shape: each module is parsed once in a process."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path

import sessionaudit

SOURCE = Path(sessionaudit.__file__).parent


@cache
def modules() -> dict[Path, tuple[ast.AST, ...]]:
    """Every module, and all nodes of its tree, from the root down."""
    gc.disable()  # all of it stays
    found = {path: tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8")))) for path in SOURCE.rglob("*.py")}
    gc.freeze()
    gc.enable()
    return found
