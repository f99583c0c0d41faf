"""Examples of rules: for each a contract and a database that differ, and what is found and repaired.

They stand in `tests/examples`, a file for each kind or part of an audit, and in it an entry for each rule:

- `contract`: the contract, without `version: 1`;
- `database`: the SQL that makes the database; `other`: that which makes a database to compare it with;
- `files`: further files by name, such as code and migrations;
- `command`: what is called, if not `check`;
- `beside`: the rules that are found as well.

What comes of them goes to `src/sessionaudit/report/rule_examples.json`, and the pages made of that to `docs/rules`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import yaml
from psycopg import sql
from typer.main import get_command

from private_server import shared_servers
from sessionaudit.cli.app import app
from sessionaudit.embedded.server import temporary_server
from sessionaudit.report import rule_page
from sessionaudit.report.rule_example import FILE, Example, all_examples, spelled
from sessionaudit.rulebook import RULES, audit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TOP = Path(__file__).resolve().parents[1]
EXAMPLES = TOP / "tests" / "examples"
PAGES = TOP / "docs" / "rules"
CONTRACT = "expected_schema.yaml"
DATABASE, OTHER = "shop", "staging"
# As Supabase has them, and one that owns things and one that has nothing.
ROLES = (
    "create role anon noinherit",
    "create role authenticated noinherit",
    "create role service_role noinherit bypassrls",
    "create role app_owner",
    "create role reporting",
)
KEYS = {"contract", "database", "other", "files", "command", "beside"}
# What is about the contract itself is corrected there.
UNWAIVED = {"idle-waiver", "expired-waiver", "invalid-contract"}
_VERDICT = re.compile(
    r"\n(?=Not known\n(?:  .*\n)*?.*only PostgreSQL can judge|"
    r"[^\n]* in shop on [^\n]*PostgreSQL \d|[^\n]* by expected_schema\.yaml)"
)
_ALLOW = re.compile(r"--allow [a-z-]+")


class WrongExampleError(Exception):
    """An example that does not have exactly what it is for."""


def sources() -> dict[str, dict[str, Any]]:
    """The examples as they are written, by the name of the rule."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(EXAMPLES.glob("*.yaml")):
        for name, entry in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            if name not in RULES or name in found or not entry.keys() <= KEYS:
                raise WrongExampleError(f"{file.name}: {name} is no rule, or is there twice, or has an unknown key.")
            found[name] = entry
    return found


class Server:
    """A server on which each example has databases of its own."""

    def __init__(self, url: str) -> None:
        self._base, self._connection = url.rpartition("/")[0], psycopg.connect(url, autocommit=True)
        self.major = self._connection.info.server_version // 10_000
        for statement in ROLES:
            with contextlib.suppress(psycopg.errors.DuplicateObject):
                self._connection.execute(statement.encode())

    def made(self, name: str, text: str) -> str:
        """Make a database by some SQL, and return its URL."""
        self._connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        url = f"{self._base}/{name}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(text.encode())
        return url

    def close(self) -> None:
        """Leave the server."""
        self._connection.close()

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Take away, at the end, the databases and roles that are made, and give back to roles what was taken."""
        before = self._roles()
        try:
            yield
        finally:
            for name in (DATABASE, OTHER):
                self._connection.execute(
                    sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
                )
            for role in self._roles() - before:
                self._connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
            self._connection.execute("alter role service_role bypassrls")

    def _roles(self) -> set[str]:
        return {name for (name,) in self._connection.execute("select rolname from pg_roles").fetchall()}


def called(*words: str) -> tuple[int, str, str]:
    """Call the program in this process: its exit code, and what it prints."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            get_command(app).main([*words], prog_name="sessionaudit")
        except SystemExit as ended:
            code = ended.code
    return (code if isinstance(code, int) else int(code is not None)), out.getvalue(), err.getvalue()


@contextlib.contextmanager
def standing_in(folder: Path, url: str) -> Iterator[None]:
    """Call the program as its user does: in the folder of the contract, 80 wide, with DATABASE_URL."""
    before, here = dict(os.environ), Path.cwd()
    os.environ.update(DATABASE_URL=url, COLUMNS="80", NO_COLOR="1")
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def run(name: str, source: Mapping[str, Any], server: Server) -> Example:
    """Run an example, and prove that it has exactly the finding that it is for, and that the waiver accepts it."""
    against = "other" in source
    contract = "" if against else f"version: 1\n{source['contract']}"
    with server.kept(), tempfile.TemporaryDirectory() as there:
        folder = Path(there)
        for file, text in {**source.get("files", {}), **({} if against else {CONTRACT: contract})}.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        url = server.made(DATABASE, source.get("database", ""))
        asked = source.get("command", "check").split()
        if against:
            asked += ["--against", server.made(OTHER, source["other"])]
        with standing_in(folder, url):
            report, printed = _looked(asked)
            one = _the_one(name, source, report)
            command, statements = ("", []) if against else _repair(name)
            waived = "" if against else _waived(folder / CONTRACT, contract, one, asked)
            accept = _accepted(folder / CONTRACT, contract, one, waived)
    return Example(
        contract=contract,
        database=source.get("database", ""),
        other=source.get("other", ""),
        files=dict(source.get("files", {})),
        command=source.get("command", "check --against postgresql:///staging" if against else "check"),
        finding=printed,
        repair=command,
        sql=statements,
        accept=accept,
        object=waived,
    )


