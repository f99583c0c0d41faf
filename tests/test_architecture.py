"""The shape of the program: who may import whom, what every kind must declare, and that a module is one thing."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from sessionaudit.audits import AUDITS
from sessionaudit.core.compared import Compared
from sessionaudit.core.kind import Kind
from sessionaudit.kinds import KINDS, SCHEMAS
from sessionaudit.kinds.cures import CURES
from sessionaudit.rulebook import RULES
from sources import SOURCE, modules

if TYPE_CHECKING:
    from pathlib import Path


def dotted(path: Path) -> str:
    """The name by which a module is imported."""
    parts = ("sessionaudit", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {dotted(path): path for path in SOURCE.rglob("*.py")}

# From the ground: a room imports from itself and from the rooms below it. Those of one line do not know each other.
LAYERS = (
    {"files", "sql"},
    {"core"},
    {"errors"},
    {"kinds", "writing", "defaults"},
    {"rules of audits", "ledgers"},
    {"rulebook"},
    {"postgres", "embedded"},
    {"contract"},
    {"steps", "baseline"},
    {"audits"},
    {"repair"},
    {"private"},
    {"backfill"},
    {"story", "snapshot", "lint"},
    {"doctor"},
    {"report"},
    {"demo"},
    {"cli"},
    {"__main__"},
)
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}
LIBRARIES = {
    "typer": {"cli"},
    "rich": {"cli", "report"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "graphlay": {"report"},
    "yaml": {"contract"},
    "tree_sitter": {"audits"},
    "tree_sitter_python": {"audits"},
    "tree_sitter_javascript": {"audits"},
    "tree_sitter_typescript": {"audits"},
    "psycopg": {"postgres", "embedded", "audits", "repair", "backfill", "story", "doctor", "lint", "demo"},
}
# Rooms that speak of kinds in general, and no kind by its name.
KERNEL = {
    *("sql", "core", "steps", "baseline", "postgres", "embedded", "contract", "audits"),
    *("repair", "private", "backfill", "story", "snapshot", "lint", "report", "demo"),
    *("files", "writing", "rulebook", "errors"),
}
# Words that are kinds' names, too, and stand for something else; each module that says one is listed.
SAID = {
    "audits.migrations.rights": {"grant"},  # words of statements
    "audits.migrations.stated": {"comment", "grant"},
    "audits.migrations.overlap": {"policy", "comment", "view", "grant", "table"},
    "audits.migrations.unseen": {"table", "trigger", "statistics"},
    # What a request of the code is about.
    "audits.code.checked_values": {"check"},
    "audits.code.compiling": {"function", "table"},
    "audits.code.listening": {"column", "publication"},
    "audits.code.refusals_of_parts": {"enum"},
    "audits.behaviour.journeys.grounds": {"grant", "policy"},  # what decides who may do something
    "report.formats.probe.json_": {"column"},  # a place in a file
    "report.probe_sentences": {"sequence"},  # what a rollback does not take back
    "audits.code.rights.judging": {"grant", "policy"},
    "audits.code.rights.uses": {"check", "function", "policy", "sequence"},
    "audits.code.stated": {
        *("foreign_key", "foreign_table", "function", "key", "materialized_view", "policy", "publication"),
        *("table", "view"),
    },
    "audits.code.usage.usage": {"enum", "grant", "publication"},
    "audits.behaviour.access.finding_of": {"grant", "policy"},  # what access stands on
    "audits.behaviour.journeys.touching": {"sequence"},  # what a row of the query is about
    "audits.behaviour.access.of_policies": {"check"},  # a clause of a policy
    "audits.behaviour.access.part": {"policy"},
    "postgres.access.weighing": {"check"},  # a clause of a policy
    "postgres.access.reading": {"function", "trigger"},  # what a row of the query is about
    "audits.code.schema_cache.model": {"column", "foreign_table", "function", "materialized_view", "table", "view"},
    "repair.missing_models": {"trigger"},  # a privilege
    "core.node": {"column"},  # a place in a file
    "core.kind": {"table"},  # the part of a path that names a relation
    "core.plain_sql": {"comment"},  # a sort of token
    "sql.text": {"comment"},  # the same
    "contract.unsupported_keys": {"comment"},  # a key that people expect in a table
    "contract.jsonschema": {"enum"},  # JSON Schema's
    "contract.invariants": {"table", "key"},  # a statement's first word; the column of a list of rows
    "sql.simpler": {"table"},  # the first word of a query
    "report.snapshot_sentences": {"check"},  # the command
    "report.backfill_sentences": {"check"},  # the command
    "sql.statements": {"function", "index", "table"},  # the first words of a statement
    "embedded.replay": {"extension", "comment"},  # the same
    "embedded.policies": {"policy", "trigger"},  # the same
    "audits.migrations.other_schemas": {"function"},  # the first word of a message
    "embedded.extensions": {"extension"},  # the directory in which PostgreSQL looks for them
    "audits.migrations.attribution": {"comment", "grant"},  # the same
    # The same, and words of PostgreSQL's messages.
    "audits.migrations.advice": {
        *("aggregate", "check", "column", "domain", "function", "policy", "table", "trigger", "view"),
    },
    "audits.migrations.renames": {"column", "policy", "table", "trigger", "view"},  # the same
    "report.update_sentences": {"check"},
    "report.checklist_sentences": {"check"},  # the command
    "postgres.effects": {"function"},  # a call, in a text and in a message
    "audits.data.violations": {"index"},  # the facet of a finding on an invariant
    "backfill.statement": {"key"},  # the column by which a repair file tells what it wrote a row for
    "backfill.journal.reading": {"table"},  # a word of the journal
    "backfill.journal.writing": {"table"},
    "story.lost_links": {"key"},  # the parameter of a contract's query
    "story.other_tables": {"key"},  # the same
    "story.trace": {"key", "check"},  # the same; the command
    "audits.code.findings_of": {"comment"},  # one of the code
    "report.formats.access.table": {"function"},  # what a line of the matrix is about
    "report.errors": {"column"},  # a place in a file
    "report.formats.github": {"column"},
    "report.formats.sarif": {"column", "index"},  # the same; a place in a list
    "report.formats.junit": {"check"},  # the command
    "report.formats.migrations.json_": {"column"},
    "demo.walk": {"check"},  # the command
}
PAGES = {"table", "key"}  # on a page: the format, and what a row is told by


def room(module: str) -> str:
    """The room of a module: the folder or the module below `sessionaudit`; "" for the version.

    Which audits there are, and the rules of each, is known before what a contract may say of them; so are the tools of
    migrations.
    """
    if module == "sessionaudit.audits" or (module.startswith("sessionaudit.audits.") and module.endswith(".rules")):
        return "rules of audits"
    if module.startswith(("sessionaudit.audits.migrations.ledgers", "sessionaudit.audits.migrations.model")):
        return "ledgers"
    return ".".join(module.split(".")[1:2])


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports, whether at once, when it is called, or for types: modules, not the names in them."""
    found: dict[str, set[str]] = {}
    for path, nodes in modules().items():
        own = found[dotted(path)] = set[str]()
        for node in nodes:
            if isinstance(node, ast.Import):
                own.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                own.update(names & MODULES.keys(), {node.module} if names - MODULES.keys() else ())
    return found


