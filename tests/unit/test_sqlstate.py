"""The SQLSTATEs have the names that psycopg, and PostgreSQL's manual, give them."""

from __future__ import annotations

import ast
from pathlib import Path

from psycopg import errors

import sessionaudit
from sessionaudit.core import sqlstate

NAMED = {name: value for name, value in vars(sqlstate).items() if name.isupper() and isinstance(value, str)}
SOURCE = Path(sessionaudit.__file__).parent


def test_the_names_are_those_of_psycopg() -> None:
    for name, value in NAMED.items():
        if len(value) == 5:
            words = errors.lookup(value).__name__.lower().strip("_")
            assert name.replace("_", "").lower() == words, value


def test_no_other_module_spells_one() -> None:
    for path in SOURCE.rglob("*.py"):
        if path.name != "sqlstate.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = {
                node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in NAMED.values()
            }
            assert {text for text in texts if len(text) == 5} == set(), path