def _looked(asked: list[str]) -> tuple[dict[str, Any], str]:
    code, out, err = called(*asked, "--format", "json")
    if code not in {0, 1, 3}:
        raise WrongExampleError(f"{' '.join(asked)} ends with {code}: {out} {err}")
    page = called(*asked)[1].replace(str(date.today()), "2025-01-01")  # noqa: DTZ011 - as the report has it
    return json.loads(out), _VERDICT.split(page)[0].rstrip("\n") + "\n"


def _the_one(name: str, source: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    found = [finding["rule"] for finding in report["findings"]]
    if sorted(found) != sorted([name, *source.get("beside", ())]):
        messages = "\n".join(f"  {one['rule']} {one['object']}: {one['message']}" for one in report["findings"])
        raise WrongExampleError(f"found: {found}\n{messages}\n  skipped: {report.get('skipped')}")
    return next(finding for finding in report["findings"] if finding["rule"] == name)


def _repair(name: str) -> tuple[str, list[str]]:
    """What is typed to have the finding repaired, and the SQL that is run."""
    if audit_of(RULES[name]) not in {"schema", None}:
        return "", []
    for words in (["repair"], ["repair", "--only", name]):
        plan = json.loads(called(*words, "--format", "json")[1])
        steps = plan.get("steps", [])
        if held := plan.get("held", []):
            words.extend(" ".join(sorted({word for step in held for word in _ALLOW.findall(step["help"])})).split())
            steps = json.loads(called(*words, "--format", "json")[1]).get("steps", [])
        if steps:
            return " ".join(words), [statement for step in steps for statement in step["sql"]]
    return "", []


def _waived(file: Path, contract: str, one: Mapping[str, Any], asked: list[str]) -> str:
    """How a waiver names the object of a finding, of which the report says the kind as well; proves that it does."""
    if one["rule"] in UNWAIVED:
        return ""
    words = str(one["object"]).split(" ")
    for start in (*range(1, len(words)), 0):
        named = " ".join(words[start:])
        waiver = {"rule": one["rule"], "object": named, "reason": "why", "owner": "who", "until": "2999-12-31"}
        line = f"  - {json.dumps(waiver, ensure_ascii=False)}\n"
        file.write_text(contract + ("" if "\nwaivers:\n" in contract else "waivers:\n") + line, encoding="utf-8")
        _, out, _ = called(*asked, "--format", "json")
        if one["rule"] in {finding["rule"] for finding in json.loads(out).get("waived", ())}:
            return named
    raise WrongExampleError(f"no waiver accepts the finding on {one['object']}")


def _accepted(file: Path, contract: str, one: Mapping[str, Any], waived: str) -> str:
    """What is typed to state in the contract what the database has; "" where that is not possible."""
    if audit_of(RULES[one["rule"]]) != "schema" or not waived:
        return ""
    file.write_text(contract, encoding="utf-8")
    words = ("check", "--accept", f"{one['code']}:{waived}")
    called(*words)
    if file.read_text(encoding="utf-8") == contract:
        return ""
    _, out, _ = called("check", "--format", "json")
    left = {finding["fingerprint"] for finding in json.loads(out).get("findings", [one])}
    return "" if one["fingerprint"] in left else shlex.join(words)


def write_examples(names: Sequence[str] = ()) -> list[str]:
    """Run the examples with these names, or all, and write what came of them; return what is wrong."""
    wrong: list[str] = []
    kept = all_examples() if names else {}
    entries = sources()
    with shared_servers(), temporary_server() as running, contextlib.closing(Server(running.url())) as server:
        for name in names or RULES:
            try:
                kept[name] = run(name, entries[name], server)
            except (WrongExampleError, KeyError, psycopg.Error) as error:
                wrong.append(f"{name}: {error!r}")
    FILE.write_text(spelled({name: kept[name] for name in RULES if name in kept}), encoding="utf-8")
    return wrong


def pages() -> dict[str, str]:
    """The text of each page, by the name of its file."""
    examples = all_examples()
    made = {f"{rule.name}.md": rule_page.as_markdown(rule, examples[rule.name]) for rule in RULES.values()}
    return {"index.md": rule_page.index(), **made}


def write_pages() -> None:
    """Write the pages anew, and remove those of rules that are gone."""
    made = pages()
    PAGES.mkdir(exist_ok=True)
    for file in PAGES.glob("*.md"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (PAGES / name).write_text(text, encoding="utf-8")