def test_imports_go_one_way() -> None:
    wrong = [
        f"{module} imports {target}"
        for module, targets in imports().items()
        for target in targets & MODULES.keys()
        if room(target) and room(module) != room(target) and HEIGHT[room(module)] <= HEIGHT[room(target)]
    ]
    assert wrong == []


def test_no_imports_form_a_cycle() -> None:
    graph = {module: (targets & MODULES.keys()) - {module} for module, targets in imports().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_audit_knows_another() -> None:
    audits = {path.name for path in (SOURCE / "audits").iterdir() if (path / "__init__.py").exists()}
    assert audits == set(AUDITS)
    for module, targets in imports().items():
        own = module.split(".")[2:3]
        if room(module) == "audits" and set(own) & audits:
            others = {target for target in targets if room(target) == "audits" and target.split(".")[2:3] != own}
            assert not {name.split(".")[2] for name in others if "." in name} & audits, module


def test_libraries_stay_in_their_rooms() -> None:
    assert all(find_spec(library) for library in LIBRARIES)
    wrong = [
        f"{module} imports {name}"
        for module, targets in imports().items()
        for name in targets
        if room(module) not in LIBRARIES.get(name.partition(".")[0], {room(module)})
    ]
    assert wrong == []


def test_the_kernel_names_no_kind() -> None:
    names = {kind.name for kind in KINDS} - {SCHEMAS.name}  # the part of a path that names what an object is in
    said: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        if room(module) not in KERNEL or module.startswith("sessionaudit.audits.code.readers."):
            continue  # a reader speaks of its language, which has functions, parameters and comments of its own
        texts = {
            node.value for node in modules()[path] if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        if room(module) == "report":
            texts -= PAGES
        if texts & names:
            said[module.removeprefix("sessionaudit.")] = texts & names
        rooms = {target for target in imports()[module] if target.startswith("sessionaudit.kinds.")}
        assert rooms <= {f"sessionaudit.kinds.{name}" for name in ("cures", "lints", "lint_rules")}, module
    assert said == SAID


def test_a_module_is_one_thing() -> None:
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}
    assert {module: length for module, length in lengths.items() if length > 400} == {}


# What a line leaves out of a check, with nothing behind it.
UNEXPLAINED = re.compile(r"# (?:noqa(?:: [A-Z0-9, ]+)?|(?:type|pyright): ignore(?:\[[^]]*\])?)$")


def test_what_is_left_out_of_a_check_has_its_reason() -> None:
    """Behind it on the line, or in a comment above."""
    top = SOURCE.parents[1]
    bare: list[str] = []
    for file in (one for room in ("src", "tests", "scripts", "benchmarks") for one in (top / room).rglob("*.py")):
        above = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if UNEXPLAINED.search(line) and not above.lstrip().startswith("#"):
                bare.append(f"{file.relative_to(top)}:{number}: {line.strip()}")
            above = line
    assert bare == []


def test_a_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        for node in modules()[path]:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


# The modules of the command line that declare, and do nothing.
OPTIONS = ("check", "shared", "repair", "backfill", "scan", "snapshot", "migrations", "conflicts")
DECLARING = {f"cli.options.{name}" for name in OPTIONS} | {"cli.commands", "cli.examples"}


def test_a_module_of_the_command_line_is_short() -> None:
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}
    long = {
        module.removeprefix("sessionaudit.")
        for module, length in lengths.items()
        if room(module) == "cli" and length >= 60
    }
    assert long == DECLARING


