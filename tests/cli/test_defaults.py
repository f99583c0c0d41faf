"""Defaults of options, from pyproject.toml and from variables: their order, what is refused, and when they give way."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.core import TyperCommand

from calls import COMMANDS, Said, call
from sessionaudit.defaults import environment
from sessionaudit.defaults.options import SETTABLE, refusal

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def words(command: str) -> set[str]:
    """The options of a command, without their hyphens."""
    found = {max(one.opts, key=len).lstrip("-") for one in COMMANDS[command].params if one.param_type_name == "option"}
    return found - {"help"}


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / ".git").mkdir(exist_ok=True)
    return folder


@pytest.fixture
def params(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tells the values with which a command would run."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(TyperCommand, "invoke", lambda _self, context: seen.append(context.params))

    def called(*arguments: str, cwd: Path, **variables: str) -> dict[str, Any]:
        said = call(*arguments, cwd=cwd, **variables)
        assert said.code == 0, said.err
        return seen[-1]

    return called


def test_each_option_may_have_a_default_or_is_refused_with_a_reason() -> None:
    assert SETTABLE.keys() == COMMANDS.keys()
    for command in COMMANDS:
        assert set(SETTABLE[command]) <= words(command), command
        unnamed = [word for word in words(command) - set(SETTABLE[command]) if not refusal(command, word)]
        assert unnamed == [], command


ORDER: tuple[tuple[str, dict[str, str], tuple[str, ...], float], ...] = (
    ("[tool.sessionaudit]\nstatement-timeout = 11", {}, (), 11.0),
    ("[tool.sessionaudit]\nstatement-timeout = 11\ncheck.statement-timeout = 12", {}, (), 12.0),
    ("[tool.sessionaudit.check]\nstatement-timeout = 12", {"SESSIONAUDIT_STATEMENT_TIMEOUT": "13"}, (), 13.0),
    (
        "[tool.sessionaudit]\nstatement-timeout = 11",
        {"SESSIONAUDIT_STATEMENT_TIMEOUT": "13", "SESSIONAUDIT_CHECK_STATEMENT_TIMEOUT": "14"},
        (),
        14.0,
    ),
    ("", {"SESSIONAUDIT_CHECK_STATEMENT_TIMEOUT": "14"}, ("--statement-timeout", "15"), 15.0),
    ("[tool.sessionaudit.repair]\nstatement-timeout = 11", {"SESSIONAUDIT_REPAIR_STATEMENT_TIMEOUT": "9"}, (), 30.0),
    ("[tool.sessionaudit]\nlock-wait = 11", {"SESSIONAUDIT_STATEMENT_TIMEOUT": ""}, (), 30.0),
)


@pytest.mark.parametrize(("text", "variables", "typed", "wanted"), ORDER, ids=range(len(ORDER)))
def test_the_nearest_default_counts(
    text: str, variables: dict[str, str], typed: tuple[str, ...], wanted: float, tmp_path: Path, params: Any
) -> None:
    found = params("check", *typed, cwd=project(tmp_path, text), **variables)
    assert found["statement_timeout"] == wanted


def test_values_are_read_as_options_are(tmp_path: Path, params: Any) -> None:
    folder = project(
        tmp_path,
        '[tool.sessionaudit]\ncontract = "db/c.yaml"\nformat = "sarif"\nonly = "schema"\n'
        '[tool.sessionaudit.check]\nignore = ["auth.*", "with blank"]\nread-only = true\n'
        '[tool.sessionaudit.scan]\nformat = ["json"]\n'
        "[tool.sessionaudit.migrations]\ncontinue = false\n",
    )
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    found = params("check", cwd=below, SESSIONAUDIT_ONLY="data 'auth.a b'")
    assert str(found["contract"]) == "../../db/c.yaml"
    assert [*map(str, found["format_"])] == ["sarif"]
    assert [*found["only"]] == ["data", "auth.a b"]
    assert [*found["ignore"]] == ["auth.*", "with blank"]
    assert found["read_only"] is True
    assert [*map(str, params("scan", cwd=below)["format_"])] == ["json"]
    assert params("migrations", cwd=below)["continue_"] is False
    assert str(params("trace", "1", cwd=below)["format_"]) == "table"  # which has no SARIF
    assert params("check", cwd=below, SESSIONAUDIT_CHECK_READ_ONLY="false")["read_only"] is False


REFUSED = {
    "[tool.sessionaudit]\nyes = true": "pyproject.toml:2: --yes cannot have a default: it permits a change",
    "[tool.sessionaudit.repair]\n\napply = true": "pyproject.toml:3: --apply cannot have a default",
    '[tool.sessionaudit]\nrepair.allow = ["all"]': "pyproject.toml:2: --allow cannot have a default",
    '[tool.sessionaudit.repair]\n"before" = "x"': "pyproject.toml:2: --before cannot have a default: it names a file",
    "[tool.sessionaudit.backfill]\ndry-run = true": "pyproject.toml:2: --dry-run cannot have a default: it says what",
    '[tool.sessionaudit]\ndatabase-url = "postgresql://a:hidden@h/d"': (
        "pyproject.toml:2: --database-url cannot have a default: a URL may contain a password hint: Set DATABASE_URL"
    ),
    '[tool.sessionaudit.check]\nagainst = "postgresql://a:hidden@h/d"': "pyproject.toml:2: --against cannot have a",
    "[tool]\nsessionaudit.fromat = 1": (
        "pyproject.toml:2: “fromat” is no option or command that may have a default hint: Did you mean “format”?"
    ),
    "[tool.sessionaudit.check]\nfail_on = 1": "pyproject.toml:2: “fail_on” is no option of check that may have a "
    "default hint: Did you mean “fail-on”?",
    "# x\n[tool.sessionaudit.chek]\na = 1": "pyproject.toml:2: “chek” is no option or command that may have a default "
    "hint: Did you mean “check”?",
    '[tool.sessionaudit.check]\nfail-on = "all"': "pyproject.toml:2: --fail-on: 'all' is not one of 'error'",
    '[tool.sessionaudit]\nstatement-timeout = "soon"': "pyproject.toml:2: --statement-timeout: 'soon' is not a number",
    '[tool.sessionaudit]\ndocumentation-url = "javascript:a(1)"': "pyproject.toml:2: --documentation-url: it is not",
    '[tool.sessionaudit]\ndocumentation-url = "https://h/a)b"': "--documentation-url: it is not the address",
    '[tool.sessionaudit]\ndocumentation-url = "https://u:hidden@h/"': "--documentation-url: it is not the address",
    '[tool.sessionaudit]\nformat = "xml"': "pyproject.toml:2: --format: 'xml' is not one of",
    "[tool.sessionaudit.check]\nverbose = 1": "pyproject.toml:2: --verbose: it is true or false",
    "[tool.sessionaudit.check]\nstatement-timeout = true": "--statement-timeout: it is not true or false",
    '[tool.sessionaudit.check]\nrole = ["a"]': "--role: it takes one value, and no list",
    "[tool.sessionaudit.check]\nrole = {a = 1}": "pyproject.toml:2: the default of “role” is no value of an option",
    "[tool]\nsessionaudit = 3": "pyproject.toml:2: tool.sessionaudit must be a table",
    "[tool.sessionaudit\n": "pyproject.toml:1:19: it is not TOML: Expected",
    '[tool.sessionaudit.check]\nformat = ["table", "json=supabase/migrations/1.sql"]': (
        "pyproject.toml:2: --format: format cannot say where it is written: it names a file that is written, and each "
        "call must do that itself hint: Type it in the call, such as --format sarif=report.sarif."
    ),
    '[tool.sessionaudit]\nformat = "json=x"': "pyproject.toml:2: --format: format cannot say where it is written",
    "[tool.sessionaudit.trace]\nfail-on = 'error'": "“fail-on” is no option of trace",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_in_the_file_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    said = call("check", "-d", NOWHERE, cwd=project(tmp_path, text))
    told = " ".join(said.err.split())
    assert (said.code, REFUSED[text] in told, "hidden" in told) == (2, True, False), told


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    folder = project(tmp_path, "[tool.sessionaudit]\nyes = true\nfromat = 1\n[tool.sessionaudit.undo]\nx = 1\n")
    said = call("check", cwd=folder, SESSIONAUDIT_CHECK_ALLOW="x")
    assert [line.split(": ")[1] for line in said.err.splitlines() if line.startswith("error")] == [
        *("pyproject.toml:2", "pyproject.toml:3", "pyproject.toml:5"),
        "SESSIONAUDIT_CHECK_ALLOW",
    ]


VARIABLES = {
    "SESSIONAUDIT_CHECK_YES": ("1", "--yes cannot have a default"),
    "SESSIONAUDIT_YES": ("1", "--yes cannot have a default"),
    "SESSIONAUDIT_CHECK_FROMAT": ("json", "Did you mean “format”?"),
    "SESSIONAUDIT_DATABASE_URL": ("postgresql://a:hidden@h/d", "Set DATABASE_URL"),
    "SESSIONAUDIT_CHECK_FORMAT": ("xml", "--format: 'xml' is not one of"),
    "SESSIONAUDIT_FORMAT": ("table json=x", "--format: format cannot say where it is written"),
    "SESSIONAUDIT_CHECK_ONLY": ("it's", "--only: a quote is never closed"),
    "SESSIONAUDIT_QUIET": ("perhaps", "--quiet: “perhaps” is none of true, yes, on, 1, false, no, off and 0"),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_what_is_wrong_in_a_variable_is_refused_with_its_name(name: str, tmp_path: Path) -> None:
    value, wanted = VARIABLES[name]
    said = call("check", "-d", NOWHERE, cwd=tmp_path, **{name: value})
    assert (said.code, wanted in said.err, "hidden" in said.err) == (2, True, False), said.err
    assert said.err.startswith(f"error: {name}: ")


def test_other_programs_may_have_variables_of_the_prefix(tmp_path: Path) -> None:
    said = call("check", "-d", NOWHERE, cwd=tmp_path, SESSIONAUDIT_FROMAT="x", SESSIONAUDIT_REPAIR_YES="1")
    assert "does not exist" in said.err  # the contract
    assert [*environment.unread({"SESSIONAUDIT_FROMAT": "x", "SESSIONAUDIT_DEBUG": "1"})] == [
        ("SESSIONAUDIT_FROMAT", "Did you mean “SESSIONAUDIT_FORMAT”?")
    ]


GIVING_WAY: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    # What has no effect in the mode that is typed.
    ("check.explain = true\ncheck.verbose = true", ("check", "--format", "json"), {"explain": True, "verbose": False}),
    ('check.schema = ["a"]\nplatform = "none"', ("check",), {"schema": None, "platform": None}),
    ('role = "r"', ("scan", "--against", "contract"), {"role": ""}),
    ("repair.lock-wait = 3", ("repair",), {"lock_wait": 60.0}),
    ("repair.lock-wait = 3", ("repair", "--apply"), {"lock_wait": 3.0}),
    # What would leave no effect to what is typed.
    ("quiet = true", ("check", "--format", "json"), {"quiet": False}),
    ("quiet = true", ("check",), {"quiet": True}),
    ('documentation-url = "https://h/d"', ("check", "--format", "json"), {"documentation_url": ""}),
    ('documentation-url = "https://h/d"', ("probe", "--format", "sarif"), {"documentation_url": "https://h/d"}),
    ('format = "json"', ("check", "--no-color"), {"format_": ["table"], "no_color": True}),
    ('scan.against = "contract"', ("scan", "-d", "x"), {"against": None, "database_url": "x"}),
    ("probe.embedded = true", ("probe", "--execute"), {"embedded": False, "execute": True}),
    ("migrations.files-only = true", ("migrations", "--sql", "1"), {"files_only": False}),
    ("repair.transactional = true", ("repair", "--apply"), {"transactional": False, "apply": True}),
    ('check.format = "checklist"', ("check", "--against", "x"), {"format_": ["table"]}),
)


@pytest.mark.parametrize(("text", "typed", "wanted"), GIVING_WAY, ids=range(len(GIVING_WAY)))
def test_a_default_gives_way(
    text: str, typed: tuple[str, ...], wanted: dict[str, Any], tmp_path: Path, params: Any
) -> None:
    found = params(*typed, cwd=project(tmp_path, f"[tool.sessionaudit]\n{text}\n"))
    for name, value in wanted.items():
        seen = [*map(str, found[name])] if name == "format_" else found[name]
        assert seen == value or (not seen and not value), name


def test_a_default_trips_no_refusal_of_options(tmp_path: Path) -> None:
    every = "\n".join(
        f"{command}.{word} = true"
        for command, options in SETTABLE.items()
        for word in options
        if word in {"quiet", "verbose", "no-color", "explain", "files-only", "embedded", "transactional", "keep-older"}
    )
    folder = project(tmp_path, f"[tool.sessionaudit]\n{every}\n")
    for command in SETTABLE.keys() - {"rule", "demo"}:
        operands = [one.name for one in COMMANDS[command].params if one.param_type_name == "argument"]
        said = call(command, *(operands if command in {"undo", "trace", "backfill", "report"} else ()), cwd=folder)
        assert "has no effect" not in said.err, (command, said.err)


NARROWING: tuple[tuple[str, dict[str, str], tuple[str, ...], str], ...] = (
    ("fail-on = 'never'", {}, (), "--fail-on never (pyproject.toml:2)"),
    ("fail-on = 'never'", {}, ("--fail-on", "error"), ""),
    ("fail-on = 'warning'", {}, (), ""),
    ("lint.ignore = ['data', 'schema']", {}, (), "--ignore data schema (pyproject.toml:2)"),
    ("lint.ignore = 'data'", {}, ("--ignore", "schema"), ""),
    ("lint.verbose = true", {"SESSIONAUDIT_ONLY": "t"}, (), "--only t (SESSIONAUDIT_ONLY)"),
)


@pytest.mark.parametrize(("text", "variables", "typed", "told"), NARROWING, ids=range(len(NARROWING)))
def test_a_default_that_finds_less_is_told(
    text: str, variables: dict[str, str], typed: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    folder = project(tmp_path, f"[tool.sessionaudit]\n{text}\n")
    (folder / "expected_schema.yaml").write_text("version: 1\ntables: {t: {columns: {id: int}}}\n", encoding="utf-8")
    said = call("lint", *typed, "--format", "json", "--format", "table=page", cwd=folder, **variables)
    wanted = f"defaults limit what this call finds or fails for: {told}"
    assert [one for one in json.loads(said.out).get("notes", []) if "defaults" in one] == ([wanted] if told else [])
    assert ("defaults limit" in said.err) is bool(told), said.err


def place_of(said: Said) -> str:
    return said.err.split(": ")[1]


def test_the_file_is_the_nearest_one_below_the_top_of_the_repository(tmp_path: Path) -> None:
    outside = project(tmp_path, "[tool.sessionaudit]\nyes = 1\n")
    (outside / ".git").rmdir()
    below = outside / "repository" / "a" / "b"
    below.mkdir(parents=True)
    assert place_of(call("check", cwd=below)) == "../../../pyproject.toml:2"
    (below / "pyproject.toml").write_text("[project]\nname = 'sessionaudit'\n")
    assert place_of(call("check", cwd=below)) == "../../../pyproject.toml:2"  # that one says nothing of us
    (below.parent / "pyproject.toml").write_text("[tool.sessionaudit]\nno = 1\n")
    assert place_of(call("check", cwd=below)) == "../pyproject.toml:2"
    (below.parent / "pyproject.toml").unlink()
    (outside / "repository" / ".git").mkdir()
    assert "pyproject" not in call("check", cwd=below).err


def test_help_needs_no_file_and_reads_none(tmp_path: Path) -> None:
    folder = project(tmp_path, "[tool.sessionaudit]\nyes = 1\n")
    assert call("check", "--help", cwd=folder).code == 0
    looking = (
        "import sys\nfrom typer.main import get_command\nfrom sessionaudit.cli.app import app\n"
        "try: get_command(app).main(['check', '--help'])\n"
        "except SystemExit: pass\n"
        "print({'tomllib', 'psycopg', 'rich', 'sqlglot', 'tree_sitter'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", looking], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
