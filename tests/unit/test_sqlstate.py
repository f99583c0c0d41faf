"""The SQLSTATEs have the names that psycopg, and PostgreSQL's manual, give them."""

from __future__ import annotations

import ast

from psycopg import errors

from sessionaudit.core import sqlstate
from sources import modules

NAMED = {name: value for name, value in vars(sqlstate).items() if name.isupper() and isinstance(value, str)}


def test_the_names_are_those_of_psycopg() -> None:
    for name, value in NAMED.items():
        if len(value) == 5:
            words = errors.lookup(value).__name__.lower().strip("_")
            assert name.replace("_", "").lower() == words, value


def test_no_other_module_spells_one() -> None:
    for path, nodes in modules().items():
        if path.name != "sqlstate.py":
            texts = {node.value for node in nodes if isinstance(node, ast.Constant) and node.value in NAMED.values()}
            assert {text for text in texts if len(str(text)) == 5} == set(), path
