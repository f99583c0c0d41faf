"""Shells complete commands, options and values, as typer has them ask for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from imported import imported, started
from sessionaudit.audits import AUDITS
from sessionaudit.audits.migrations.ledgers import BY_NAME
from sessionaudit.cli.app import app
from sessionaudit.cli.commands import COMMANDS
from sessionaudit.report.formats import FORMATS
from sessionaudit.rulebook import RULES
from terminals import Terminal, screen

VARIABLE = "_SESSIONAUDIT_COMPLETE"
# What reads a contract, connects, or parses code, and what typer would take to spell our explanations.
HEAVY = {"psycopg", "yaml", "tree_sitter", "sqlglot", "rich", "sessionaudit.contract.loader"}
CONTRACT = """version: 1
tables:
  orders: {}
  order_lines: {}
views:
  billing.totals: {}
"""
NAMES = [name for name in RULES if name.startswith("foreign-key")]

# The words of a line, of which the last is being typed, and what is offered.
CASES: dict[tuple[str, ...], list[str]] = {
    ("",): [*COMMANDS],
    ("rep",): [name for name in COMMANDS if name.startswith("rep")],
    ("--ver",): ["--version"],
    ("help", "m"): ["migrations"],
    ("check", "--sta"): ["--statement-timeout"],
    ("check", "--quiet", "--qu"): [],
    ("check", "--format", ""): [one.name for one in FORMATS],
    ("migrations", "--format", "js"): ["json"],
    ("check", "--fail-on", "n"): ["note", "never"],
    ("rule", "foreign-key"): NAMES,
    ("rule", "SA3"): [rule.code for rule in RULES.values() if rule.code.startswith("SA3")],
    ("check", "--only", ""): [*AUDITS, *RULES],
    ("check", "-c", "parts/a.yaml", "--only", "public.or"): ["public.orders", "public.order_lines"],
    ("check", "-c", "parts/a.yaml", "--ignore", "ord"): ["orders", "order_lines"],
    ("check", "-c", "parts/a.yaml", "--only", "billing."): ["billing.totals"],
    ("check", "-c", "pipe", "--only", "public.or"): [],  # and nobody waits for who writes into it
    ("report", "di"): ["diff"],
    ("report", ""): ["diff", "old.json"],
    ("check", "--only", "data", "--ignore", "foreign-key"): NAMES,
    ("check", "-c", ""): ["expected_schema.yaml", "other.yml"],
    ("check", "--contract", "parts/"): ["parts/a.yaml"],
    ("check", "--contract", "par"): [],
    ("check", "--contract", "nowhere/"): [],
    ("snapshot", "--update", "exp"): ["expected_schema.yaml"],
    ("migrations", "--tool", ""): [*BY_NAME],
    ("migrations", "--allow", "l"): ["ledger", "loosen"],
    ("repair", "--allow", "re"): ["rewrite"],
    ("scan", "--against", ""): ["database", "contract", "migrations"],
}


def of_bash(*words: str) -> dict[str, str]:
    """What typer's script has bash tell of a line."""
    line = " ".join(("sessionaudit", *words))
    return {VARIABLE: "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("contracts")
    for name in ("expected_schema.yaml", "other.yml", "notes.txt", "old.json", "parts/a.yaml", "parts/b.sql"):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).touch()
    os.mkfifo(made / "pipe")
    (made / "parts/a.yaml").write_text(CONTRACT, encoding="utf-8")
    return made


@pytest.mark.parametrize("words", CASES, ids=" ".join)
def test_a_word_is_completed(
    words: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    for name, value in of_bash(*words).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        get_command(app).main(prog_name="sessionaudit")
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (0, "")
    assert sorted(said.out.split()) == sorted(CASES[words])


@pytest.mark.parametrize(
    "environment",
    [
        of_bash("check", "--only", "foreign"),
        {VARIABLE: "complete_zsh", "_TYPER_COMPLETE_ARGS": "sessionaudit check --"},
    ],
    ids=["a rule for bash", "options for zsh"],
)
def test_completion_loads_nothing_heavy(environment: dict[str, str]) -> None:
    assert imported(**environment) & HEAVY == set()


@pytest.mark.parametrize(("shell", "more"), [("zsh", {}), ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"})])
def test_explanations_are_those_of_the_help(shell: str, more: dict[str, str]) -> None:
    line = "sessionaudit check --format ta"
    result = started(**{VARIABLE: f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line, **more})
    assert (result.returncode, result.stderr) == (0, "")
    assert "table" in result.stdout
    line = "sessionaudit check --form"
    result = started(**{VARIABLE: f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line, **more})
    assert "With =FILE it is written there; may be repeated." in result.stdout, "what stands in brackets is kept"


def installed(shell: str, home: Path) -> None:
    """Have the program install its completion in an empty home directory."""
    result = started("--install-completion", shell, HOME=str(home), _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


# Complete $LINE with the function that was installed.
OF_BASH = """
source ~/.bashrc
read -ra COMP_WORDS <<< "$LINE"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
complete -p sessionaudit > /dev/null || exit 9
_sessionaudit_completion sessionaudit
printf '%s\\n' "${COMPREPLY[@]}"
"""


def at_home(home: Path, **more: str) -> dict[str, str]:
    """The environment of a shell whose home is elsewhere, and which finds the program."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "HOME": str(home), "PATH": path, "TERM": "xterm", "PS1": "$ ", **more}


def test_bash_completes_with_what_is_installed(tmp_path: Path) -> None:
    installed("bash", tmp_path)
    result = subprocess.run(
        ["bash", "--norc", "-c", OF_BASH],
        env=at_home(tmp_path, LINE="sessionaudit rule foreign-key-t"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.stdout.split() == ["foreign-key-target"], result.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("call", [["bash", "-i"], ["zsh", "-i"], ["fish", "-i"]], ids=lambda call: call[0])
def test_somebody_presses_the_key(call: list[str], tmp_path: Path) -> None:
    if not shutil.which(call[0]):
        pytest.skip(f"{call[0]} is not installed")
    installed(call[0], tmp_path)
    with Terminal(call, env=at_home(tmp_path), cwd=tmp_path, columns=200) as terminal:
        terminal.write("echo read''y\n")
        terminal.read(lambda text: "ready" in text)
        terminal.write("sessionaudit rule foreign-key-t\t")
        if call[0] == "zsh":  # typer's function is loaded by the first press alone
            terminal.read(lambda text: text.endswith("\x07"))
            terminal.write("\t")
        terminal.read(lambda text: "foreign-key-target" in screen(text)[-1])
        terminal.write("\x15sessionaudit check --form\t")
        terminal.read(lambda text: "--format" in screen(text)[-1])
        terminal.write("\x15exit\n")
        terminal.end()
