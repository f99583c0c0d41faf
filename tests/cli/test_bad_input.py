"""Bad input: one clear message, the right exit code, nothing on stdout, no traceback, no password."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

import psycopg
import pytest

import inside
import program
from calls import call
from servers import connect, with_database
from sessionaudit import files
from sessionaudit.audits import runner
from sessionaudit.cli.options import standard_input
from sessionaudit.contract import file_text
from sessionaudit.contract.loader import load
from sessionaudit.demo.system import BROKEN, GOOD, contract, statements
from sessionaudit.errors import ContractError, DatabaseError
from sessionaudit.report import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from conftest import MakeDatabase, Template
    from servers import DatabaseServer
    from sessionaudit.core.finding import Location

PASSWORD = "s3@cr:e/t%'\"&?x"
SPELLINGS = (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), "s3@cr", "e/t%", "cr:e", "%27%22")
CONTRACT = contract().absolute()
NOWHERE = "postgresql://127.0.0.1:1/nowhere"
HIDDEN = "The URL is printed without its password: set PGPASSWORD, or use ~/.pgpass.\n"


class Outcome(NamedTuple):
    code: int
    stdout: str
    stderr: str


def environment(**more: str) -> dict[str, str]:
    """This process's environment without anything that leads to a database or changes the output."""
    dropped = ("PG", "DATABASE_URL", "SESSIONAUDIT", "PYTHON", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONWARNINGS": "error", "PGPASSFILE": "missing", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sessionaudit", *arguments]


def run(*arguments: str, **more: str) -> Outcome:
    done = inside.run(command(*arguments), env=environment(**more), timeout=60)
    return Outcome(done.returncode, done.stdout, done.stderr)


def check(url: str, *arguments: str, **more: str) -> Outcome:
    return run("check", "--database-url", url, "--contract", str(CONTRACT), *arguments, **more)


def refused(outcome: Outcome, code: int, *words: str) -> str:
    """Assert that a command ended with one clear message that has the words, and nothing else; return it."""
    lines = outcome.stderr.splitlines()
    assert [line.startswith(("error: ", "Error: ")) for line in lines].count(True) == 1, outcome
    assert outcome.code == code, outcome
    assert outcome.stdout == "", outcome
    assert "Traceback" not in outcome.stderr, outcome
    assert "a bug in sessionaudit" not in outcome.stderr, outcome
    for word in words:
        assert word in outcome.stderr, outcome
    for spelling in SPELLINGS:
        assert spelling not in outcome.stderr, outcome
    return outcome.stderr


@pytest.fixture(scope="module")
def good(server: DatabaseServer) -> Generator[str]:
    url = server.create(server.template("good", statements(GOOD)))
    yield url
    server.drop(url)


@pytest.fixture(scope="module")
def broken(server: DatabaseServer) -> Generator[str]:
    url = server.create(server.template("broken", statements(BROKEN)))
    yield url
    server.drop(url)


# Contracts

HEAD = "version: 1\n"
TABLE = HEAD + "tables:\n  a:\n"

