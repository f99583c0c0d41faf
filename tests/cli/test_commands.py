"""The commands as a user runs them: a process, its streams, its exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

import program
from imported import imported
from sessionaudit.demo import system
from sessionaudit.kinds import NOT_AUDITED
from sessionaudit.report.formats.table import NEVER
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

TOP = Path(__file__).parents[2]
CONTRACT = TOP / "expected_schema.yaml"
README = (TOP / "README.md").read_text(encoding="utf-8")


def run(*arguments: str, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SESSIONAUDIT_CONTRACT"))}
    return program.run(
        [sys.executable, "-m", "sessionaudit", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=TOP,
        env={**clean, "DATABASE_URL": url, **environment},
        timeout=60,
    )


@pytest.fixture
def good(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("good", system.statements(system.GOOD)))


@pytest.fixture
def broken(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("broken", system.statements(system.BROKEN)))


def only_warned(said: str) -> bool:
    """Whether nothing is said but that the tests' role is a superuser, who is refused nothing."""
    (line,) = said.splitlines()
    return line.startswith("warning: the contract's SQL ran as postgres, a superuser")


def test_check_of_the_good_system_is_one_sentence_and_what_it_does_not_mean(good: str) -> None:
    result = run("check", url=good, COLUMNS="400")
    assert (result.returncode, only_warned(result.stderr)) == (0, True)
    *unknown, found, never = filter(None, result.stdout.splitlines())
    assert [line.partition(", and executed none")[0] for line in unknown] == [
        "Not known",
        "  journeys customer_asks_for_help, mechanic_accepts: PostgreSQL has explained each statement as its role",
        "    `sessionaudit probe --embedded` executes the steps in a private server, and changes nothing.",
    ]
    assert found.startswith("Nothing found: ")
    assert never == NEVER
    (told,) = re.findall(r"^\*\*Not looked at:\*\* (.*?)\n\n", README, re.MULTILINE | re.DOTALL)
    assert all(words in never and words in " ".join(told.split()) for words in NOT_AUDITED[:3])


def test_check_of_the_good_system_by_text_alone(good: str) -> None:
    result = run("check", "--read-only", "--fail-on", "note", url=good)
    assert (result.returncode, only_warned(result.stderr)) == (0, True), result.stdout


# What the author of the seed had to find by hand, each with the words of its line in the contract.
SEED = {
    ("missing-column", "column public.session_requests.metadata"): "metadata:",
    ("enum-values", "enum public.session_request_status"): "session_request_status:",
    (
        "foreign-key-target",
        "foreign key public.session_requests.session_requests_mechanic_id_fkey",
    ): "session_requests_mechanic_id_fkey:",
    (
        "missing-policy",
        'policy public.session_requests."Allow service role full access"',
    ): "Allow service role full access:",
    (
        "forbidden-policy",
        'policy public.session_requests."Mechanics can accept requests"',
    ): "Mechanics can accept requests: absent",
    ("missing-grant", "grant public.session_requests.service_role"): "service_role:",
}


def test_check_of_the_broken_system_finds_what_was_found_by_hand(broken: str) -> None:
    result = run("check", "--format", "json", url=broken)
    assert (result.returncode, only_warned(result.stderr)) == (1, True)
    data = json.loads(result.stdout)
    jsonschema.validate(data, json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8")))
    found = {(finding["rule"], finding["object"]): finding for finding in data["findings"]}
    lines = CONTRACT.read_text(encoding="utf-8").splitlines()
    for key, words in SEED.items():
        location = found[key]["location"]
        assert location["file"] == "expected_schema.yaml"
        assert words in lines[location["line"] - 1]
    others = {rule for rule, _ in found} - {rule for rule, _ in SEED}
    assert others == {
        "blocking-column",
        "broken-invariant",
        "column-default",
        "disabled-trigger",
        "lacking-access",
        "missing-index",
        "missing-publication",
        "orphaned-rows",
        "step-refused",
        "step-unknown-name",
        "unvalidated-constraint",
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--only", "enum-values"], 0),
        (["--only", "enum-values", "--fail-on", "warning"], 1),
        (["--only", "SA201"], 1),
        (["--only", "public.profiles"], 0),
        (["--only", "public.session_requests"], 1),
        (
            ["--ignore", "public.*", "--ignore", "*supabase_realtime*", *("--ignore", "data", "--ignore", "behaviour")],
            0,
        ),
        (["--only", "schema", "--fail-on", "never"], 0),
        (["--fail-on", "never"], 3),  # without the column most invariants cannot be asked for
    ],
    ids=str,
)
def test_only_ignore_and_fail_on_decide_the_exit_code(broken: str, arguments: list[str], code: int) -> None:
    assert run("check", *arguments, url=broken).returncode == code