# What there is once, and where: a pattern that no line of another module may match.
ONE_OF_EACH = {
    "postgres.timeout": r"\* *1_?000(?:\.0)?\b|\b2_?147_?483\b",
    "core.ordering": r"\b(import|from) (heapq|graphlib)\b",
    "report.page": r"\brich\.style\b",
    "postgres.retry": r"\btime\.sleep\(|\b(import|from) random\b|\brandbelow\(|\*\* ?attempt",
}
# What may have its own all the same: it waits for a process to end, and knows no server that it could ask.
OTHERWISE = {"postgres.retry": {"embedded.server"}}


def test_one_of_each() -> None:
    for module, pattern in ONE_OF_EACH.items():
        found = {
            (one.removeprefix("sessionaudit."), line.strip())
            for one, path in MODULES.items()
            for line in path.read_text(encoding="utf-8").splitlines()
            if re.search(pattern, line)
        }
        assert {one for one, _ in found} - OTHERWISE.get(module, set()) == {module}, found


def test_every_room_of_a_kind_is_registered_and_alike() -> None:
    names = {kind.name for kind in KINDS}
    for file in ("__init__.py", "model.py", "kind.py", "query.sql", "cure.py"):
        assert {path.parent.name for path in (SOURCE / "kinds").glob(f"*/{file}")} - {"common"} == names, file
    assert names == CURES.keys()


def test_what_stands_aside_is_a_field() -> None:
    for path in SOURCE.rglob("*.py"):
        if "(Compared" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    values = Compared.__subclasses__()
    assert len(values) > 20
    for value in values:
        assert value.aside <= set(value.__struct_fields__), value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_accounts_for_every_field(kind: Kind[Any]) -> None:
    covered = [field for attribute in kind.attributes for field in attribute.fields]
    assert set(kind.model.__struct_fields__) == set(covered) | kind.ignored
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
        assert re.fullmatch(r"S[ADMCBL]\d{3}", rule.code), rule
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name), rule
        assert rule.summary.endswith("."), rule
        assert rule.why.endswith("."), rule