# What is wrong is marked with ¶, which is taken out: the message must name that line and column.
CONTRACTS = {
    # The file
    "empty": ("¶", "the contract is empty"),
    "only a comment": ("¶# nothing\n", "the contract is empty"),
    "only a marker": ("---\n¶", "begins with “version: 1”"),
    "a list": ("¶- a\n", "begins with “version: 1”"),
    "a text": ("¶version 1\n", "begins with “version: 1”"),
    "control character": (HEAD + "schema: a¶\x07b\n", "U+0007 is not allowed"),
    "two documents": (HEAD + "¶---\nversion: 1\n", "a second YAML document begins here"),
    "tab": (HEAD + "tables:\n¶\ta: {}\n", "Indent with spaces, not with tabs."),
    "tab among spaces": (TABLE + "    columns:\n¶\t  x: int\n", "Indent with spaces, not with tabs."),
    "at sign": (TABLE + "    columns:\n      x: ¶@int\n", "Quote the text."),
    "bad indentation": (TABLE + "    columns:\n      x: int\n   ¶y: int\n", "not valid YAML"),
    "unclosed bracket": (HEAD + "enums: {a: [b}¶\n".replace("}¶", "¶}"), "not valid YAML"),
    "unclosed brace": (TABLE + "    columns: {x: int\n  b¶: {}\n", "The { in line 4, column 14 is not closed."),
    "unclosed quote": (HEAD + "schema: 'public\n¶", "The ' in line 2, column 9 is not closed."),
    "directive": ("¶%YAML 3.0\n---\nversion: 1\n", "not valid YAML"),
    "brackets": ("[" * 16 + "¶" + "[" * 100_000, "nested deeper than 16 levels"),
    "nested mappings": (HEAD + "tables: " + "{a: " * 15 + "¶" + "{a: " * 20_000, "nested deeper than 16 levels"),
    "nested lists": (HEAD + "enums:\n" + "- " * 15 + "¶" + "- " * 20_000, "nested deeper than 16 levels"),
    "billion laughs": ("a: ¶&a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "the anchor &a is not allowed"),
    "alias": (HEAD + "enums: ¶*a\n", "the alias *a is not allowed"),
    "tag": (HEAD + "enums: ¶!!python/object/apply:os.system [ls]\n", "python/object/apply:os.system is not allowed"),
    "merge key": (HEAD + "¶<<: {schema: a}\n", "unknown key “<<”"),
    "NUL in a text": (HEAD + 'schema: ¶"a\\0b"\n', "a character that PostgreSQL cannot store"),
    "list as a key": (HEAD + "¶[a]: b\n", "a key must be a text"),
    "a wrong key, and no object": (
        HEAD + 'invariants:\n  a: {¶table: b, sql: "select 1"}\n',
        "unknown key “table” in an invariant",
    ),
    # The version
    # What stands where another thing should
    "function without arguments": (HEAD + "functions: {f¶: absent}\n", "with the types of its arguments: f(), or"),
    "index as a statement": (
        TABLE + "    indexes: {x: ¶create index on a (x)}\n",
        "what follows the table in CREATE INDEX, with “unique” first",
    ),
    "columns of a privilege without quotes": (
        TABLE + "    grants: {r: ¶[insert, select (x, y)]}\n",
        "“select (x” is incomplete",
    ),
    "no version": ("¶tables: {}\n", "a contract must begin with “version: 1”"),
    "version 2": ("version: ¶2\n", "expected version 1, found “2”"),
    "version 1.0": ("version: ¶1.0\n", "expected version 1, found “1.0”"),
    "version list": ("version: ¶[1]\n", "expected version 1, found a list"),
    "no version's value": ("version:¶\n", "expected version 1, found nothing"),
    # Unknown keys, on every level
    "unknown section": (HEAD + "¶tabels: {}\n", "Did you mean “tables”?"),
    "capital section": (HEAD + "¶ENUMS: {}\n", "Did you mean “enums”?"),
    "unknown key of a table": (TABLE + "    ¶colums: {}\n", "Did you mean “columns”?"),
    "unknown key of a policy": (TABLE + "    policies:\n      p: {¶usign: x}\n", "Did you mean “using”?"),
    "unknown key of a trigger": (TABLE + "    triggers:\n      t: {¶definiton: x}\n", "Did you mean “definition”?"),
    "unknown key of a waiver": (HEAD + "waivers: [{¶ruel: owner}]\n", "Did you mean “rule”?"),
    "the plural of a key": (HEAD + "¶versions: 1\n", "Did you mean “version”?"),
    "unlike anything": (HEAD + "¶qqqq: {}\n", "Known here: "),
    "unknown rule": (HEAD + "rules: {¶mising-table: note}\n", "Did you mean “missing-table”?"),
    "no rule at all": (HEAD + "rules: {¶qqqq: note}\n", "sessionaudit rule"),
    "unknown severity": (HEAD + "rules: {owner: ¶warn}\n", "Did you mean “warning”?"),
    # Duplicates
    "section twice": (HEAD + "enums: {}\n¶enums: {}\n", "It is already in line 2."),
    "table twice": (TABLE + "    {}\n  ¶a: {}\n", "It is already in line 3."),
    "two spellings": (TABLE + "    {}\n  ¶public.a: {}\n", "public.a is declared twice"),
    "quoted": (TABLE + "    {}\n  ¶'\"a\"': {}\n", "public.a is declared twice"),
    "folded case": (TABLE + "    {}\n  ¶A: {}\n", "public.a is declared twice"),
    "column twice": (TABLE + "    columns: {x: int, ¶'\"x\"': text}\n", "public.a.x is declared twice"),
    "function twice": (
        HEAD + "functions:\n  f(int): absent\n  ¶public.f(integer): absent\n",
        "It is already in line 3.",
    ),
    "publication member twice": (HEAD + "publications: {p: [a, ¶public.a]}\n", "is declared twice"),
    # Wrong types, on every level
    "sections as lists": (HEAD + "tables: ¶[a]\n", "expected a mapping of names to definitions, found a list"),
    "section of nothing": (HEAD + "tables:¶\nenums: {}\n", "found nothing"),
    "table as a list": (HEAD + "tables: {a: ¶[x]}\n", "expected a mapping with columns"),
    "table as a text": (HEAD + "tables: {a: ¶x}\n", "found “x”"),
    "columns as a list": (TABLE + "    columns: ¶[x]\n", "expected a mapping of names"),
    "column as a mapping": (TABLE + "    columns: {x: {¶type: int}}\n", "unknown key “type”"),
    "repair without definition": (TABLE + "    columns: {x: ¶{repair: a.sql}}\n", "needs a definition"),
    "column of nothing": (TABLE + "    columns:\n      x:¶\n", "found nothing"),
    "constraint as a list": (TABLE + "    constraints: {x: ¶[a]}\n", "expected a definition, found a list"),
    "blank constraint": (TABLE + "    constraints: {x: ¶' '}\n", "found “nothing”"),
    "unknown constraint": (TABLE + "    constraints: {x: ¶primry key (a)}\n", "Did you mean “primary key”?"),
    "index as a list": (TABLE + "    indexes: {x: ¶[a]}\n", "found a list"),
    "policy as a text": (TABLE + "    policies: {x: ¶all}\n", "expected a mapping with for, to, using and check"),
    "policy's command": (TABLE + "    policies: {x: {for: ¶read}}\n", "expected one of all, select"),
    "policy's roles": (TABLE + "    policies: {x: {to: ¶{a: b}}}\n", "found a mapping"),
    "trigger as a list": (TABLE + "    triggers: {x: ¶[a]}\n", "found a list"),
    "grants as a list": (TABLE + "    grants: ¶[select]\n", "expected a mapping"),
    "grant as a mapping": (TABLE + "    grants: {x: {¶select: yes}}\n", "Known here: closed, privileges, usage"),
    "row security": (TABLE + "    row_security: ¶enabeld\n", "Did you mean “enabled”?"),
    "row security as a list": (TABLE + "    row_security: ¶[enabled]\n", "found a list"),
    "owner as a list": (TABLE + "    owner: ¶[me]\n", "expected a role, found a list"),
    "enum as a text": (HEAD + "enums: {e: ¶a}\n", "Write a list in brackets"),
    "enum of lists": (HEAD + "enums: {e: [¶[a]]}\n", "expected an enum value, found a list"),
    "extensions as a text": (HEAD + "extensions: ¶pgcrypto\n", "Write a list in brackets"),
    "extension with a version": (HEAD + "extensions: {pgcrypto: ¶1.3}\n", "expected “absent”, found “1.3”"),
    "publication as a text": (HEAD + "publications: {p: ¶a}\n", "expected a list of names"),
    "publication's member": (HEAD + "publications: {p: {a: ¶there}}\n", "expected “absent”, “present”, or "),
    "rules as a list": (HEAD + "rules: ¶[owner]\n", "expected a mapping of rules"),
    "waivers as a mapping": (HEAD + "waivers: ¶{rule: owner}\n", "expected a list of waivers"),
    "waiver as a text": (HEAD + "waivers: [¶owner]\n", "expected a waiver"),
    "waiver without a day": (HEAD + "waivers: [¶{rule: owner, object: a, reason: b}]\n", "needs “until”"),
    "waiver of a rule alone": (HEAD + "waivers: [¶{rule: owner}]\n", "needs “object” and “reason” and “until”"),
    "waiver's rule": (
        HEAD + "waivers: [{rule: ¶ownr, object: a, reason: b, until: 2026-01-01}]\n",
        "Did you mean “owner”?",
    ),
    "waiver's day": (
        HEAD + "waivers: [{rule: owner, object: a, reason: b, until: ¶2026-02-30}]\n",
        "expected a date such as 2026-12-31, found “2026-02-30”",
    ),
    "waiver's day as a list": (
        HEAD + "waivers: [{rule: owner, object: a, reason: b, until: ¶[2026]}]\n",
        "found a list",
    ),
    "schema as a list": (HEAD + "schema: ¶[public]\n", "expected a schema, found a list"),
    "schema of nothing": (HEAD + "schema: ¶''\n", "expected a name, found nothing"),
    # YAML's surprises
    "enum value no": (HEAD + "enums: {e: [yes_, ¶no]}\n", 'Write "no", in quotes.'),
    "enum value Yes": (HEAD + "enums: {e: [¶Yes]}\n", 'Write "Yes", in quotes.'),
    "enum value on": (HEAD + "enums:\n  e:\n    - off_\n    - ¶on\n", 'Write "on", in quotes.'),
    "enum value 1": (HEAD + "enums: {e: [¶1]}\n", 'Write "1", in quotes.'),
    "enum value 0x1f": (HEAD + "enums: {e: [¶0x1f]}\n", 'Write "0x1f", in quotes.'),
    "enum value 1:30": (HEAD + "enums: {e: [¶1:30]}\n", 'Write "1:30", in quotes.'),
    "enum value 2026-01-01": (HEAD + "enums: {e: [¶2026-01-01]}\n", "in quotes."),
    "enum value null": (HEAD + "enums: {e: [¶~]}\n", 'Write "~", in quotes.'),
    "enum value .inf": (HEAD + "enums: {e: [¶.inf]}\n", 'Write ".inf", in quotes.'),
    "role no": (TABLE + "    policies: {p: {to: [¶no]}}\n", 'Write "no", in quotes.'),
    "owner off": (TABLE + "    owner: ¶off\n", 'Write "off", in quotes.'),
    "table on": (HEAD + "tables:\n  ¶on: {}\n", 'Write "on", in quotes.'),
    "column 1": (TABLE + "    columns: {¶1: int}\n", 'Write "1", in quotes.'),
    "column null": (TABLE + "    columns: {¶null: int}\n", 'Write "null", in quotes.'),
    "nameless column": (TABLE + "    columns: {¶'': int}\n", "expected a name, found nothing"),
    "grantee no": (TABLE + "    grants: {¶no: [select]}\n", 'Write "no", in quotes.'),
    "extension 1": (HEAD + "extensions: [¶1]\n", 'Write "1", in quotes.'),
    "publication off": (HEAD + "publications: {¶off: [a]}\n", 'Write "off", in quotes.'),
    "too long a name": (TABLE + "    columns: {¶" + "ä" * 32 + ": int}\n", "longer than 63 bytes"),
    # Fragments of SQL: the exact column, however YAML spells the text
    "name of three parts": (HEAD + "tables: {a.b¶.c: {}}\n", "expected the end of the name, found “.”"),
    "signature": (HEAD + "functions: {f(int): absent, g¶: absent}\n", "expected “(”, found the end"),
    "second name": (HEAD + "enums: {a: [x], 'b.¶': [y]}\n", "expected a name, found the end"),
    "bare": (TABLE + "    columns:\n      x: text not null ¶nil\n", "found “nil”"),
    "bare, at its end": (TABLE + "    columns:\n      x: int generated always¶   # so far\n", "found the end"),
    "bare, in brackets": (TABLE + "    columns: {b: int, x: text not null ¶nil}\n", "found “nil”"),
    "single quotes": (TABLE + "    columns:\n      x: 'text default ''it''''s'' not null ¶nil'\n", "found “nil”"),
    "double quotes": (
        TABLE + '    columns:\n      x: "text default \'\\xe9\\t\\u20ac \\"\' not null ¶nil"\n',
        "found “nil”",
    ),
    "double quotes, at the end": (
        TABLE + '    columns:\n      x: "int \\\n        generated always¶"\n',
        "found the end",
    ),
    "wide characters": (TABLE + "    columns:\n      x: text default '💥é' not null ¶nil\n", "found “nil”"),
    "bare, of many lines": (TABLE + "    columns:\n      x: text\n        not null\n\n        ¶nil\n", "found “nil”"),
    "quoted, of many lines": (
        TABLE + "    columns:\n      x: 'text\n        not null\n\n        ¶nil'\n",
        "found “nil”",
    ),
    "literal": (TABLE + "    columns:\n      x: |\n        text\n          not null\n        ¶nil\n", "found “nil”"),
    "literal, indented": (
        TABLE + "    columns:\n      x: |2-\n          text\n         not null ¶nil\n",
        "found “nil”",
    ),
    "literal, with a comment": (
        TABLE + "    columns:\n      x: |-  # why\n        text not null ¶nil\n",
        "found “nil”",
    ),
    "literal, at its end": (TABLE + "    columns:\n      x: |\n        int generated always¶\n", "found the end"),
    "folded": (TABLE + "    columns:\n      x: >-\n        text\n        not null\n\n          ¶nil\n", "found “nil”"),
    "unknown character": (TABLE + "    columns: {x: text ¶\\}\n", "unknown character"),
    "unclosed parenthesis": (TABLE + "    constraints:\n      c: check ¶(a > 1\n", "unclosed “(”"),
    "parenthesis too many": (TABLE + "    constraints:\n      c: check (a > 1)¶)\n", "unmatched “)”"),
    "unclosed string": (TABLE + "    columns:\n      x: text default ¶'a\n", "unterminated string"),
    "semicolon": (TABLE + "    columns:\n      x: int¶; drop table a\n", "“;” is not allowed here"),
    "policy's expression": (
        TABLE + "    policies:\n      p:\n        using: a = 1\n        check: >-\n          a\n          = ¶(1\n",
        "unclosed “(”",
    ),
    "both of a policy's": (TABLE + "    policies:\n      p: {using: 'a ¶)', check: ') b'}\n", "unmatched “)”"),
    "trigger's definition": (
        TABLE + "    triggers:\n      t: {enabled: always, definition: before ¶updat for each row}\n",
        "found “updat”",
    ),
    "foreign key": (
        TABLE + "    constraints:\n      f: foreign key (x) ¶refrences b (id)\n",
        "expected “references”, found “refrences”",
    ),
    "index": (TABLE + "    indexes:\n      i: using btree ¶status\n", "found “status”"),
    "function": (HEAD + "functions:\n  f(): |\n    ¶retruns int\n", "found “retruns”"),
}


def test_the_hint_fits_the_option_that_names_what_is_missing(tmp_path: Path) -> None:
    update = call("snapshot", "--update", "no.yaml", "-d", "postgresql://localhost:1/no", cwd=tmp_path)
    assert (update.code, "--contract" in update.err, "snapshot --output no.yaml" in update.err) == (2, False, True)
    folder = call("migrations", "--files-only", "--folder", "no", cwd=tmp_path)
    assert (folder.code, "relative to the current directory" in folder.err) == (2, True)


@pytest.mark.parametrize(("text", "words"), CONTRACTS.values(), ids=CONTRACTS)
def test_the_message_names_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    before, mark, after = text.partition("¶")
    assert mark
    file = tmp_path / "c.yaml"
    file.write_bytes((before + after).encode())
    with pytest.raises(ContractError) as caught:
        load(file)
    location = caught.value.location
    assert location is not None
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert (location.line, location.column) == place, f"{caught.value} {caught.value.hint}"
    assert words in f"{caught.value} {caught.value.hint}"
    assert len(str(caught.value).splitlines()) == 1


FILES = {
    "binary": (b"\x7fELF\x02\0\0", "c.yaml:1:6: this is a binary file, not a contract"),
    "image": (b"\x89PNG\r\n", "c.yaml:1:1: the byte 0x89 is not UTF-8"),
    "latin-1": (b"version: 1\nschema: caf\xe9\n", "c.yaml:2:12: the byte 0xe9 is not UTF-8"),
    "after a wide character": ("version: 1\n# ä ".encode() + b"\xff\n", "c.yaml:2:5: the byte 0xff is not UTF-8"),
    "utf-16": ("version: 1\n".encode("utf-16"), "c.yaml:1:1: the contract is in UTF-16"),
}


@pytest.mark.parametrize(("content", "words"), FILES.values(), ids=FILES)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "c.yaml").write_bytes(content)
    with pytest.raises(ContractError, match=re.escape(words)):
        load(tmp_path / "c.yaml")


