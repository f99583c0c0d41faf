"""Every option has an effect in the chosen mode, or is refused; and a number of seconds is one."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from rows import CONTRACT, STUCK, run
from sessionaudit.cli import commands
from sessionaudit.cli.app import app
from sessionaudit.cli.commands import loaded
from sessionaudit.cli.options.asked_formats import (
    of_checklist,
    to_stdout,
    unstyled,
    without_forest,
    without_links,
    without_plans,
)
from sessionaudit.cli.options.conflicts import CONTRADICTIONS, Contradiction, Mode
from sessionaudit.cli.options.conflicts import MODES as DECLARED
from sessionaudit.demo import system

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
COMMANDS: dict[str, Any] = {name: loaded(name) for name in commands.COMMANDS}
EVERY = COMMANDS | {name: loaded(name) for name in commands.OF_TWO_WORDS}
VALUES = {
    "--database-url": NOWHERE,
    "--role": "nobody",
    "--only": "data",
    "--ignore": "data",
    "--fail-on": "warning",
    "--invariant": "session_has_request",
    "--since": "yesterday",
    "--limit": "3",
    "--jobs": "2",
    "--allow": "rewrite",
    "--replace": "session_request_status.pending=accepted",
    "--statement-timeout": "9",
    "--data-timeout": "9",
    "--target": "9",
    "--max-lag": "9",
    "--lock-timeout": "9",
    "--lock-wait": "9",
    "--time-zone": "UTC",
    "--schema": "public",
    "--platform": "none",
    "--accept": "SA201:orders.state",
    "--against": NOWHERE,
    "--contract": str(CONTRACT),
    "--tool": "supabase",
    "--from": "migrations",
    "--as": "anon",
    "--exclude": "*.gen.ts",
    "scan --against": "database",
    "--changed-since": "HEAD",
    "--file": "a.sql",
    "--documentation-url": "https://docs.example.org/shop",
}
FILES = {
    "--output",
    "--journal",
    "--pause-file",
    "--log",
    "--before",
    "--save-plan",
    "--plan",
    "--sql",
    "--migrations",
    "--update",
    "--split",
    "--folder",
    "--baseline",
    "--write-baseline",
    "--undone",
}

# The modes of each command, and the options that have no effect there.
RUN_OF_ALL = {"--jobs", "--target", "--max-lag", "--pause-file"}
APPLYING = {"--yes", "--before", "--log", "--lock-timeout", "--lock-wait", "--fail-on"}
OF_SNAPSHOT = {"--schema", "--platform"}
OF_UPDATE = ("--all", "--dry-run", "--check")
UNLINKED = {"--documentation-url"}  # with a format that links no rule to its page
UNSTYLED = {"--no-color", "--verbose"}
PLAIN = {*UNLINKED, *UNSTYLED}
OF_A_PAGE = {"--baseline", "--format", "--output", "--fail-on", *PLAIN}
OF_CODE = ("--exclude", "--include-tests")
MODES: dict[tuple[str, ...], set[str]] = {
    ("access",): UNLINKED,
    ("access", "--format", "json"): {*PLAIN},
    ("access", "--quiet"): {"--format", *PLAIN},
    ("access", "--quiet", "--output", "access.txt"): UNLINKED,
    ("backfill", STUCK): {"--since", "--limit", "--data-timeout", "--yes", "--output", *RUN_OF_ALL},
    ("backfill", STUCK, "--dry-run"): {
        *{"--since", "--limit", "--data-timeout", "--yes", "--journal", "--output"},
        *RUN_OF_ALL,
    },
    ("backfill", "--all"): {"--output"},
    ("backfill", "--all", "--dry-run"): {"--yes", "--journal", "--output", *RUN_OF_ALL},
    ("backfill", "--list"): {"--yes", "--journal", "--keep-older", *RUN_OF_ALL},
    ("doctor",): set(),
    ("doctor", "--format", "json"): {"--no-color", "--verbose"},
    ("probe",): {*UNLINKED, "--yes", "--from"},
    ("probe", "--execute"): {*UNLINKED, "--from"},
    ("probe", "nowhere", "--embedded"): {*UNLINKED, "--database-url", "--role", "--execute", "--yes"},
    ("probe", "--format", "json"): {*PLAIN, "--yes", "--from"},
    ("probe", "--quiet"): {*PLAIN, "--format", "--yes", "--from"},
    ("scan",): UNLINKED,
    ("scan", "--against", "contract"): {*UNLINKED, "--database-url", "--role"},
    ("scan", "--against", "migrations"): {*UNLINKED, "--database-url", "--role"},
    ("scan", "--format", "json"): {*PLAIN},
    ("scan", "--quiet"): {"--format", *PLAIN},
    ("scan", "--write-baseline", "NEW"): OF_A_PAGE,
    ("report", "REPORT"): UNLINKED,
    ("report", "REPORT", "--format", "json"): {"--flat", *PLAIN},
    ("report", "REPORT", "--quiet"): {"--flat", "--format", *PLAIN},
    ("undo", "JOURNAL"): set(),
    ("undo", "JOURNAL", "--dry-run"): {"--yes"},
    ("check",): {*UNLINKED, *OF_SNAPSHOT},
    ("check", "--format", "json"): {"--flat", *PLAIN, *OF_SNAPSHOT},
    ("check", "--format", "checklist"): {*UNLINKED, "--explain", "--baseline", "--flat", *OF_SNAPSHOT},
    ("check", "--format", "checklist-markdown"): {*UNLINKED, "--explain", "--baseline", "--flat", *PLAIN, *OF_SNAPSHOT},
    ("check", "--quiet"): {"--flat", *PLAIN, "--explain", "--format", *OF_SNAPSHOT},
    ("check", "--quiet", "--output", "FILE"): {*UNLINKED, *OF_SNAPSHOT},
    ("check", "--format", "sarif"): {"--flat", *UNSTYLED, "--explain", *OF_SNAPSHOT},
    ("check", "--format", "table", "--format", "sarif=FILE"): OF_SNAPSHOT,
    ("check", "--format", "sarif=FILE"): {"--flat", *UNSTYLED, "--explain", "--output", *OF_SNAPSHOT},
    ("check", "--quiet", "--format", "json=FILE"): {"--flat", *PLAIN, "--output", *OF_SNAPSHOT},
    ("check", "--only", "schema"): {*UNLINKED, "--data-timeout", "--explain", *OF_SNAPSHOT},
    ("check", "--against", NOWHERE): {*UNLINKED, "--data-timeout", "--explain", "--accept"},
    ("check", "--write-baseline", "NEW"): {"--explain", "--flat", *OF_A_PAGE, *OF_SNAPSHOT},
    ("lint", "nowhere.yaml"): UNLINKED,
    ("lint", "nowhere.yaml", "--format", "json"): {*PLAIN},
    ("lint", "nowhere.yaml", "--quiet"): {"--format", *PLAIN},
    ("migrations",): {*UNLINKED, "--yes"},
    ("migrations", "--files-only"): {*UNLINKED, "--database-url", "--role", "--allow", "--yes"},
    ("migrations", "--format", "json"): {*PLAIN, "--yes"},
    ("migrations", "--quiet"): {*PLAIN, "--format", "--yes"},
    ("migrations", "--sql", "20240102000000"): {
        *{
            "--files-only",
            "--changed-since",
            "--file",
            "--yes",
            "--fail-on",
            "--only",
            "--ignore",
            *PLAIN,
            "--baseline",
        },
    },
    ("migrations", "--write-baseline", "NEW"): {"--allow", "--yes", *OF_A_PAGE},
    ("trace", STUCK): set(),
    ("trace", STUCK, "--format", "json"): {"--no-color"},
    ("repair",): APPLYING,
    ("repair", "--quiet"): {"--no-color", *APPLYING},
    ("repair", "--format", "json"): {"--transactional", *APPLYING},
    ("repair", "--save-plan", "FILE"): APPLYING,
    ("repair", "--apply"): {"--transactional"},
    ("repair", "--apply", "--plan", "PLAN"): {"--transactional", "--allow", "--replace", "--time-zone"},
    ("repair", "--apply", "--quiet"): {"--no-color", "--output", "--transactional"},
    ("snapshot",): {"--overwrite", *OF_UPDATE, *OF_CODE},
    ("snapshot", "--output", "FILE"): {*OF_UPDATE, *OF_CODE},
    ("snapshot", "--sql", "FILE"): {"--database-url", "--role", "--overwrite", *OF_UPDATE, *OF_CODE},
    ("snapshot", "--migrations", "FILE"): {"--database-url", "--role", "--overwrite", *OF_UPDATE, *OF_CODE},
    ("snapshot", "--split", "FILE"): {"--output", *OF_UPDATE, *OF_CODE},
    ("snapshot", "--used-by", "FILE"): {"--overwrite", *OF_UPDATE},
    ("snapshot", "--update", "CONTRACT"): {"--output", "--overwrite", "--schema", "--platform", "--used-by", *OF_CODE},
    ("snapshot", "--update", "CONTRACT", "--all"): {"--output", "--overwrite", "--used-by", *OF_CODE},
    ("snapshot", "--update", "CONTRACT", "--check"): {
        *("--output", "--overwrite", "--schema", "--platform", "--used-by", *OF_CODE),
    },
}
# Options that choose another mode, which is in the table itself, or that say more of this one.
CHOOSING = {
    "--all",
    "--embedded",
    "--list",
    "--dry-run",
    "--apply",
    "--quiet",
    "--format",
    "--plan",
    "--save-plan",
    "--undo",
    "--contract",
    "--against",
    "--sql",
    "--migrations",
    "--update",
    "--split",
    "--write-baseline",
}


# What comes after the options.
LATER = (
    *("cannot connect", "plan of ", "cannot read", "is not a directory", "no section", "not exist"),
    "takes “ledger”",
    "has no journey",
)


class Call(Protocol):
    """Calls the program in this process; gives the exit code and what it said on stderr."""

    def __call__(self, *words: str) -> tuple[int, str]: ...


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setenv("SESSIONAUDIT_CONTRACT", str(CONTRACT))

    def called(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            get_command(app).main(list(words), prog_name="sessionaudit")
        code = ended.value.code
        return (code if isinstance(code, int) else int(code is not None)), capsys.readouterr().err

    return called


@pytest.fixture
def good(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("good", system.statements(system.GOOD)))


def given(command: str, option: str, folder: Path) -> list[str]:
    parameter = next(one for one in EVERY[command].params if option in one.opts)
    if parameter.is_flag:
        return [option]
    if option in FILES:
        return [option, str(folder / option)]
    return [option, VALUES.get(f"{command} {option}", VALUES.get(option, ""))]


def options(command: str) -> set[str]:
    return {max(one.opts, key=len) for one in COMMANDS[command].params if one.param_type_name == "option"} - {"--help"}


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
def test_an_option_has_an_effect_or_is_refused(mode: tuple[str, ...], tmp_path: Path, call: Call) -> None:
    journal = tmp_path / "j"
    journal.write_text('{"event":"start","version":2,"run":"r"}\n')
    words = [
        {
            "JOURNAL": str(journal),
            "PLAN": str(journal),
            "NEW": str(tmp_path / "new"),
            "REPORT": str(tmp_path / "none"),
            "FILE": str(tmp_path / "f"),
            "CONTRACT": str(CONTRACT),
        }.get(word, word.replace("=FILE", f"={tmp_path / 'f'}"))
        for word in mode
    ]
    refused: set[str] = set()
    for option in sorted(options(mode[0]) - CHOOSING - set(mode)):
        code, said = call(*words, *given(mode[0], option, tmp_path))
        if any(word in said for word in LATER):  # what comes after the options
            continue
        assert code == 2, (option, said)
        assert re.search(rf"error: {option} (has no effect with|has no effect where|is for scripts)", said), said
        refused.add(option)
    assert refused == MODES[mode] - CHOOSING


# Formats of which each of these is true.
OF_FORMATS: dict[object, list[str]] = {
    to_stdout: [],
    unstyled: ["--format", "json"],
    without_plans: ["--format", "gitlab"],
    without_links: ["--format", "json"],
    without_forest: ["--format", "gitlab"],
    of_checklist: ["--format", "checklist"],
}


def chosen(command: str, mode: Mode | Contradiction, folder: Path) -> list[str]:
    """The options that make a call be so."""
    words: list[str] = []
    for parameter in EVERY[command].params:
        if parameter.param_type_name == "argument":
            continue
        wanted = mode.when.get(parameter.name, False)
        option = max(parameter.opts, key=len)
        if callable(wanted):
            words += OF_FORMATS[wanted]
        elif isinstance(wanted, bool):
            words += given(command, option, folder) if wanted else []
        else:
            words += [option, *([wanted] if isinstance(wanted, str) else wanted)]
    return words


@pytest.mark.parametrize(
    ("command", "mode"),
    [(command, mode) for command, modes in DECLARED.items() for mode in modes],
    ids=lambda value: value.called if isinstance(value, Mode) else value,
)
def test_what_is_declared_to_have_no_effect_is_refused(command: str, mode: Mode, tmp_path: Path, call: Call) -> None:
    names = {one.name: max(one.opts, key=len) for one in EVERY[command].params}
    assert {*mode.when, *mode.idle} <= names.keys()
    for name in mode.idle:
        option = names[name]
        words = [option, "json"] if option == "--format" else given(command, option, tmp_path)
        choosing = chosen(command, mode, tmp_path)
        operands = [one.name.upper() for one in EVERY[command].params if one.param_type_name == "argument"]
        if "--list" in choosing:  # which is in place of ids
            operands = []
        code, said = call(*command.split(), *operands, *choosing, *words)
        called = mode.called.format(format_=choosing[choosing.index("--format") + 1] if "--format" in choosing else "")
        assert (code, f"error: {option} has no effect {called}" in " ".join(said.split())) == (2, True), said


@pytest.mark.parametrize(
    ("command", "declared"),
    [(command, one) for command, several in CONTRADICTIONS.items() for one in several],
    ids=lambda value: value.message if isinstance(value, Contradiction) else value,
)
def test_what_is_declared_to_contradict_is_refused(
    command: str, declared: Contradiction, tmp_path: Path, call: Call
) -> None:
    code, said = call(command, *chosen(command, declared, tmp_path))
    assert code == 2
    assert said.splitlines() == [f"error: {declared.message}", *([f"hint: {declared.hint}"] if declared.hint else [])]


def test_a_format_of_what_is_not_printed_is_refused(call: Call) -> None:
    code, said = call("check", "--quiet", "--format", "json")
    assert (code, "--format has no effect with --quiet" in said) == (2, True)


def places(folder: Path) -> dict[str, tuple[list[str], str]]:
    """Calls whose formats have no place of their own, and what is said of each."""
    file, other = str(folder / "a"), str(folder / "none" / "b")
    return {
        "both on stdout": (
            ["-f", "table", "-f", "json"],
            "--format table and --format json would both be written to stdout",
        ),
        "stdout by name": (["-f", "table", "-f", "json=/dev/stdout"], "would both be written to stdout"),
        "one file": (["-f", f"sarif={file}", "-f", f"json={folder}/./a"], f"would both be written to {folder}/a"),
        "that of --output": (["-f", "table", "-f", f"json={file}", "-o", file], f"would both be written to {file}"),
        "no directory": (["-f", "table", "-f", f"json={other}"], f"cannot write {other}: No such file or directory"),
        "a directory": (["-f", f"json={folder}"], f"cannot write {folder}: Is a directory"),
        "quiet": (["-q", "-f", "table", "-f", f"json={file}"], "--format table has no effect with --quiet"),
        "no name": (["-f", "json="], "'json=' names no file: json=FILE."),
        "unknown": (["-f", "xml=report.xml"], "'xml' is not one of 'table', 'json'"),
        "no rows": (["-f", f"checklist={file}", "--against", NOWHERE], "a checklist is a part of a contract"),
    }


@pytest.mark.parametrize("name", places(Path()))
def test_each_format_has_a_place_of_its_own(name: str, tmp_path: Path, call: Call) -> None:
    words, wanted = places(tmp_path)[name]
    code, said = call("check", *words)
    assert (code, wanted in " ".join(said.replace("│", " ").split())) == (2, True), said
    assert list(tmp_path.iterdir()) == []


def test_the_modes_are_those_of_the_program() -> None:
    assert {mode[0] for mode in MODES} | {"rule", "demo", "help"} == set(COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [[], [STUCK, "--all"], ["--all", "--list"], [STUCK, "--list"], ["--undo", "j"], ["--undo", "j", "--all"]],
    ids=str,
)
def test_backfill_is_for_ids_or_for_all(arguments: list[str], call: Call) -> None:
    code, said = call("backfill", *arguments)
    assert code == 2
    wanted = "undo is a separate command" if "--undo" in arguments else "the ids of the rows to repair, or --all"
    assert wanted in said


SECONDS = [
    (command, option)
    for command in COMMANDS
    for option in sorted(options(command))
    if any(option in one.opts and one.metavar == "SECONDS" for one in COMMANDS[command].params)
]


def test_every_duration_is_of_the_one_type() -> None:
    assert {option for _, option in SECONDS} == {
        "--statement-timeout",
        "--data-timeout",
        "--target",
        "--max-lag",
        "--lock-timeout",
        "--lock-wait",
    }
    for command in COMMANDS.values():
        for one in (one for one in command.params if one.name not in {"format_", "documentation_url"}):
            assert (one.metavar == "SECONDS") == (type(one.type).__name__ == "FuncParamType"), one.name


@pytest.mark.parametrize(("command", "option"), SECONDS, ids="".join)
def test_a_number_of_seconds_is_one(command: str, option: str, tmp_path: Path, call: Call) -> None:
    modes = {
        "backfill": ["--all"],
        "undo": [str(tmp_path / "j")],
        "repair": ["--apply"],
        "trace": [STUCK],
        "check": [],
    }
    wrong = ["3000000", "2147483.7", "inf", "-inf", "nan", "1e400", "-1", "ten", ""]
    for value in (*wrong, *([] if option in {"--max-lag", "--lock-wait"} else ["0", "1e-9"])):
        code, said = call(command, *modes.get(command, []), f"{option}={value}")
        assert (code, "is not a number of seconds from" in " ".join(said.split())) == (2, True), (value, said)
        assert option in said


def test_bounds_are_what_postgresql_takes(good: str) -> None:
    for option, value in itertools.product(("--statement-timeout", "--data-timeout"), ("0.001", "2147483")):
        result = run("check", option, value, url=good)
        assert result.returncode in ({0, 3} if value == "0.001" else {0}), result.stderr
        assert "bug" not in result.stderr


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(app, [*filter(None, [command]), "--help"])
    assert result.exit_code == 0
    assert [line for line in result.output.splitlines() if len(line) > 80] == []


def test_a_command_without_the_option_prints_no_colours(good: str, tmp_path: Path) -> None:
    calls = {
        "snapshot": ["-d", good],
        "backfill": ["--list", "-d", good, "-c", str(CONTRACT)],
        "rule": ["SA001"],
        "undo": [str(tmp_path / "nothing.jsonl")],
    }
    without = {name for name in COMMANDS if "--no-color" not in options(name)}
    assert without - calls.keys() <= {"demo", "help"}
    for name, words in calls.items():
        result = CliRunner(env={"FORCE_COLOR": "1"}).invoke(app, [name, *words], color=True)
        assert "\x1b" not in result.output, name
