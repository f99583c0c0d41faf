"""A new audit, kind or format touches its own room and one line of a registry: each is added to a copy, and works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sessionaudit

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

SOURCE = Path(sessionaudit.__file__).parent

# Where the line goes: a file, the line before, the line.
AUDIT = {
    "audits/toy/__init__.py": '"""Toy."""\n',
    "audits/toy/rules.py": """
from sessionaudit.core.finding import Rule, Severity
STALE = Rule("SX001", "stale-folder", Severity.WARNING, "A folder is stale.", "Nobody looks into it.")
RULES = (STALE,)
""",
    "audits/toy/audit.py": """
from sessionaudit.audits.audit import Audit, Looked, Needs
from sessionaudit.audits.toy.rules import RULES, STALE
from sessionaudit.core.finding import Finding
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome
REF = ObjectRef("folder", ("src",))
def run(context):
    found = Finding(rule=STALE, severity=STALE.severity, ref=REF, facet="", expected=None, actual=None,
                    message="The folder src is stale.", holder=str(REF))
    return Outcome(audit="toy", noun="folder", findings=(found,), checked={"folder": 3}, whole=True)
AUDIT = Audit(name="toy", noun="folder", needs=Needs.NOTHING, run=run,
              subjects=lambda _: [Looked(REF, frozenset(RULES))])
""",
}
AUDIT_LINE = (
    "audits/__init__.py",
    'AUDITS = ("schema", "data", "migrations", "code", "behaviour")',
    'AUDITS = ("schema", "data", "migrations", "code", "behaviour", "toy")',
)
KIND = {
    "kinds/conversion/__init__.py": "from sessionaudit.kinds.conversion.kind import KIND\n",
    "kinds/conversion/query.sql": """
select n.nspname::text as schema, c.conname::text as name, c.condefault
  from pg_catalog.pg_conversion c
  join pg_catalog.pg_namespace n on n.oid = c.connamespace
  join unnest(%(schema)s::text[], %(name)s::text[]) as w (schema, name) on w.schema = n.nspname and w.name = c.conname
 order by 1, 2
""",
    "kinds/conversion/model.py": """
from msgspec import Struct
class Conversion(Struct, frozen=True, kw_only=True):
    pass
""",
    "kinds/conversion/kind.py": """
from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.kind import Kind, beside
from sessionaudit.kinds.common.rules import forbidden, missing
from sessionaudit.kinds.conversion.model import Conversion
KIND = Kind(name="conversion", section="conversions", identity=("schema", "name"), model=Conversion,
            query=beside(__file__), entries=by_qualified_name,
            read=lambda _node, _schema: Conversion(), load=lambda _row, _schema: Conversion(),
            show=lambda _: "present", spell=lambda _: None,
            missing=missing("SX101", "conversion", "texts stay as they are"),
            forbidden=forbidden("SX102", "conversion"), attributes=(), shape={"type": "object"})
""",
    "kinds/conversion/cure.py": """
from sessionaudit.core.cure import Cure, absent, present
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import LockLevel, Step
from sessionaudit.sql.text import literal
def create(difference):
    name = dotted(difference.ref.path)
    schema, conversion = map(literal, difference.ref.path)
    return (Step(action=f"Create the conversion {name}", ref=difference.ref,
                 sql=(f"create conversion {name} for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",),
                 done="exists (select from pg_catalog.pg_conversion c where c.conname = " + conversion
                      + " and c.connamespace::pg_catalog.regnamespace::text = " + schema + ")",
                 lock=LockLevel.NONE, provides=(present(difference.ref),)),)
CURE = Cure(create=create, drop=lambda _: (), alter={})
""",
}
KIND_LINE = ("kinds/__init__.py", '    "enum",\n', '    "enum",\n    "conversion",\n')
FORMAT = {
    "report/formats/lines.py": """
def render(report, canvas):
    return "".join(f"{one.rule.code} {one.ref}\\n" for one in report.findings)
"""
}
FORMAT_LINE = (
    "report/formats/__init__.py",
    "    TABLE,\n",
    '    TABLE,\n    Format("lines", "sessionaudit.report.formats.lines"),\n',
)


PLAN_FORMAT = {
    "report/formats/plan/actions.py": """
def render(page, canvas):
    return "".join(f"{step.action}\\n" for step in page.proposal.plan.steps)
"""
}
PLAN_FORMAT_LINE = (
    "report/formats/plan/__init__.py",
    "    SQL,\n",
    '    SQL,\n    Format("actions", "sessionaudit.report.formats.plan.actions"),\n',
)

LEDGER = {
    "audits/migrations/ledgers/toy.py": """
from sessionaudit.audits.migrations.ledgers.interface import Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import of_file
def claims(listing):
    return any(file.endswith(".toy") for file in listing.files)
def seen(listing):
    return SeenFiles([of_file(listing, file, version=file.removesuffix(".toy"), name="") for file in listing.files])