def test_a_byte_order_mark_and_any_line_ending_are_welcome(tmp_path: Path) -> None:
    for text in ("\ufeffversion: 1\nenums: {e: [a]}\n", "version: 1\r\nenums:\r\n  e: [a]\r\n"):
        (tmp_path / "c.yaml").write_bytes(text.encode())
        assert list(load(tmp_path / "c.yaml").objects["enum"]) == [("public", "e")]


def test_a_contract_read_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(TABLE + "    columns: {x: text not null nil}\n",))
    writer.start()
    with pytest.raises(ContractError, match=r"pipe:4:32: expected .*, found “nil”"):
        load(pipe)
    writer.join()


@contextlib.contextmanager
def piped(text: str, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Yield the name of a pipe in which a text is, which is the standard input, too."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    file_text._read_once.clear()
    monkeypatch.setattr(standard_input, "STDIN", Path(f"/dev/fd/{reading}"))
    try:
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)


def test_a_contract_from_another_program_names_files_as_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app").mkdir()
    for words in (["lint", "{}"], ["lint", "-"]):
        with piped("version: 1\ncode: {paths: [app]}\n", monkeypatch) as name:
            said = call(*(word.format(name) for word in words), cwd=tmp_path)
        assert (said.code, said.err) == (0, ""), (words, said)
    with piped("version: 1\ncode: {paths: [nothere]}\n", monkeypatch):
        assert "SL301" in call("lint", "-", cwd=tmp_path).out


