"""The shape of the program: who may import whom, and what every kind must declare."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import sessionaudit.kinds
from sessionaudit.core.kind import Kind
from sessionaudit.cures import CURES
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import RULES

SOURCE = Path(sessionaudit.__file__).parent
MODULES = {path.relative_to(SOURCE).with_suffix("").as_posix(): path for path in SOURCE.rglob("*.py")}

# Each room may import from itself and from the rooms named here.
ROOMS = {
    "__init__": set[str](),
    "__main__": {"cli", "__init__"},
    "errors": {"core"},
    "core": set[str](),
    "kinds": {"core"},
    "rulebook": {"core", "kinds"},
    "contract": {"core", "kinds", "rulebook", "files", "errors"},
    "cures": {"core", "kinds"},
    "files": set[str](),
    "protocol": set[str](),
    "masking": set[str](),
    "connection": {"protocol", "errors"},
    "effects": {"core", "connection"},
    "outside": {"core", "contract", "connection", "effects", "errors"},
    "session": {"core", "connection", "locks", "errors"},
    "locks": {"core", "connection", "errors"},
    "dependents": {"core", "connection"},
    "standing": {"core", "connection"},
    "order": {"core", "kinds"},
    "leaving": {"core", "kinds", "cures", "order", "standing"},
    "plan": {"core", "kinds", "cures", "order", "leaving", "standing", "rulebook", "contract"},
    "identity": {"core", "connection"},
    "planfile": {"core", "files", "identity", "plan", "errors"},
    "script": {"core", "plan", "errors"},
    "obstruction": {"core", "connection", "session"},
    "apply": {"core", "plan", "connection", "locks", "obstruction", "session", "outside", "errors"},
    "preflight": {"core", "plan", "connection", "locks"},
    "rehearsal": {"core", "connection", "plan"},
    "facing": {"core", "connection", "plan", "preflight", "errors"},
    "foresight": {"core", "plan"},
    "repair": {"core", "kinds", "cures", "contract", "connection", "audit", "plan", "planfile", "preflight", "apply"}
    | {"dependents", "standing", "rehearsal", "facing", "foresight", "identity", "report", "proof", "rulebook"}
    | {"selection", "errors"},
    "proof": {"core", "kinds", "contract", "plan", "connection", "outside", "effects", "errors"},
    "normalise": {"core"},
    "deparse": {"core", "connection", "outside", "normalise"},
    "catalog": {"core", "kinds", "contract", "connection", "errors"},
    "resolve": {"core", "kinds", "contract"},
    "definition": {"core", "kinds", "cures", "contract"},
    "refusals": {"core", "kinds", "rulebook", "contract", "deparse", "errors"},
    "drift": {"core", "kinds", "rulebook", "contract", "deparse", "refusals"},
    "data": {"core", "contract", "connection", "identity", "outside", "rulebook", "selection", "errors"},
    "surroundings": {"core", "kinds", "contract", "connection", "rulebook", "errors"},
    "report": {"core", "contract", "connection", "selection", "plan", "apply", "repair", "data"},
    "selection": {"core", "contract", "rulebook", "errors"},
    "advice": {"core", "kinds", "contract", "plan", "selection"},
    "standin": {"core", "connection"},
    "trial": {"core", "kinds", "contract", "connection", "audit", "deparse", "order", "plan", "proof", "refusals"}
    | {"standin"},
    "audit": {"core", "kinds", "rulebook", "contract", "connection", "catalog", "drift", "deparse", "normalise"}
    | {"definition", "plan", "proof", "refusals", "data", "report", "resolve", "selection", "surroundings", "advice"}
    | {"trial"}
    | {"errors"},
    "demo": {"core", "errors"},
    "cli": {"core", "contract", "connection", "audit", "repair", "plan", "planfile", "script", "apply", "locks", "data"}
    | {"identity", "masking", "report", "rulebook", "demo", "errors", "__init__"},
}  # fmt: skip
LIBRARIES = {
    "typer": {"cli"},
    "rich": {"cli", "report"},
    "yaml": {"contract"},
    "psycopg": {
        "data",
        "connection",
        "masking",
        "outside",
        "proof",
        "protocol",
        "catalog",
        "deparse",
        "demo",
        "audit",
        "apply",
        "locks",
        "preflight",
        "obstruction",
        "repair",
        "dependents",
        "identity",
        "rehearsal",
        "standin",
        "surroundings",
        "trial",
    },
}
KERNEL = ("catalog", "drift", "audit", "normalise", "deparse", "report", "contract", "plan", "planfile", "script")
KERNEL = (
    *KERNEL,
    "advice",
    "definition",
    "order",
    "refusals",
    "apply",
    "preflight",
    "proof",
    "repair",
    "locks",
    "obstruction",
    "facing",
    "resolve",
    "surroundings",
)
KERNEL = (*KERNEL, "leaving", "standing", "rehearsal", "foresight")


def room(module: str) -> str:
    return module.partition("/")[0]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module != "sessionaudit":
                found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_one_way(module: str) -> None:
    own = room(module)
    for name in imports(MODULES[module]):
        parts = name.split(".")
        if parts[0] == "sessionaudit":
            target = parts[1] if len(parts) > 1 and room(parts[1]) in ROOMS else "__init__"
            assert target in ROOMS[own] | {own}, f"{module} imports {name}"
        if parts[0] in LIBRARIES:
            assert own in LIBRARIES[parts[0]], f"{module} imports {name}"


@pytest.mark.parametrize("module", [name for name in sorted(MODULES) if room(name) in KERNEL])
def test_the_kernel_names_no_kind(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = {kind.name for kind in KINDS}
    modules = {f"sessionaudit.kinds.{name}" for name in names}
    # A format's name, a word of every statement, a word of JSON Schema, what a row is told by.
    other_words = {"table", "column", "enum", "key"}
    named = (texts & (names - other_words)) | (imports(MODULES[module]) & modules)
    assert not named


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_is_one_thing(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= 400


def test_every_module_of_a_kind_is_registered() -> None:
    modules = {path.stem for path in (SOURCE / "kinds").glob("*.sql")}
    assert modules == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_accounts_for_every_field(kind: Kind[Any]) -> None:
    covered = [field for attribute in kind.attributes for field in attribute.fields]
    assert {field.name for field in fields(kind.model)} == set(covered) | kind.ignored
    assert not set(covered) & kind.ignored


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_query_is_qualified_and_ordered(kind: Kind[Any]) -> None:
    query = re.sub(r"--[^\n]*", "", kind.query)
    relations = re.findall(r"\b(?:from|join)\s+([a-z_.]+)", query)
    local = set(re.findall(r"(?:with|with recursive|,)\s+(\w+) as (?:materialized )?\(", query)) | {
        "rows",
        "lateral",
        "pg_catalog.unnest",
    }
    assert [name for name in relations if not name.startswith("pg_catalog.") and name not in local] == []
    assert re.search(r"order by [\w.,\s]+$", query.strip()), "the order of the rows must not be left to chance"


def test_every_kind_has_a_cure_for_every_facet() -> None:
    assert list(CURES) == [kind.name for kind in KINDS]
    for kind in KINDS:
        cure = CURES[kind.name]
        assert list(cure.alter) == [attribute.facet for attribute in kind.attributes], kind.name
        assert bool(cure.rename) == kind.misnamed, kind.name


def test_rules_are_unique_and_explained() -> None:
    codes = [rule.code for rule in RULES.values()]
    assert len(set(codes)) == len(codes)
    for kind in KINDS:
        for rule in kind.rules:
            assert RULES[rule.name] is rule, f"two rules are called {rule.name}"
    for name, rule in RULES.items():
        assert re.fullmatch(r"S[AD]\d{3}", rule.code), rule
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name), rule
        assert rule.summary.endswith("."), rule
        assert rule.why.endswith("."), rule
