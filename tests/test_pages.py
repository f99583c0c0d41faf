"""The README and every page of docs/: commands run, outputs are printed, contracts load, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import unicodedata
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml
from click import Context, Group
from typer.main import get_command

import program
from editors import validator
from marks import thorough
from pages import (
    DOCS,
    TOP,
    Block,
    Call,
    File,
    Page,
    Session,
    generated,
    is_contract,
    is_shown,
    page,
    pages,
    slug,
    written,
)
from servers import connect
from sessionaudit import errors
from sessionaudit.cli.app import app
from sessionaudit.cli.commands import COMMANDS
from sessionaudit.contract.loader import load
from sessionaudit.core.finding import Severity
from sessionaudit.demo import history, system
from sessionaudit.kinds import KINDS
from sessionaudit.lint.session import LintAsked, report_lint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import MakeDatabase, Template

TARGETS = set(re.findall(r"^([\w-]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
# What a contract of a page includes.
INCLUDED = {"types.yaml": "domains: {amount: numeric}\n", "tables/public/orders.yaml": "tables: {orders: {}}\n"}
OF_THE_READER = {"unreadable-file"}  # what only who reads the page has: files of repairs, migrations, code
# Blocks that are no commands: contracts, output, and files of other tools, which the page's own test reads.
LANGUAGES = {"sh", "yaml", "sql", "text", "ts", "groovy", "crontab", "json", "toml", "ini", "dockerfile", "python"}
ELSEWHERE = {"pip", "python3", "make", "git", "cd", "mkdir", "docker", "pre-commit", "set"}
OF_PROJECT = {"migrations", "scan", "checklist", "--migrations", "--used-by"}
EMPTY = {"docs/tutorial.md"}  # whose reader makes the database
# One of each page runs always, and all of the README.
ALWAYS_WHOLE = {"README.md"}


def runs(session: Session) -> bool:
    return any(words[0] == "sessionaudit" for words in session.commands())


def some_sessions() -> list[Any]:
    """The quickest section of each page, if it is quick, and all of the README; the others are thorough."""
    found: list[Any] = []
    for one in written():
        ours = sorted(filter(runs, one.sessions), key=weight)
        always = len(ours) if one.name in ALWAYS_WHOLE else sum(weight(session) < 5 for session in ours[:1])
        found += [*ours[:always], *map(thorough, ours[always:])]
    return found


def weight(session: Session) -> int:
    """How long a session takes, roughly: private servers and repairs are slow."""
    words = [word for command in session.commands() for word in command]
    slow = OF_PROJECT | {"--embedded", "--apply", "--files-only", "backfill", "undo"}
    whole = 4 if session.page in EMPTY else 1  # the tutorial is long, and of a small database
    return len(session.commands()) // whole + 5 * sum(word in slow for word in words) // whole


@pytest.mark.parametrize("session", some_sessions(), ids=str)
def test_the_commands_of_a_section_run(
    session: Session, template: Template, make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = prepare(session, template, make_database, tmp_path)
    outputs = ""
    for one in session.calls():
        if isinstance(one, File):
            (tmp_path / one.name).write_text(one.text, encoding="utf-8")
        elif isinstance(one, Call):
            outputs += run(one, session, url, tmp_path)
        else:
            assert is_shown(one.text, outputs), f"{session.page}:{one.line} shows something else than\n{outputs}"


def prepare(session: Session, template: Template, make_database: MakeDatabase, folder: Path) -> str:
    """Make the database of a section and fill its folder: the project of the demo, as it was found."""
    if session.page in EMPTY:
        return make_database()
    ours = [words for words in session.commands() if words[0] == "sessionaudit"]
    url = make_database(template(system.RECORDED[-1], system.statements(system.RECORDED)))
    system.write_project(folder)
    if not {word for words in ours for word in words} & OF_PROJECT:  # replaying migrations takes a second each time
        shutil.copy(TOP / "expected_schema.yaml", folder)
    if ours[0][1] == "snapshot" and "--update" not in ours[0]:
        (folder / "expected_schema.yaml").unlink()
    if any("--migrations" in words for words in ours):  # which makes a contract only of files that run
        history.correct(folder / history.FOLDER)
    if any("backfill" in words for words in ours):  # rows are repaired once the schema is
        asked = f"--only schema --only {system.UNKNOWN} --allow rewrite --allow loosen --with-data"
        done = called(shlex.split(f"sessionaudit repair --apply --yes {asked}"), url, folder)
        assert done.returncode == 0, done.stderr
    return url


def called(words: list[str], url: str, folder: Path) -> program.subprocess.CompletedProcess[str]:
    named = [url if word.startswith("postgresql://") else word for word in words]
    environment = {**os.environ, "DATABASE_URL": url, "COLUMNS": "100"}
    return program.run([*program.START, *named[1:]], cwd=folder, env=environment, capture_output=True, text=True)


def run(call: Call, session: Session, url: str, folder: Path) -> str:
    """Run one command of a page, and return what it prints."""
    program_, *rest = call.words
    place = f"{session.page}:{call.line}"
    if program_ == "make":
        assert set(rest) <= TARGETS, place
        return ""
    if program_ == "export":
        assert rest[0].startswith("DATABASE_URL=postgresql://"), place
        return ""
    if program_ == "psql":
        assert rest[0] == "$DATABASE_URL", place
        text = (folder / rest[2]).read_text(encoding="utf-8") if rest[1] == "-f" else rest[2]
        with connect(url) as connection:
            connection.execute(text.encode())
        return ""
    if program_ in ELSEWHERE:
        return ""
    assert program_ == "sessionaudit", f"{place} calls {program_}: teach tests/test_pages.py what that is"
    if rest[0] == "demo":  # which tests/cli/test_workshop.py runs
        return ""
    result = called(call.words, url, folder)
    assert "Traceback" not in result.stderr, place
    expected = {call.code} if call.code is not None else allowed(call.words)
    assert result.returncode in expected, f"{place}: {shlex.join(call.words)}\n{result.stdout}{result.stderr}"
    return re.sub(r"\bsa_[0-9a-f]+\b", "shop", result.stdout + result.stderr)


def allowed(command: list[str]) -> set[int]:
    """The exit codes with which a command of a page may end on the broken system, where the page states none."""
    if ("--apply" in command and "--yes" not in command) or "--execute" in command:
        return {errors.EXIT_USAGE}  # there is no terminal to ask on
    if "--apply" in command and "--only" not in command:  # what the contract does not name is left
        return {errors.EXIT_FINDINGS, errors.EXIT_CLEAN}
    if "--as" in command or "--embedded" in command:  # what is wrong may be elsewhere
        return {errors.EXIT_CLEAN, errors.EXIT_FINDINGS}
    if command[1] == "doctor":
        return {errors.EXIT_CLEAN, errors.EXIT_FINDINGS}
    if command[1] in {"migrations", "scan", "access", "probe"}:
        return {errors.EXIT_FINDINGS}
    if command[1] in {"check", "report"}:  # invariants that stand on the missing column are not checked
        return {errors.EXIT_CLEAN, errors.EXIT_FINDINGS, errors.EXIT_DATABASE}
    if command[1] == "trace" or "--list" in command or {"--all", "--yes"} <= {*command}:
        return {errors.EXIT_FINDINGS}  # something is missing, or left for a person
    return {errors.EXIT_CLEAN}


@pytest.mark.parametrize("one", written(), ids=str)
def test_every_block_is_of_a_language_that_is_tested(one: Page) -> None:
    unknown = [(block.language, block.line) for block in one.blocks if block.language not in LANGUAGES]
    assert unknown == [], "name the language of the block, and teach tests/test_pages.py what to do with it"


@pytest.mark.parametrize("one", [page for page in written() if any(map(is_contract, page.blocks))], ids=str)
def test_the_contracts_of_a_page_load_and_lint_warns_of_none(
    one: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    every = "thorough" in request.config.getoption("-m") or not request.config.getoption("-m")
    for name, text in INCLUDED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    file = tmp_path / "expected_schema.yaml"
    for number, block in enumerate(filter(is_contract, one.blocks)):
        # A waiver of today is one of the past some day.
        file.write_text(re.sub(r"until: [\d-]+", "until: 9999-12-31", block.text), encoding="utf-8")
        load(file)
        found = [one for one in report_lint((file,), LintAsked()).findings if one.severity > Severity.NOTE]
        assert [one.message for one in found if one.rule.name not in OF_THE_READER] == [], block.line
        if number == 0 or every:
            quoted = re.sub(r"(\d{4}-\d\d-\d\d)(?=\s*[},\n])", r'"\1"', block.text)
            validator().validate(yaml.safe_load(quoted))


def test_every_kind_has_an_example(tmp_path: Path) -> None:
    for name, text in INCLUDED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    file = tmp_path / "expected.yaml"
    shown: set[str] = set()
    for block in filter(is_contract, page("docs/contract.md").blocks):
        file.write_text(block.text, encoding="utf-8")
        shown |= {kind for kind, objects in load(file).objects.items() if objects}
    assert {kind.name for kind in KINDS} - shown == set()


@pytest.mark.parametrize("one", written(), ids=str)
def test_a_page_leads_somewhere_and_is_read_alike_everywhere(one: Page) -> None:
    assert list(faults(one)) == []


def test_pages_that_the_program_writes_do_so_too() -> None:
    assert [fault for one in generated() for fault in faults(one)] == []


def faults(one: Page) -> Iterator[str]:
    """Links that lead nowhere, and what GitHub shows in one way and the site in another."""
    for target, line in one.links:
        place = f"{one.name}:{line} links to {target}"
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (one.path.parent / name).resolve() if name else one.path
        if not file.is_file():
            yield f"{place}, which is not there"
        elif one.path.is_relative_to(DOCS) and not file.is_relative_to(DOCS):
            yield f"{place}, which is not in the site"
        elif anchor and anchor not in next(other for other in pages() if other.path == file).anchors:
            yield f"{place}, where that heading is not"
    for title in one.titles:
        if slug(title) != slug_of_site(title):
            yield f"{one.name}: the heading “{title}” has other anchors on GitHub and in the site"
    if len(one.anchors) != len(one.titles):
        yield f"{one.name}: a heading comes twice"
    if one.path.is_relative_to(DOCS):
        text = re.sub(r"^```.*?^```", "```", one.text, flags=re.MULTILINE | re.DOTALL)
        for head, item in re.findall(r"^((?!\s|- |[0-9]+\. |#).+)\n(- .*)", text, re.MULTILINE):
            yield f"{one.name}: the site shows no list without an empty line between “{head}” and “{item}”"


def slug_of_site(title: str) -> str:
    """The anchor of a heading, as Python-Markdown makes it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def test_what_is_where_is_there() -> None:
    """The modules that the list names, and the words of which it says that they are in them."""
    rows = page("docs/architecture.md").text.partition("## Where what is")[2].partition("\n## ")[0]
    modules = re.findall(r"`([\w/]+\.(?:py|sql))`", rows)
    assert len(modules) > 15
    for name in modules:
        assert (TOP / "src" / "sessionaudit" / name).is_file(), name
    for words, name in re.findall(r"((?:`\w+`(?: and )?)+) in `([\w/]+\.py)`", rows):
        text = (TOP / "src" / "sessionaudit" / name).read_text(encoding="utf-8")
        for word in re.findall(r"\w+", words.replace(" and ", " ")):
            assert re.search(rf"^(?:def|class) {word}\b|^{word}\b", text, re.MULTILINE), f"{word} in {name}"