def test_a_command_with_a_contract_that_is_read_only_once_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: str
) -> None:
    with piped("version: 1\ntables: {nothere: {columns: {a: bigint}}}\n", monkeypatch) as name:
        said = call("check", "-c", "-", "-d", good, "--only", "schema", cwd=tmp_path)
    assert (said.code, f" -c {name} " in " ".join(said.out.split())) == (1, True), said
    assert errors.STREAMED in " ".join(said.err.split())


def test_a_pipe_that_nobody_writes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    until = time.monotonic() + 20
    while threading.active_count() > 1 and time.monotonic() < until:  # else it would run in a process of its own
        time.sleep(0.05)
    refused(run("lint", str(pipe)), 2, "nothing came through the pipe", "--contract <(cat")


def test_a_name_that_is_not_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused(
        run("lint", SESSIONAUDIT_CONTRACT=os.fsdecode(b"a\xff.yaml")),
        2,
        r"the contract a\xff.yaml does not exist",
        "--output \"$(printf 'a\\377.yaml')\"",
    )


def test_a_project_file_that_is_not_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.sessionaudit]\ncontract = '\xff'\n")
    refused(run("lint"), 2, "pyproject.toml:2: the byte 0xff is not UTF-8", "Save the file as UTF-8")


def test_a_huge_contract(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    with file.open("wb") as huge:
        huge.truncate(file_text.MOST_BYTES + 1)
    with pytest.raises(ContractError, match="larger than 32 MiB"):
        load(file)


@pytest.mark.parametrize("path", ["missing.yaml", ".", "", "missing/c.yaml", "c.yaml/below", "x" * 300])
def test_no_such_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").touch()
    refused(run("check", "-d", NOWHERE, "-c", path), 2, "contract", "--contract FILE")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_contract_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").touch(mode=0o000)
    refused(run("check", "-d", NOWHERE, "-c", str(tmp_path / "c.yaml")), 2, "Permission denied")


def test_a_contract_that_an_ordinary_user_may_not_read(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    file = tmp_path / "c.yaml"
    file.touch(mode=0o000)
    code = f"""import os, pathlib
from sessionaudit.contract.loader import load
os.setresuid(65534, 65534, 65534)
load(pathlib.Path({str(file)!r}))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ContractError: cannot read the contract" in done.stderr
    assert done.stderr.rstrip().endswith("Permission denied")


def test_a_bad_contract_ends_the_command_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(TABLE + "    colums: {}\n")
    stderr = refused(run("check", "-d", NOWHERE, "-c", str(file)), 2)
    assert stderr == f"error: {file}:4:5: unknown key “colums” in a table\nhint: Did you mean “columns”?\n"
    by_variable = run("check", "-d", NOWHERE, SESSIONAUDIT_CONTRACT=str(file))
    assert by_variable == Outcome(2, "", stderr)


ODD = [
    piece.encode()
    for piece in "\t|\"|'|[|]|{|}|:|#|>|&a|*a|!!x|%|@|`|- |? |---\n|...\n|no|~|\\|''|(|)|$$|--".split("|")
]
ODD += [
    piece.encode()
    for piece in "/*|;|,|.|::|E'|U&\"|\u0301|\x1b|💥|1|0x1f| |\n|absent|all|\u2028|\x85|\ufeff|\r".split("|")
]
ODD += [b"|", b"\0", b"\xff"]


def mutated(text: bytes, chance: random.Random) -> bytes:
    """The text with a few accidents: bytes and lines lost, doubled, replaced, moved, indented otherwise."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        accident, at = chance.randrange(9), chance.randrange(len(text))
        if accident == 0:
            text = text[:at] + text[at + chance.choice((1, 1, 2, 5, 40)) :]
        elif accident == 1:
            text = text[:at] + chance.choice(ODD) + text[at:]
        elif accident == 2:
            text = text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
        elif accident == 3:
            start = chance.randrange(len(text))
            text = text[:at] + text[start : start + chance.randrange(30)] + text[at:]
        else:
            lines = text.split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            if accident == 4:
                del lines[one]
            elif accident == 5:
                lines.insert(other, lines[one])
            elif accident == 6:
                lines[one], lines[other] = lines[other], lines[one]
            elif accident == 7:
                lines[one] = b" " * chance.randrange(12) + lines[one].lstrip()
            else:
                lines[one] = lines[one][: len(lines[one]) // 2]
            text = b"\n".join(lines)
    return text


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, 4))])
def test_whatever_happens_to_a_contract_it_is_read_or_refused_at_a_place(tmp_path: Path, part: int) -> None:
    original = CONTRACT.read_bytes()
    file = tmp_path / "c.yaml"
    places: list[tuple[Location | None, bytes]] = []
    count = 750 if part else 150
    for seed in range(count):
        text = mutated(original, random.Random(seed * 4 + part))
        file.write_bytes(text)
        try:
            load(file)
        except ContractError as error:
            places.append((error.location, text))
    assert count / 2 < len(places) < count
    for place, text in places:
        assert place is not None
        lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", text.decode("utf-8-sig", errors="replace"))
        assert 1 <= place.line <= len(lines), place
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1, place


