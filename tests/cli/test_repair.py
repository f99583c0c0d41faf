"""`sessionaudit repair` as it is called: what it prints, what it asks, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

import program
from caserunner import traces
from marks import thorough
from mending import ALL, run_at_once, run_script
from sessionaudit import errors
from sessionaudit.audits.runner import Options, run
from sessionaudit.core.held_back import Reason
from sessionaudit.demo import system
from sessionaudit.repair import propose, script

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

TOP = Path(__file__).parents[2]
CONTRACT = TOP / "expected_schema.yaml"
SCRIPT = TOP / "repairs" / "session_requests.sql"
SCHEMA = json.loads((TOP / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))
NAMED = ("--only", "schema", "--only", system.UNKNOWN)
WHOLE = (*NAMED, "--allow", "rewrite", "--allow", "loosen", "--with-data")
SCHEMA_ONLY = Options(without=("data",))
PSQL = shutil.which("psql") or ""


@pytest.fixture
def broken(make_database: MakeDatabase, template: Template) -> str:
    """The URL of a database that holds the broken system."""
    return make_database(template("broken", system.statements(system.BROKEN)))


def call(
    *words: str, url: str, cwd: Path, code: int | None = None, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """Run the command on a database."""
    done = program.run(
        [sys.executable, "-m", "sessionaudit", *words, "-c", str(CONTRACT)],
        cwd=cwd,
        env={**os.environ, "DATABASE_URL": url},
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    if code is not None:
        assert done.returncode == code, done.stderr
    return done


def test_without_apply_nothing_is_written(broken: str, tmp_path: Path) -> None:
    before = traces(broken)
    done = call("repair", url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert "alter table public.session_requests add column metadata" in done.stdout
    assert "Next: sessionaudit repair --apply" in done.stderr
    assert "--with-data runs repairs/remap_mechanic_id.sql" in done.stderr
    assert "--allow rewrite" in done.stderr
    assert traces(broken) == before
    assert list(tmp_path.iterdir()) == []


def test_without_flags_only_what_was_held_back_is_left(broken: str, tmp_path: Path) -> None:
    done = call("repair", "--apply", "--yes", url=broken, cwd=tmp_path, code=errors.EXIT_FINDINGS)
    assert "\n3 steps held back.\nTo include the steps held back:\n    sessionaudit repair --apply " in done.stderr
    assert "to let them run, add" not in done.stderr
    left = run(broken, CONTRACT, SCHEMA_ONLY)
    assert {finding.rule.name for finding in left.findings} == {"enum-values", "foreign-key-target", "blocking-column"}
    assert list(tmp_path.iterdir()) == [], "the way back is kept where journals are"
    (file,) = re.findall(r"^The previous state is saved in (.*)$", done.stderr, re.MULTILINE)
    assert Path(file).is_relative_to(os.environ["XDG_STATE_HOME"])
    (back,) = re.findall(r"^To go back: (sessionaudit repair --apply .*)$", done.stderr, re.MULTILINE)
    assert f"#   {back}\n" in Path(file).read_text(encoding="utf-8")


def test_what_is_repaired_only_if_it_is_named_has_its_whole_command(broken: str, tmp_path: Path) -> None:
    """The contract states nothing of the column: that nothing of it is left to check is no reason for doubt."""
    anyway = f"--only {system.UNKNOWN} --allow loosen -c {CONTRACT}"
    rest = ("--allow", "rewrite", "--with-data", "--apply", "--yes")
    done = call("repair", *rest, url=broken, cwd=tmp_path, code=errors.EXIT_FINDINGS)
    told = re.sub(r" \\\n\s*", " ", done.stderr)
    assert f"\n     To change it anyway:\n         sessionaudit repair {anyway}\n" in told
    assert f"\nTo change {system.UNKNOWN} anyway: sessionaudit repair {anyway}\nNext: sessionaudit check" in told
    words = ("repair", "--only", system.UNKNOWN, "--allow", "loosen", "--apply", "--yes")
    done = call(*words, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert "1 applied" in done.stderr
    assert done.stdout.startswith("What was repaired is no longer found in ")


def test_a_foreign_key_over_rows_that_break_it_is_allowed_by_name(broken: str, tmp_path: Path) -> None:
    """New rows are refused by the wrong key, those that are there by the right one: a person chooses."""
    words = ("repair", "--apply", "--yes", "--only", "*.session_requests_mechanic_id_fkey")
    held = " ".join(call(*words, url=broken, cwd=tmp_path, code=errors.EXIT_FINDINGS).stderr.split())
    assert "such rows can then not be updated (not-valid): 5 rows point to no row of public.mechanics: " in held
    assert "--with-data runs repairs/remap_mechanic_id.sql over them. To run it anyway: --allow not-valid" in held
    call(*words, "--allow", "not-valid", url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    names = {finding.rule.name for finding in run(broken, CONTRACT, SCHEMA_ONLY).findings}
    assert "foreign-key-target" not in names
    assert "unvalidated-constraint" in names


def test_with_what_it_asks_for_all_is_mended(broken: str, tmp_path: Path) -> None:
    done = call("repair", "--apply", "--yes", *WHOLE, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert "5 rows changed" in done.stderr
    assert run(broken, CONTRACT, SCHEMA_ONLY).findings == ()
    before = traces(broken)
    again = call("repair", "--apply", "--yes", *WHOLE, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert "Nothing to repair." in again.stderr
    assert traces(broken) == before


def test_a_value_that_is_perhaps_misspelled_is_said_to_be_none(broken: str, tmp_path: Path) -> None:
    """It is no error, as the same call may have removed it before."""
    done = call("repair", "--replace", "session_type.vidio=chat", url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    said = "--replace session_type.vidio=chat has no effect: the type has no value “vidio”. Did you mean “video”?"
    assert f"warning: {said}\n" in done.stderr


@pytest.mark.parametrize("share", [thorough(0.25), 0.5, thorough(0.75)])
def test_a_database_mended_half_way_is_mended_wholly(broken: str, tmp_path: Path, share: float) -> None:
    plan = propose.propose(broken, CONTRACT, ALL).plan
    half = plan.holding(dict.fromkeys(range(round(len(plan.steps) * share), len(plan.steps)), Reason("not now")))
    run_script(broken, script.render(half, title="Half of it.", transactional=False, repairs={}))
    call("repair", "--apply", "--yes", *WHOLE, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert run(broken, CONTRACT, SCHEMA_ONLY).findings == ()


def test_the_script_of_the_repository_is_fresh_and_works(broken: str, tmp_path: Path) -> None:
    words = ("repair", "--transactional", *WHOLE, "--output", str(tmp_path / "made.sql"))
    call(*words, url=broken, cwd=TOP, code=errors.EXIT_CLEAN)
    made = (tmp_path / "made.sql").read_text(encoding="utf-8").splitlines()
    kept = SCRIPT.read_text(encoding="utf-8").splitlines()
    # The first paragraph names the database and the file that it was made from.
    assert made[made.index("--") :] == kept[kept.index("--") :], "run `make scripts`"
    for _ in range(2):
        run_at_once(broken, SCRIPT.read_text(encoding="utf-8"))
    assert run(broken, CONTRACT, SCHEMA_ONLY).findings == ()


def test_json_before_and_after(broken: str, tmp_path: Path) -> None:
    planned = json.loads(call("repair", "--format", "json", "--quiet", url=broken, cwd=tmp_path).stdout)
    jsonschema.validate(planned, SCHEMA)
    assert not planned["applied"]
    assert planned["rows"][0]["repair"] == "repairs/remap_mechanic_id.sql"
    words = ("repair", "--apply", "--yes", *WHOLE, "--format", "json", "--quiet")
    applied = json.loads(call(*words, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN).stdout)
    jsonschema.validate(applied, SCHEMA)
    assert {step["outcome"] for step in applied["steps"]} == {"applied"}
    assert applied["left"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--allow", "rewrit"], "rewrite"),
        (["--allow", "scan"], "--allow takes"),
        (["--replace", "unattended"], "An example is --replace order_state.unpaid=open"),
        (["--replace", "nothing.unattended=pending"], "no type “nothing”"),
        (["--replace", "session_request_status.unattended=pendin"], "Did you mean “pending”?"),
        (["--replace", "session_request_status.unatended=pending"], "Did you mean “unattended”?"),
        (["--plan", "plan.json"], "Add --apply."),
        (["--apply", "--transactional"], "--transactional is for scripts"),
        (["--apply", "--plan", "gone.json", "--yes"], "cannot read the plan gone.json"),
        (["--only", "no-such-rule"], "is not a rule"),
    ],
)
def test_a_wrong_call_is_refused(broken: str, tmp_path: Path, words: list[str], said: str) -> None:
    before = traces(broken)
    done = call("repair", *words, url=broken, cwd=tmp_path, code=errors.EXIT_USAGE)
    assert said in done.stderr
    assert done.stdout == ""
    assert traces(broken) == before


def test_nobody_to_ask_is_no_consent(broken: str, tmp_path: Path) -> None:
    before = traces(broken)
    done = call("repair", "--apply", url=broken, cwd=tmp_path, code=errors.EXIT_USAGE)
    assert "--yes" in done.stderr
    assert traces(broken) == before


@pytest.mark.parametrize("answer", ["y", "n"])
def test_it_asks_on_a_terminal(broken: str, tmp_path: Path, answer: str) -> None:
    before = traces(broken)
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sessionaudit", "repair", "--apply", "-c", str(CONTRACT)],
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": broken, "NO_COLOR": "1"},
        stdin=follower,
        stdout=subprocess.DEVNULL,
        stderr=follower,
    )
    os.close(follower)
    said = ""
    while "[y/N]" not in said:
        said += os.read(leader, 4096).decode()
    os.write(leader, f"{answer}\n".encode())
    while True:
        try:
            said += os.read(leader, 4096).decode()
        except OSError:  # the other end is closed, and all was read
            break
    code = process.wait(60)
    os.close(leader)
    if answer == "y":
        assert code == errors.EXIT_FINDINGS, said
        assert {one.rule.name for one in run(broken, CONTRACT, SCHEMA_ONLY).findings} == {
            "blocking-column",
            "enum-values",
            "foreign-key-target",
        }
    else:
        assert code == errors.EXIT_FINDINGS
        assert "Nothing was changed." in said
        assert traces(broken) == before


def test_a_value_that_rows_use_goes_with_a_replacement(broken: str, tmp_path: Path) -> None:
    run_at_once(broken, "update public.session_requests set status = 'unattended' where status = 'pending'")
    words = ("repair", "--apply", "--yes", *WHOLE, "--only", "session_request_status")
    held = call(*words, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert "--replace" in held.stderr
    replaced = ("--replace", "session_request_status.unattended=pending")
    call(*words, *replaced, url=broken, cwd=tmp_path, code=errors.EXIT_CLEAN)
    assert "enum-values" not in {finding.rule.name for finding in run(broken, CONTRACT, SCHEMA_ONLY).findings}


@pytest.mark.skipif(not PSQL, reason="there is no psql on this machine")
@pytest.mark.parametrize("transactional", [False, True], ids=["steps", "transaction"])
def test_the_script_runs_in_psql_twice(broken: str, tmp_path: Path, transactional: bool) -> None:
    file = tmp_path / "fix.sql"
    words = (*NAMED, "--transactional") if transactional else NAMED
    call("repair", *words, "--allow", "all", "--with-data", "--output", str(file), url=broken, cwd=tmp_path, code=0)
    before: dict[str, tuple[int, int]] = {}
    for _ in range(2):
        before = traces(broken)
        psql = [PSQL, *(("-1",) if transactional else ()), "-X", "-v", "ON_ERROR_STOP=1", "-f", str(file), broken]
        done = subprocess.run(psql, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert "WARNING" not in done.stderr
    assert traces(broken) == before
    assert run(broken, CONTRACT, SCHEMA_ONLY).findings == ()