def test_the_site_has_every_page() -> None:
    nav = yaml.safe_load((TOP / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    listed = set(_files(nav))
    there = {str(one.path.relative_to(DOCS)) for one in pages() if one.path.is_relative_to(DOCS)}
    assert listed - there == set(), "mkdocs.yml lists pages that are not there"
    assert {name for name in there - listed if not name.startswith("rules/")} == set(), "add them to mkdocs.yml"


def _files(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for value in nav.values():
            yield from _files(value)
    elif isinstance(nav, list):
        for value in nav:
            yield from _files(value)


def options() -> set[str]:
    """The options of every command."""
    group = cast("Group", get_command(app))
    context = Context(group)
    commands = [group, *(group.get_command(context, name) for name in sorted(COMMANDS))]
    return {word for one in commands if one for option in one.params for word in (*option.opts, *option.secondary_opts)}


OF_OTHERS = {
    *("--env", "--rm", "--tag", "--volume"),
    "--regen",
    "--schema-only",
    "--yes",
    "--fake",
    "--embedded",
    "--edit-last",
    "--create-if-none",
    "--body-file",
    "--no-deps",
    "--wheel-dir",
}


def test_the_options_are_those_of_the_program() -> None:
    known = {*options(), "--help"}
    for one in written():
        told = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", one.text)) - OF_OTHERS
        assert told <= known, one.name


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page("docs/exit-codes.md").text, re.MULTILINE)}
    assert told == {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert told == {int(code) for code in re.findall(r"^\| (\d+) \|", page("README.md").text, re.MULTILINE)}


@pytest.mark.parametrize(
    ("name", "block"),
    [(one.name, block) for one in written() for block in one.blocks if block.language == "sql"],
    ids=lambda value: value if isinstance(value, str) else str(value.line),
)
@pytest.mark.thorough
def test_sql_of_a_page_runs(name: str, block: Block, template: Template, make_database: MakeDatabase) -> None:
    url = make_database(template(system.GOOD[-1], system.statements(system.GOOD)))
    with connect(url) as connection:
        connection.execute(b"begin; create role backfiller")
        text = block.text.replace("%(keys)s", "'{}'")
        connection.execute(text.encode())
        connection.execute(b"rollback")