# Contracts that only the database can refuse

UNKNOWN = {
    "a type": ("name: no_such_type", "no_such_type"),
    "a function": ("id: uuid not null default no_such_function()", "no_such_function"),
    "an operator": ("created_at: timestamptz not null default now() <-> now()", "operator does not exist"),
    "a cast": ("created_at: timestamptz not null default now()::no_such_type", "no_such_type"),
}


def test_a_schema_that_does_not_exist(tmp_path: Path, good: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("version: 1\ntables:\n  sessions: {columns: {nothing: text}}\n  pubic.sessions: {}\n")
    done = run("check", "-d", good, "-c", str(file))
    assert (done.code, done.stderr) == (1, HIDDEN)
    for words in ("c.yaml:4", "The schema pubic does not exist", "Did you mean “public”? Is this the", "SA201"):
        assert words in done.stdout


def test_a_password_is_said_to_be_left_out_only_where_an_address_is_printed(tmp_path: Path, good: str) -> None:
    journal = ("--journal", str(tmp_path / "j"))
    silent = run("backfill", "-d", good, "-c", str(CONTRACT), "62e91166-c36b-4bd5-bc51-5b168f1bd176", *journal)
    assert (silent.code, silent.stderr) == (0, "")
    file = tmp_path / "c.yaml"
    file.write_text("version: 1\ntables:\n  sessions: {columns: {nothing: text}}\n")
    shown = run("check", "-d", good, "-c", str(file))
    assert (shown.code, shown.stderr) == (1, HIDDEN)
    assert "postgresql://" in shown.stdout


@pytest.mark.parametrize(("column", "words"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_the_server_does_not_know(tmp_path: Path, good: str, column: str, words: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(f"version: 1\ntables:\n  mechanics:\n    columns:\n      {column}\n")
    done = run("check", "-d", good, "-c", str(file))
    assert (done.code, done.stderr) == (1, "")  # nothing that could be typed mends it
    assert "Next:" not in done.stdout
    assert "c.yaml:5" in done.stdout
    assert "SA004  refused-contract" in done.stdout
    assert words in " ".join(done.stdout.split())


# Databases that cannot be reached

URLS = {
    "not a URL": f"nonsense {PASSWORD}",
    "space": "host=h password=s3@cr x",
    "open quote": "host=h password='s3@cr",
    "unknown option": "host=h passwort=s3@cr",
    "another scheme": f"mysql://u:{quote(PASSWORD)}@h/d",
    "another library's scheme": f"postgresql+psycopg://u:{quote(PASSWORD)}@h/d",
    "another scheme with parameters": "mysql://u:s3@cr:e@h/d?sslmode=require",
    "one slash": "postgresql:/u:s3@cr@h/d",
    "bare password": f"postgresql://u:{PASSWORD}@h/d",
    "at sign in the password": "postgresql://u:x@s3@cr@127.0.0.1/d",
    "slash in the password": "postgresql://u:e/t%25@h/d",
    "slash and no at sign": "postgresql://u:e/t%25",
    "number and slash in the password": "postgresql://u:5432/cr:e@h/d",
    "percent sign in the password": "postgresql://u:e%zt%25@h/d",
    "zero byte": "postgresql://u:s3%40cr%00@h/d",
    "space in the password": 'postgresql://u:s3"%40cr x@h/d',
    "open bracket": "postgresql://u:s3%40cr@[::1/d",
    "no port": "postgresql://u:s3%40cr@h:port/d",
    "port too large": "postgresql://u:s3%40cr@127.0.0.1:99999/d",
    "unknown parameter": "postgresql://u:s3%40cr@h/d?s3@cr=1",
    "a slip in a parameter": "postgresql://u:s3%40cr@h/d?sslmod=s3@cr",
    "parameter without a value": "postgresql://u:s3%40cr@h/d?s3@cr",
    "Prisma's parameter": "postgresql://u:s3%40cr@h/d?pgbouncer=true",
    "timeout": "postgresql://u:s3%40cr@127.0.0.1:1/d?connect_timeout=soon",
    "not UTF-8": "postgresql://u:s3%40cr@h/\udcff",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_a_malformed_url(url: str) -> None:
    from sessionaudit.errors import UsageError
    from sessionaudit.postgres.connection import connect as open_connection

    with pytest.raises(UsageError, match=r"^the database URL is not valid: ") as caught:
        open_connection(url)
    said = f"{caught.value} {caught.value.hint}"
    assert caught.value.hint
    for spelling in (*SPELLINGS, "s3", "cr:e", "e/t", "%zt"):
        assert spelling not in said


def test_a_malformed_url_ends_the_command() -> None:
    refused(check(f"postgresql://u:{PASSWORD}@h/d"), 2, "the database URL is not valid", "percent-encoded")
    by_variable = run("check", "-c", str(CONTRACT), DATABASE_URL=f"postgresql://u:{PASSWORD}@h/d")
    refused(by_variable, 2, "the database URL is not valid")


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a port of its own, which serves one connection after another in threads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    client, _ = listener.accept()
                    client.settimeout(None)
                    threading.Thread(target=attend, args=(client,), daemon=True).start()

        def attend(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                serve(client)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


ENCODED = quote(PASSWORD, safe="")


def test_words_of_a_library_that_we_do_not_know_are_shown_without_a_hint() -> None:
    """Another version, or a server that speaks another language, says the same in other words."""
    from sessionaudit.postgres.unreachable import unreachable

    error = unreachable("connection failed: la connexion a échoué, secret", {"password": "secret"})
    assert (str(error), error.hint, error.exit_code) == ("cannot connect: la connexion a échoué, …", "", 3)


def test_a_closed_port() -> None:
    port = closed_port()
    refused(check(f"postgresql://u:{ENCODED}@127.0.0.1:{port}/d"), 3, "Connection refused", "Is the server running")
    conninfo = psycopg.conninfo.make_conninfo(host="127.0.0.1", port=port, user="u", password=PASSWORD)
    refused(check(conninfo), 3, "Connection refused")
    refused(check(f"host=127.0.0.1 port={port}", PGPASSWORD=PASSWORD), 3, "Connection refused")


def test_a_host_that_does_not_exist() -> None:
    refused(check(f"postgresql://u:{ENCODED}@no-such-host.invalid/d"), 3, "no-such-host.invalid", "host name")


def test_a_slip_in_the_name_of_a_parameter() -> None:
    refused(check(f"postgresql://u:{ENCODED}@h/d?sslmod=require"), 2, "libpq does not know. Did you mean “sslmode”?")


def test_no_database_is_named_and_none_runs_here(tmp_path: Path) -> None:
    refused(run("check", "-c", str(CONTRACT), PGHOST=str(tmp_path)), 3, "--database-url or DATABASE_URL")


def test_a_server_that_closes_the_door() -> None:
    with listening(lambda _client: None) as port:
        refused(check(f"postgresql://u:{ENCODED}@127.0.0.1:{port}/d"), 3, "error: cannot connect: ")


def test_a_server_that_speaks_something_else() -> None:
    with listening(lambda client: client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        refused(check(f"postgresql://u:{ENCODED}@127.0.0.1:{port}/d"), 3, "error: cannot connect: ")


def test_a_server_that_never_answers() -> None:
    with listening(lambda client: time.sleep(5)) as port:
        outcome = check(f"postgresql://u:{ENCODED}@127.0.0.1:{port}/d?connect_timeout=2")
    refused(outcome, 3, "Nothing answered")


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def old_server(client: socket.socket) -> None:
    """A server of version 12.5, as far as the first messages of the protocol go."""
    while True:
        length = int.from_bytes(client.recv(4), "big")
        request = client.recv(length - 4)
        if request[:4] in {b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"}:  # TLS? GSSAPI?
            client.sendall(b"N")
            continue
        break
    status = message(b"S", b"server_version\x0012.5\0") + message(b"S", b"client_encoding\0UTF8\0")
    client.sendall(message(b"R", b"\0\0\0\0") + status + message(b"K", b"\0\0\0\1\0\0\0\1") + message(b"Z", b"I"))
    while client.recv(1024):
        pass


def test_a_server_that_is_too_old() -> None:
    with listening(old_server) as port:
        refused(check(f"postgresql://u:{ENCODED}@127.0.0.1:{port}/d"), 3, "PostgreSQL 12.5", "needs 13 or later")


def with_user(url: str, user: str, password: str = "") -> str:
    parts = urlsplit(url)
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port or 5432}").geturl()


def test_a_wrong_password(good: str) -> None:
    outcome = check(with_user(good, urlsplit(good).username or "postgres", PASSWORD))
    if outcome.code != 3:
        pytest.skip("this server asks nobody for a password")
    refused(outcome, 3, "Check user and password")
    conninfo = psycopg.conninfo.make_conninfo(with_user(good, "postgres"))
    refused(check(conninfo, PGPASSWORD=PASSWORD), 3, "Check user and password")


def test_no_password(good: str) -> None:
    outcome = check(with_user(good, urlsplit(good).username or "postgres"))
    if outcome.code != 3:
        pytest.skip("this server asks nobody for a password")
    refused(outcome, 3, "PGPASSWORD")


def test_a_database_that_does_not_exist(good: str) -> None:
    refused(check(with_database(good, "no_such_database")), 3, "no_such_database", "Check the name of the database")


def test_a_user_that_does_not_exist(good: str) -> None:
    refused(check(with_user(good, "no such role", PASSWORD)), 3, "no such role")


def test_tls_is_refused(good: str) -> None:
    with connect(good) as connection:
        if connection.execute("show ssl").fetchone() == ("on",):
            pytest.skip("this server has TLS")
    refused(check(f"{good}?sslmode=require"), 3, "The server does not support TLS")


def test_a_password_that_lets_us_in_is_never_shown(server: DatabaseServer, good: str) -> None:
    from psycopg import sql

    role = f"sa_{os.getpid()}_secret"
    with connect(server.url) as admin:
        admin.execute(
            sql.SQL("create role {} login superuser password {}").format(sql.Identifier(role), sql.Literal(PASSWORD))
        )
        try:
            url = with_user(good, role, PASSWORD)
            for arguments in ((), ("--format", "json"), ("--verbose",)):
                outcome = check(url, *arguments)
                assert outcome.code == 0, outcome
                assert outcome.stderr.startswith(f"warning: the contract's SQL ran as {role}, a superuser")
                assert not any(spelling in outcome.stdout + outcome.stderr for spelling in SPELLINGS)
            refused(check(url, "--statement-timeout", "0.001"), 3)
        finally:
            admin.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


# Connections that are lost half-way


class Proxy:
    """Between a client and the server; fails once, as asked.

    `limit` counts the bytes from the server that come through before the connection is cut; `at` is
    a word in what the client says at which nothing comes through any more: cut, or silent if `silent`.
    """

    def __init__(self, url: str, *, limit: int | None = None, at: bytes = b"", silent: bool = False) -> None:
        parts = urlsplit(url)
        self._target = parts.hostname or "127.0.0.1", parts.port or 5432
        self._limit = limit
        self._at = at
        self._silent = silent
        self.reached = threading.Event()

    def serve(self, client: socket.socket) -> None:
        with socket.create_connection(self._target) as upstream:
            threading.Thread(target=self._down, args=(upstream, client), daemon=True).start()
            with contextlib.suppress(OSError):
                while data := client.recv(65536):
                    if self._at and self._at in data:
                        self.reached.set()
                        if self._silent:
                            continue
                        break
                    upstream.sendall(data)
            for side in (client, upstream):
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    def _down(self, upstream: socket.socket, client: socket.socket) -> None:
        left = self._limit
        with contextlib.suppress(OSError):
            while data := upstream.recv(65536):
                client.sendall(data if left is None else data[:left])
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        break
            client.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def proxied(url: str, proxy: Proxy) -> Iterator[str]:
    with listening(proxy.serve) as port:
        parts = urlsplit(url)
        yield parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}").geturl()


@pytest.mark.parametrize("limit", [0, 1, 30, 200, 420, 500, 600, 700, 800, 1_000, 1_500, 3_000, 6_000, 12_000])
def test_the_connection_is_cut_after_some_bytes(good: str, limit: int) -> None:
    with (
        proxied(good, Proxy(good, limit=limit)) as url,
        pytest.raises(DatabaseError, match=r"^(cannot connect|the connection was lost )") as caught,
    ):
        runner.run(url, CONTRACT, runner.Options())
    assert str(urlsplit(good).password) not in str(caught.value)


def test_the_connection_is_cut_while_the_catalogs_are_read(good: str) -> None:
    with proxied(good, Proxy(good, at=b"pg_policy")) as url:
        refused(check(url), 3, "the connection was lost reading the catalogs", "Run it again.")


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """A contract with an expression that only the server can judge."""
    file = tmp_path / "asking.yaml"
    column = "created_at: timestamptz not null default now() + $$0$$"
    file.write_text(f"version: 1\ntables:\n  mechanics:\n    columns:\n      {column}\n")
    return file


def test_the_connection_is_cut_while_expressions_are_compared(good: str, asking: Path) -> None:
    with proxied(good, Proxy(good, at=b"create temporary table")) as url:
        refused(run("check", "-d", url, "-c", str(asking)), 3, "the connection was lost comparing expressions")


def test_the_connection_is_cut_while_names_are_looked_up(good: str, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "version: 1\ntables:\n  mechanics:\n    columns:\n      created_at: timestamptz not null default public.now()\n"
    )
    with proxied(good, Proxy(good, at=b"p.proname = any")) as url:
        refused(run("check", "-d", url, "-c", str(file)), 3, "the connection was lost comparing expressions")


def test_a_bad_contract_leaves_no_connection_behind(good: str, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    for text in ("version: 2\n", TABLE + "    columns: {x: text not null nil}\n"):
        file.write_text(text)
        with pytest.raises(ContractError):
            runner.run(good, file, runner.Options())
        gc.collect()  # which warns of a connection that is still open
    patience = time.monotonic() + 10
    with connect(good) as admin:
        while admin.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and application_name = 'sessionaudit'"
        ).fetchone() != (0,):
            assert time.monotonic() < patience
            time.sleep(0.01)


@contextlib.contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    with psycopg.connect(url) as connection:
        connection.execute(f"lock table {table} in access exclusive mode".encode())
        yield


def waiting(url: str) -> int:
    """The process of the server that waits for a lock for us, as soon as there is one."""
    patience = time.monotonic() + 20
    with connect(url) as connection:
        while time.monotonic() < patience:
            row = connection.execute(
                "select pid from pg_stat_activity where datname = current_database()"
                " and application_name = 'sessionaudit' and wait_event_type = 'Lock'"
            ).fetchone()
            if row:
                return int(row[0])
            time.sleep(0.01)
    raise AssertionError


def started(*arguments: str) -> program.Process:
    return program.Process(command(*arguments), env=environment())


def ended(process: program.Process, seconds: float) -> Outcome:
    stdout, stderr = process.communicate(timeout=seconds)
    return Outcome(process.wait(), stdout, stderr)


def test_the_administrator_ends_the_connection(make_database: MakeDatabase, template: Template) -> None:
    url = make_database(template("good", statements(GOOD)))
    with locked(url, "pg_catalog.pg_policy"):
        process = started("check", "-d", url, "-c", str(CONTRACT))
        with connect(url) as other:
            other.execute("select pg_terminate_backend(%s)", (waiting(with_database(url, urlsplit(url).path[1:])),))
        outcome = ended(process, 20)
    refused(outcome, 3, "the connection was lost reading the catalogs", "Run it again.")


def test_a_lock_on_a_catalog_is_not_waited_for(make_database: MakeDatabase, template: Template) -> None:
    url = make_database(template("good", statements(GOOD)))
    with locked(url, "pg_catalog.pg_policy"):
        began = time.monotonic()
        refused(check(url), 3, "another session holds a lock", "pg_locks")
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("seconds", ["0.001", "0.0015"])
def test_a_statement_takes_too_long(good: str, seconds: str) -> None:
    refused(check(good, "--statement-timeout", seconds), 3, "the server took too long", "--statement-timeout")


@pytest.mark.parametrize("seconds", ["86400", "2147483"])
def test_a_statement_may_take_very_long(good: str, seconds: str) -> None:
    assert check(good, "--statement-timeout", seconds).code == 0


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon", "inf", "1e12"])
def test_a_timeout_that_is_none(good: str, seconds: str) -> None:
    refused(check(good, "--statement-timeout", seconds), 2, "--statement-timeout")


# Interrupts


def test_ctrl_c_while_connecting() -> None:
    reached = threading.Event()

    def silent(client: socket.socket) -> None:
        client.recv(1)
        reached.set()
        time.sleep(20)

    with listening(silent) as port:
        process = started("check", "-d", f"postgresql://u:{ENCODED}@127.0.0.1:{port}/d", "-c", str(CONTRACT))
        assert reached.wait(20)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        interrupted(ended(process, 5))


def test_ctrl_c_while_the_server_is_silent(good: str) -> None:
    proxy = Proxy(good, at=b"pg_policy", silent=True)
    with proxied(good, proxy) as url:
        process = started("check", "-d", url, "-c", str(CONTRACT))
        assert proxy.reached.wait(20)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        interrupted(ended(process, 5))


def test_ctrl_c_while_expressions_are_compared(good: str, asking: Path) -> None:
    proxy = Proxy(good, at=b"create temporary table", silent=True)
    with proxied(good, proxy) as url:
        process = started("check", "-d", url, "-c", str(asking))
        assert proxy.reached.wait(20)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        interrupted(ended(process, 5))


def interrupted(outcome: Outcome) -> None:
    assert outcome == Outcome(130, "", "\nInterrupted. Nothing was changed.\n")


# A contract that is wrong while the server still answers


def test_a_wrong_fragment_while_the_catalogs_are_read(tmp_path: Path, good: str) -> None:
    text = CONTRACT.read_text()
    file = tmp_path / "c.yaml"
    wrong = text.replace("trg_sessions_updated: before update", "trg_sessions_updated: befor update")
    file.write_text(wrong)
    line = wrong[: wrong.index("befor update")].count("\n") + 1
    for _ in range(3):
        refused(run("check", "-d", good, "-c", str(file)), 2, f"c.yaml:{line}:29: expected “before”", "found “befor”")


def test_a_wrong_fragment_while_the_server_is_silent(tmp_path: Path, good: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(CONTRACT.read_text().replace("uuid not null", "uuid nut null", 1))
    with proxied(good, Proxy(good, at=b"begin transaction", silent=True)) as url:
        outcome = ended(started("check", "-d", url, "-c", str(file)), 10)
    refused(outcome, 2, "found “nut”")


# Output


def shell(script: str, *arguments: str) -> Outcome:
    """Run a shell script in which `"$@"` is the command."""
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command(*arguments)],
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_reader_that_has_seen_enough(broken: str) -> None:
    arguments = ("check", "-d", broken, "-c", str(CONTRACT))
    outcome = shell('{ "$@"; echo "exit $?" >&2; } | head -1', *arguments)
    assert (len(outcome.stdout.splitlines()), outcome.stderr.splitlines()[-1]) == (1, "exit 1")
    assert "Broken" not in outcome.stderr
    gone = shell('{ sleep 0.1; "$@"; echo "exit $?" >&2; } | true', *arguments)
    assert gone.stderr.splitlines()[-1] == "exit 1"
    assert "Broken" not in gone.stderr
    assert shell('{ "$@"; echo "exit $?" >&2; } | true', "rule").stderr == "exit 0\n"


def test_a_closed_stdout(good: str) -> None:
    for arguments in (("check", "-d", good, "-c", str(CONTRACT)), ("rule",)):
        refused(shell('"$@" >&-', *arguments), 2, "cannot write to standard output: it is closed", "--output")


def test_a_full_disk(good: str) -> None:
    for arguments in (("check", "-d", good, "-c", str(CONTRACT)), ("rule",)):
        refused(shell('"$@" >/dev/full', *arguments), 2, "No space left on device")
    refused(check(good, "--output", "/dev/full"), 2, "No space left on device")


def test_a_closed_stderr(good: str) -> None:
    outcome = shell('"$@" 2>&-', "check", "-d", good, "-c", "missing.yaml")
    assert outcome == Outcome(2, "", "")


def test_a_terminal_without_our_quotes(broken: str) -> None:
    outcome = check(broken, PYTHONIOENCODING="ascii")
    assert outcome.code == 1
    assert outcome.stdout.isascii()


def test_output_into_a_folder_that_is_none(tmp_path: Path, good: str) -> None:
    target = tmp_path / "missing" / "report.json"
    refused(check(good, "--output", str(target)), 2, f"cannot write {target}: No such file or directory")
    target = tmp_path / "folder"
    target.mkdir()
    refused(check(good, "--output", str(target)), 2, f"cannot write {target}: Is a directory", "Choose another file")
    assert list(tmp_path.iterdir()) == [target]
    assert list(target.iterdir()) == []


def test_output_that_fails_leaves_the_old_file(tmp_path: Path, good: str) -> None:
    target = tmp_path / "report.txt"
    target.write_text("the old one")
    refused(check(good, "--output", str(target), "--statement-timeout", "0.001"), 3)
    assert target.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [target]
    assert check(good, "--output", str(target)).stdout == ""
    assert "\nNothing found: " in target.read_text()
    assert list(tmp_path.iterdir()) == [target]


def test_output_into_a_pipe(tmp_path: Path, good: str) -> None:
    outcome = shell('"$@" | cat', "check", "-d", good, "-c", str(CONTRACT), "--output", "/dev/stdout")
    assert "\nNothing found: " in outcome.stdout


# Calls

CALLS = {
    "unknown word": (("--only", "mising-table"), "Did you mean “missing-table”?"),
    "unknown word to ignore": (("--ignore", "enum-value"), "Did you mean “enum-values”?"),
    "empty word": (("--only", ""), "is not a rule"),
    "unknown option": (("--onyl", "x"), "--onyl"),
    "option without a value": (("--only",), "--only"),
    "unknown format": (("--format", "yaml"), "yaml"),
    "unknown severity": (("--fail-on", "bad"), "bad"),
    "too many words": (("public.sessions",), "public.sessions"),
}


@pytest.mark.parametrize(("arguments", "words"), CALLS.values(), ids=CALLS)
def test_a_wrong_call(arguments: tuple[str, ...], words: str) -> None:
    refused(check(NOWHERE, *arguments), 2, words)


def test_an_unknown_command() -> None:
    refused(run("chekc"), 2, "check")


def test_an_unknown_rule() -> None:
    refused(run("rule", "SA999"), 2, "SA999")
    refused(run("rule", "mising-table"), 2, "Did you mean “missing-table”?")


def test_a_word_that_selects_nothing_is_told_what_it_may_have_meant(good: str) -> None:
    meant = {"missingtable": "“missing-table”", "session": "“public.sessions”", "zzz": "stand for audits"}
    for word, hint in meant.items():
        refused(run("check", "-d", good, "-c", str(CONTRACT), "--only", word), 2, "is not a rule", hint)
