"""No command lets through to a terminal what moves its cursor, hides, or changes the order of what is read.

The names, values, keys and messages of a database, the texts of a contract, the names of files and the words of a call
are all made of such characters here; what is ours to write are line breaks, and colours where they are wanted.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from psycopg import sql

from cli.test_bad_input import environment
from mending import run_script
from servers import connect, with_database
from sessionaudit.core.visible import hidden

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from servers import DatabaseServer

ESC = "\x1b[35m\x1b]0;t\x07"  # a colour that we never write, and a title
BIDI = "\u202e\u2066\u200b"
BREAK = "\nINJECTED \r\x85\u2028\t\x9b"
NAMES = (f"e{ESC}", f"b{BIDI}", f"n{BREAK}")
KEYS = [f"{name}-key" for name in NAMES]
_OURS = re.compile(r"\x1b\[(?:0|1|2|31|32|33|36|1;31|1;33|1;32)m")


class System(NamedTuple):
    url: str
    contract: Path
    folder: Path


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def yaml(text: str) -> str:
    """A text as YAML that our reader takes for it."""
    return json.dumps(text).replace("\x7f", "\\x7f")


SETUP = [
    *(f"create table {quoted(f't{name}')} (id text primary key, {quoted(f'c{name}')} int, w text)" for name in NAMES),
    *(f"create type {quoted(f'y{name}')} as enum ('v1')" for name in NAMES),
    *(f"create policy {quoted(f'p{name}')} on {quoted(f't{name}')} using (w = 'x')" for name in NAMES),
    *(f"create index {quoted(f'i{name}')} on {quoted(f't{name}')} (w)" for name in NAMES),
    *(f"create table {quoted(f'u{name}')} (id int)" for name in NAMES),
    "create function f() returns trigger language plpgsql as 'begin return new; end'",
    *(
        f"create trigger {quoted(f'g{name}')} after update on {quoted(f't{name}')} execute function f()"
        for name in NAMES
    ),
    "create table made (id serial primary key, for_key text, note text)",
    "create table subject (id text primary key, note text)",
]


def contract() -> str:
    lines = ["version: 1", "enums:"]
    lines += [f"  {yaml(quoted(f'y{name}'))}: [v1, {yaml(f'v{name}')}]" for name in NAMES]
    lines += ["tables:", "  subject: {columns: {id: text not null, note: text}}", "  made: {}"]
    for name in NAMES:
        lines += [
            f"  {yaml(quoted(f't{name}'))}:",
            "    columns:",
            "      id: text not null",
            f"      {yaml(f'c{name}')}: {yaml('bigint')}",
            f"      {yaml(f'd{name}')}: text",
            "      w: text",
            "    constraints:",
            f"      {yaml(f'k{name}')}: {yaml(f'check (w <> $${name}$$)')}",
            "    indexes:",
            f"      {yaml(f'j{name}')}: using btree (id, w)",
            "    policies:",
            f"      {yaml(f'p{name}')}: {{for: all, using: {yaml(f'w = $${name}$$')}}}",
            f"      {yaml(f'q{name}')}: absent",
            "    triggers:",
            f"      {yaml(f'h{name}')}: before update for each row execute function f()",
        ]
        lines.append(f"  {yaml(quoted(f'm{name}'))}: {{columns: {{id: int, {yaml(f'z{name}')}: int}}}}")
    lines += [
        "functions:",
        f"  f(): {yaml('returns trigger language plpgsql as $$ begin /*' + ''.join(NAMES) + '*/ return new; end $$')}",
    ]
    lines += [
        "waivers:",
        f"  - {{rule: owner, object: x, reason: {yaml(NAMES[2])}, owner: {yaml(NAMES[0])}, until: 2020-01-01}}",
        "invariants:",
        "  promise:",
        f"    summary: {yaml(NAMES[2])}",
        "    each: subject s",
        f"    where: {{{yaml(NAMES[1])}: s.note is not null, {yaml(NAMES[2])}: s.note <> 'no'}}",
        "    has: made m",
        "    'on': m.for_key = s.id",
        "    repair: repair.sql",
        "    backfill: true",
        "trace:",
        "  of: subject s",
        "  links:",
        "    made:",
        f"      summary: {yaml(NAMES[0])}",
        "      from: made m",
        "      'on': m.for_key = s.id",
        f"      show: {{{yaml(NAMES[1])}: m.note, key: s.id, note: s.note}}",
        "      invariant: promise",
    ]
    return "\n".join(lines) + "\n"


REPAIR = """insert into made (for_key, note)
select s.id, s.note from subject s where s.id = any (%(keys)s)
returning id, for_key as key
"""


@pytest.fixture
def system(server: DatabaseServer, tmp_path: Path) -> Generator[System]:
    name = f"sa{ESC[:5]}{BIDI}\nINJECTED"
    with connect(server.url) as admin:
        admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    from urllib.parse import quote

    url = with_database(server.url, quote(name, safe=""))
    with connect(url) as connection:
        for statement in SETUP:
            connection.execute(statement.encode())
        for key in [*KEYS, "no"]:
            connection.execute("insert into subject values (%s, %s)", (key, "no" if key == "no" else f"note {key}"))
    folder = tmp_path / f"f{ESC}{BIDI}"
    folder.mkdir()
    (folder / "repair.sql").write_text(REPAIR)
    file = folder / f"c{BREAK}.yaml"
    file.write_text(contract(), encoding="utf-8")
    yield System(url, file, folder)
    with connect(server.url) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def run(system: System, *arguments: str, colour: bool = False, width: int = 100) -> tuple[int, str, str]:
    more = {"FORCE_COLOR": "1"} if colour else {"NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "sessionaudit", *arguments],
        env=environment(
            COLUMNS=str(width), DATABASE_URL=system.url, SESSIONAUDIT_CONTRACT=str(system.contract), **more
        ),
        cwd=system.folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    stdout, stderr = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in stderr, stderr
    assert "a bug in sessionaudit" not in stderr, stderr
    for text in (stdout, stderr):
        seen(text, colour=colour, what=arguments)
    # A message is one line, whatever it quotes; in SQL a name may be of several.
    assert not [line for line in stderr.split("\n") if line.startswith("INJECTED")], stderr
    return done.returncode, stdout, stderr


def seen(text: str, *, colour: bool = False, what: object = "") -> None:
    if colour:
        text = _OURS.sub("", text)
    for line in text.split("\n"):
        assert not hidden(line), (what, line)


CALLS = {
    "check": ("check", "--verbose", "--explain"),
    "check as json": ("check", "--format", "json"),
    "check of one": ("check", "--only", f"t{NAMES[0]}", "--ignore", f"x{NAMES[2]}"),
    "repair": ("repair",),
    "repair in one transaction": ("repair", "--transactional", "--with-data", "--allow", "all"),
    "repair as json": ("repair", "--format", "json"),
    "a replacement": ("repair", "--replace", f"a{NAMES[0]}.b{NAMES[1]}=c{NAMES[2]}", "--allow", "rewrite"),
    "trace": ("trace", KEYS[0]),
    "trace as json": ("trace", "--format", "json", KEYS[2]),
    "trace of nothing": ("trace", NAMES[2]),
    "backfill, dry": ("backfill", "--dry-run", *KEYS, "no", NAMES[2]),
    "backfill of all, dry": ("backfill", "--all", "--dry-run"),
    "a wrong word": ("check", NAMES[2]),
    "a wrong option": ("check", f"--{NAMES[0]}"),
    "a wrong value": ("check", "--format", NAMES[1]),
    "a wrong rule": ("rule", NAMES[2]),
    "a wrong command": (NAMES[1],),
    "no such file": ("check", "-c", f"x{NAMES[2]}"),
    "no such database": ("check", "-d", "dbname='" + NAMES[2].replace("'", "") + "' host=127.0.0.1 port=1"),
    "no such plan": ("repair", "--apply", "--plan", f"x{NAMES[2]}"),
    "no such folder": ("check", "--output", f"x{NAMES[2]}/y"),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("colour", "width"), [(False, 80), (True, 140)], ids=["plain", "coloured"])
def test_what_is_shown_can_be_seen(system: System, colour: bool, width: int) -> None:
    for name, arguments in CALLS.items():
        code, stdout, stderr = run(system, *arguments, colour=colour, width=width)
        assert stdout or stderr, name
        if "--format" in arguments and "json" in arguments:
            json.loads(stdout)
        if not name.startswith(("a wrong", "no such", "trace of", "a repl", "check of")):
            assert code in {0, 1, 2}, (name, code, stderr)
            assert "\\x1b" in stdout + stderr or "\\u001b" in stdout + stderr or "\\u202e" in stdout + stderr, name


@pytest.mark.thorough
def test_what_is_written_can_be_seen_and_does_what_it_says(system: System) -> None:
    folder = system.folder
    code, _, stderr = run(system, "repair", "--transactional", "--allow", "all", "--output", "fix.sql")
    assert code == 0, stderr
    script = (folder / "fix.sql").read_text(encoding="utf-8")
    seen(script)
    code, _, stderr = run(system, "repair", "--allow", "all", "--save-plan", "plan.json", "--output", "psql.sql")
    assert code == 0, stderr
    for name in ("plan.json", "psql.sql"):
        seen((folder / name).read_text(encoding="utf-8"))
    log = ("--log", "log.jsonl", "--before", "before.yaml")
    code, _, stderr = run(system, "repair", "--apply", "--yes", "--allow", "all", "--only", "*35m*", *log)
    assert code in {0, 1}, stderr
    for name in ("log.jsonl", "before.yaml"):
        seen((folder / name).read_text(encoding="utf-8"))
    run_script(system.url, script)
    code, stdout, stderr = run(system, "check", "--only", "schema", "--fail-on", "warning", "--format", "json")
    found = [one for one in json.loads(stdout)["findings"] if one["rule"] != "expired-waiver"]
    assert [one["message"] for one in found if one["severity"] != "note"] == [], stderr


@pytest.mark.thorough
def test_rows_are_told_of_so_that_they_can_be_seen(system: System) -> None:
    code, stdout, stderr = run(system, "backfill", KEYS[2], "--journal", f"one{NAMES[2]}.jsonl")
    assert code == 0, stdout + stderr
    assert len(stdout.split("\n")) == 2
    code, stdout, stderr = run(system, "backfill", "--all", "--yes", "--journal", f"all{NAMES[2]}.jsonl")
    assert code == 0, stdout + stderr
    code, stdout, stderr = run(system, "trace", KEYS[0])
    assert "note e\\x1b[35m" in stdout


def test_a_heading_is_as_wide_as_it_looks() -> None:
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Database, Report
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.table import render
    from sessionaudit.rulebook import RULES

    rule = RULES["missing-table"]
    for name in ("plain", f"t{ESC}", f"t{BIDI}", "t\n"):
        ref = ObjectRef("table", ("public", name))
        found = Finding(
            rule=rule,
            severity=rule.severity,
            ref=ref,
            facet="",
            expected="there",
            actual=None,
            message="It is gone.",
            holder=str(ref),
        )
        report = Report(database=Database("d", "h", "18", "u"), contract="c", findings=(found,), waived=(), outcomes=())
        assert len(render(report, Canvas(80)).split("\n")[0]) == 80