LEDGER = Ledger(name="toy", title="Toy", claims=claims, seen=seen)
"""
}
LEDGER_LINES = (
    ("audits/migrations/ledgers/__init__.py", "    supabase,\n)", "    supabase,\n    toy,\n)"),
    ("audits/migrations/ledgers/__init__.py", "    drizzle.LEDGER,\n", "    toy.LEDGER,\n    drizzle.LEDGER,\n"),
)
READER = {
    "audits/code/readers/toy/__init__.py": '"""Toy."""\n',
    "audits/code/readers/toy/reader.py": """
from sessionaudit.audits.code.model import CodeFile, CodeStatement, Span
from sessionaudit.audits.code.readers.interface import CodeReader
def read(path, shown, text, project):
    line = text.decode().strip()
    at = Span(shown, 1, 1, 1, len(line) + 1)
    return CodeFile(path=shown, statements=(CodeStatement(at=at, text=line, places=((0, at),)),))
READER = CodeReader(name="toy", suffixes=frozenset((".toyql",)), marks=(b"select",), read=read)
""",
}
READER_LINE = (
    "audits/code/readers/__init__.py",
    'READERS = ("typescript", "python", "sql")',
    'READERS = ("typescript", "python", "sql", "toy")',
)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the program's source."""
    target = tmp_path / "sessionaudit"
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def add(program: Path, room: dict[str, str], line: tuple[str, str, str]) -> None:
    for name, text in room.items():
        assert not (program / name).exists()
        (program / name).parent.mkdir(exist_ok=True)
        (program / name).write_text(text, encoding="utf-8")
    registry, before, after = line
    text = (program / registry).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (program / registry).write_text(text.replace(before, after), encoding="utf-8")


def call(program: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sessionaudit", *words],
        cwd=program.parent,
        env={**os.environ, "PYTHONPATH": str(program.parent), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.thorough
def test_an_audit_a_kind_and_a_format(copied: Path, make_database: MakeDatabase, template: Template) -> None:
    url = make_database(template("one table", ["create table public.t ()"]))
    contract = copied.parent / "expected_schema.yaml"
    contract.write_text("version: 1\ntables: {t: {}}\n", encoding="utf-8")
    assert call(copied, url, "check").returncode == 0

    add(copied, AUDIT, AUDIT_LINE)
    told = json.loads(call(copied, url, "check", "--format", "json").stdout)
    assert [(one["code"], one["audit"]) for one in told["findings"]] == [("SX001", "toy")]
    assert told["checked"]["folders"] == 3
    assert call(copied, url, "check", "--ignore", "toy").stdout.startswith("Nothing found")
    assert "stale-folder" in call(copied, url, "rule").stdout

    add(copied, FORMAT, FORMAT_LINE)
    assert call(copied, url, "check", "--format", "lines").stdout == "SX001 folder src\n"
    assert "table (default), lines, json" in " ".join(call(copied, url, "check", "--help").stdout.split())

    add(copied, KIND, KIND_LINE)
    contract.write_text("version: 1\ntables: {t: {}}\nconversions: {s: {}}\n", encoding="utf-8")
    found = call(copied, url, "check", "--format", "lines")
    assert found.stdout == "SX101 conversion public.s\nSX001 folder src\n", found.stderr

    add(copied, PLAN_FORMAT, PLAN_FORMAT_LINE)
    assert "<sql|actions|json>" in call(copied, url, "repair", "--help").stdout
    assert call(copied, url, "repair", "--format", "actions").stdout == "Create the conversion public.s\n"

    mended = call(copied, url, "repair", "--apply", "--yes")
    assert mended.returncode == 0, mended.stderr
    assert call(copied, url, "check", "--format", "lines").stdout == "SX001 folder src\n"


@pytest.mark.thorough
def test_a_ledger_and_a_reader(copied: Path, make_database: MakeDatabase, template: Template) -> None:
    url = make_database(template("one table", ["create table public.t ()"]))
    for name, text in (("m/1.toy", "create tabel a ();\n"), ("src/a.toyql", "select x from public.nowhere\n")):
        (copied.parent / name).parent.mkdir()
        (copied.parent / name).write_text(text, encoding="utf-8")

    add(copied, LEDGER, LEDGER_LINES[0])
    add(copied, {}, LEDGER_LINES[1])
    told = json.loads(call(copied, url, "migrations", "--folder", "m", "--files-only", "--format", "json").stdout)
    assert (told["tool"], [one["rule"] for one in told["findings"]]) == ("toy", ["rejected-migration"])

    add(copied, READER, READER_LINE)
    found = json.loads(call(copied, url, "scan", "src", "--format", "json").stdout)["findings"]
    assert [(one["rule"], one["location"]["file"]) for one in found] == [("unknown-table", "src/a.toyql")]