def test_a_filtered_clean_says_that_it_is_filtered(broken: str) -> None:
    result = run("check", "--only", "public.profiles", url=broken)
    said = " ".join(result.stdout.split())
    left_out = "9 invariants not counted; 97 probes not counted"
    assert f"({left_out}; some rules or objects were excluded by --only or --ignore)" in said


def test_quiet_prints_nothing(broken: str) -> None:
    result = run("check", "--quiet", url=broken)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")


def test_output_is_a_file_with_the_whole_report(broken: str, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run("check", "--format", "json", "--output", str(target), url=broken)
    assert (result.returncode, result.stdout) == (1, "")
    assert json.loads(target.read_text(encoding="utf-8"))["summary"]["error"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_colours_only_where_they_are_wanted(broken: str) -> None:
    assert "\x1b[" not in run("check", url=broken).stdout
    assert "\x1b[" in run("check", url=broken, FORCE_COLOR="1").stdout
    assert "\x1b[" not in run("check", url=broken, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[" not in run("check", "--no-color", url=broken, FORCE_COLOR="1").stdout


@pytest.mark.thorough
def test_demo_walks_from_the_broken_system_to_a_clean_one(tmp_path: Path) -> None:
    reports = tmp_path / "my reports"
    result = run("demo", "--reports", str(reports), SESSIONAUDIT_PG_BIN=os.environ.get("SESSIONAUDIT_PG_BIN", ""))
    assert result.returncode == 0, result.stderr
    first, written, changed, *acts = result.stdout.split("$ sessionaudit ")[1:]
    assert [act.split()[0] for act in (first, written, changed)] == ["snapshot", "snapshot", "check"]
    assert "role: session_participant_role not null" in first
    assert "column-nullability  role" in changed
    listed, *acts = acts
    assert listed.startswith("check --format checklist ")
    assert (listed.count("\n[ ] "), "\n0 of 9 ticked, 9 failed in " in listed) == (9, True)
    assert [act.split()[0] for act in acts] == [
        "check",
        "scan",
        "check",
        *["repair"] * 2,
        "check",
        "trace",
        "backfill",
        "backfill",
        "check",
        "migrations",
        "scan",
        *["check"] * 2,
    ]
    for rule, _ in SEED:
        assert rule in acts[0]
    root, shown = acts[0].rindex("recorded-not-there"), acts[0].index("so:  missing-column: ")
    assert root < shown, "what it follows from comes first"
    assert "IF NOT EXISTS adds nothing to it" in " ".join(acts[0].split())
    assert "silent-certain-failure  insert session_requests" in acts[1]
    chain = " ".join(acts[2].split())
    links = ("recorded-not-there", "missing-column", "silent-certain-failure: application/src/lib/sessions/request.ts")
    places = [chain.index(link) for link in links]
    assert places == sorted(places)
    waiting = " ".join(acts[5].split())
    assert "so: orphaned-rows: invariant session_has_request (3 rows)" in waiting
    assert "because of SC024 swallowed-error of call application/src/lib/sessions/request.ts insert" in waiting
    assert "sessionaudit backfill" in acts[6]
    assert "created" in acts[7]
    assert "impossible-value" in acts[11], "the enum has the value no longer"
    assert "\nNothing found: " in acts[-2], "journeys are explained, and not executed"
    in_part = "5 of 9 ticked, 4 only in part in "
    assert (acts[-1].count("\n[x] "), acts[-1].count("\n[~] "), in_part in acts[-1]) == (5, 4, True)
    pages = [reports / "broken.html", reports / "repaired.html"]
    assert result.stdout.splitlines()[-2:] == [str(file) for file in pages], "it ends with what to open"
    assert "Now `sessionaudit check` finds nothing." in acts[-1]
    told = result.stderr.partition("The server of this demo is stopped")[2]
    assert "sessionaudit demo --broken broken\n" in told
    assert "sessionaudit demo --stop broken\n" in told
    broken, repaired = (file.read_text(encoding="utf-8") for file in pages)
    assert '<h1 id="verdict-heading">sessionaudit: failed</h1>' in broken
    assert '<h1 id="verdict-heading">sessionaudit: passed</h1>' in repaired
    assert "0 of 9 ticked, 9 failed in " in broken
    assert in_part in repaired


def test_rule_lists_all_and_explains_each() -> None:
    listed = run("rule").stdout
    for rule in RULES.values():
        assert re.search(rf"^{rule.code}  {rule.name} +{rule.severity}$", listed, re.MULTILINE)
    assert max(map(len, listed.splitlines())) == 80
    assert run("rule", "sa5").stdout == run("rule", "SA5").stdout
    assert {line[:2] for line in run("rule", "code").stdout.splitlines() if not line.startswith(" ")} == {"SC"}
    for word in ("SA304", "sa304", "foreign-key-target"):
        assert run("rule", word).stdout.startswith("SA304 foreign-key-target (error)")
    page = run("rule", "column-type").stdout
    for told in (
        "\n    columns: {id: bigint not null}\n",
        "\n  error  SA204  column-type  id ",
        "\nalter table public.orders alter column id type bigint using id::bigint;\n",
        "\n    object: public.orders.id\n",
    ):
        assert told in page
    several = run("rule", "SA304", "column-type", "sa304").stdout
    assert several == f"{run('rule', 'foreign-key-target').stdout}\n\n{page}"
    unknown = run("rule", "column-type", "foreign-key-targte")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "foreign-key-target" in unknown.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["--help"], ["check", "--help"]], ids=" ".join)
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"psycopg", "rich", "tree_sitter", "yaml", "sqlglot", "sessionaudit.report.rule_page"}
    if "--help" not in arguments:
        heavy |= {"typer"}
    assert imported(*arguments) & heavy == set()


def test_what_is_there_is_printed_without_loading_what_mends_it(
    tmp_path: Path, make_database: MakeDatabase, template: Template
) -> None:
    url = make_database(template("one more column", ["create table public.t (id integer, more text default 'x')"]))
    contract = tmp_path / "expected_schema.yaml"
    contract.write_text("version: 1\ntables: {t: {columns: {id: integer}}}\n", encoding="utf-8")
    words = ["check", "-d", url, "-c", str(contract), "--fail-on", "note"]
    python = [sys.executable, "-X", "importtime", "-m", "sessionaudit"]
    result = subprocess.run([*python, *words], capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert "unexpected-column" in result.stdout, result.stdout
    assert "sessionaudit.contract.writer" in result.stderr  # which spells what is there
    assert re.findall(r"sessionaudit\.kinds\.\w+\.cure", result.stderr) == []


def test_version_is_the_packages() -> None:
    from sessionaudit import __version__

    assert run("--version").stdout == run("-V").stdout == f"sessionaudit {__version__}\n"
    assert run("--version", "check").stdout == f"sessionaudit {__version__}\n"
