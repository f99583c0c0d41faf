"""`scan`: the whole way from source code to a page, by each of the three judges, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from rows import TOP
from rows import run as program
from sessionaudit.audits.code.secret_texts import masked
from sessionaudit.demo import application_files, history, system

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from conftest import MakeDatabase, Template

SCHEMA = json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
SWALLOWED = ("swallowed-error", "call src/lib/sessions/request.ts insert session_requests")


def run(*words: str, url: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What the program does with the contract that is there."""
    return program(*words, url=url, cwd=cwd, SESSIONAUDIT_CONTRACT="expected_schema.yaml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with what the project of the demo has."""
    folder = tmp_path / "project"
    folder.mkdir()
    system.write_project(folder)
    return folder


@pytest.fixture
def broken(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template(system.RECORDED[-1], system.statements(system.RECORDED)))


def found(*words: str, url: str, cwd: Path) -> set[tuple[str, str]]:
    """The rules and the objects of the findings; the JSON is as its schema says."""
    done = run("scan", *words, "--format", "json", url=url, cwd=cwd)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    assert report["checked"]["calls"] > 10
    return {(one["rule"], one["object"].replace("application/", "")) for one in report["findings"]}


def test_by_the_live_database(project: Path, broken: str) -> None:
    told = found(url=broken, cwd=project)
    assert ("silent-certain-failure", SWALLOWED[1]) in told
    assert ("unknown-column", "call src/lib/sessions/request.ts insert session_requests") in told
    assert ("omitted-required-column", "call src/lib/sessions/create.ts upsert session_participants") in told
    assert ("missing-privilege-in-code", "call src/lib/notifications.ts update session_requests") in told


def test_by_a_server_made_of_the_contract(project: Path) -> None:
    told = found("--against", "contract", url=NOWHERE, cwd=project)
    assert told == {
        SWALLOWED,
        ("ignored-error", "call src/lib/sessions/request.ts update session_requests"),
        ("impossible-value", "call src/lib/statuses.ts select session_requests"),
    }


def test_by_a_server_made_of_the_migrations(project: Path) -> None:
    told = found("--against", "migrations", url=NOWHERE, cwd=project)
    assert ("impossible-value", "call src/lib/statuses.ts select session_requests") in told
    report = json.loads(run("scan", "--against", "migrations", "--format", "json", url=NOWHERE, cwd=project).stdout)
    # What they make is not there, and nobody must take that for a fault of the code.
    rejected = {history.EARLY, *(slip.file for slip in history.SLIPS)}
    assert {one["what"] for one in report["skipped"]} == {f"what {history.FOLDER}/{file} makes" for file in rejected}


def test_corrected_code_is_clean(project: Path) -> None:
    application_files.correct(project / application_files.FOLDER)
    done = run("scan", "--against", "contract", url=NOWHERE, cwd=project)
    assert (done.returncode, done.stdout.startswith("Clean: 18 calls")) == (0, True), done.stdout


def test_the_line_is_shown_and_the_word_marked(project: Path) -> None:
    page = run("scan", "--against", "contract", "--only", "impossible-value", url=NOWHERE, cwd=project).stdout
    lines = page.split("\n")
    at = next(number for number, line in enumerate(lines) if "^^^" in line)
    line, mark = lines[at - 1 : at + 1]
    assert line.endswith("4 | export const OPEN_REQUEST = ['pending', 'unattended'] as const")
    assert line[mark.index("^") : mark.rindex("^") + 1] == "unattended"
    assert {mark[at] for at in range(mark.index("^"), len(mark))} == {"^"}


def test_what_was_examined_and_the_sql_that_was_judged_are_told(project: Path) -> None:
    words = ("scan", "--against", "contract")
    page = run(*words, "--only", "impossible-value", "--verbose", url=NOWHERE, cwd=project).stdout
    said = " ".join(page.split())
    assert "see also expected_schema.yaml:" in said
    assert 'judged select "public"."session_requests"."id"' in said
    assert """ in ('pending', 'unattended') and """ in said
    assert "Code: 18 calls in 11 of 16 files: 17 proven to fit the database, 1 with faults." in said
    assert "2 failures would go unnoticed." in said
    report = json.loads(run(*words, "--format", "json", url=NOWHERE, cwd=project).stdout)
    assert report["examined"] == {
        "code": {
            "files": 16,
            "files_with_calls": 11,
            "calls": 18,
            "proven": 17,
            "faulty": 1,
            "not_known": {},
            "failures_ignored": 2,
            "suppressed": 0,
        }
    }
    lines = (project / "expected_schema.yaml").read_text(encoding="utf-8").split("\n")
    stated = {one["rule"]: [lines[at["line"] - 1].strip() for at in one["elsewhere"]] for one in report["findings"]}
    assert stated["impossible-value"] == ["status: session_request_status not null default 'pending'"]
    assert all(one["statement"].startswith(("select ", "insert ", "update ", "with ")) for one in report["findings"])


def test_what_is_missing_is_the_cause_in_check(project: Path, broken: str) -> None:
    done = run("check", "--format", "json", url=broken, cwd=project)
    findings = json.loads(done.stdout)["findings"]
    by = {one["fingerprint"]: one for one in findings}
    calls = [one for one in findings if one["rule"] == "unknown-column" and "insert" in one["object"]]
    causes = {by[cause]["rule"] for one in calls for cause in one["because"]}
    assert causes == {"missing-column"}
    silent = [one for one in findings if one["rule"] == "silent-certain-failure" and "insert" in one["object"]]
    assert {by[cause]["rule"] for one in silent for cause in one["because"]} == causes
    embeds = [one for one in findings if one["rule"] == "missing-relationship"]
    assert {by[cause]["rule"] for one in embeds for cause in one["because"]} == {"foreign-key-target"}
    parents = [one for one in findings if one["rule"] in {"missing-column", "foreign-key-target"}]
    assert {by[cause]["rule"] for one in parents for cause in one["because"]} == {
        "recorded-not-there",
        "rejected-migration",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "nowhere.ts"), "“nowhere.ts” is not a rule, a code or an object"),
        (("--only", "schema"), "leave nothing of the code"),
        (("--ignore", "code"), "leave nothing of the code"),
        (("--only", "lacking-access"), "leave nothing of the code"),
    ],
)
def test_what_leaves_nothing_is_refused(project: Path, words: tuple[str, ...], said: str) -> None:
    done = run("scan", "--against", "contract", *words, url=NOWHERE, cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize("command", ["scan", "probe"])
def test_an_empty_variable_is_no_wish_for_a_private_database(project: Path, command: str) -> None:
    done = run(command, url="", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "DATABASE_URL is empty" in done.stderr


def test_a_file_can_be_named_and_waived(project: Path) -> None:
    file = "application/src/lib/statuses.ts"
    only = run("scan", "--against", "contract", "--only", file, url=NOWHERE, cwd=project)
    assert (only.returncode, "impossible-value" in only.stdout, "swallowed-error" in only.stdout) == (1, True, False)
    contract = project / "expected_schema.yaml"
    waivers = "".join(
        f"  - {{rule: {rule}, object: '{name}', reason: known, owner: me, until: 2999-12-31}}\n"
        for rule, name in (
            ("impossible-value", file),
            ("ignored-error", "application/src/lib/*"),
            ("swallowed-error", "application/src/lib/sessions/request.ts"),
        )
    )
    contract.write_text(contract.read_text(encoding="utf-8") + f"\nwaivers:\n{waivers}", encoding="utf-8")
    waived = run("scan", "--against", "contract", url=NOWHERE, cwd=project)
    assert (waived.returncode, "3 waived" in waived.stdout) == (0, True), waived.stdout + waived.stderr


def test_check_knows_the_files_too(project: Path, broken: str) -> None:
    words = ("check", "--only", "application/src/lib/sessions/create.ts", "--format", "json")
    found = json.loads(run(*words, url=broken, cwd=project).stdout)["findings"]
    assert {(one["audit"], one["rule"]) for one in found} == {("code", "omitted-required-column")}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere does not exist"),
        (("src", "--contract", "nowhere.yaml"), "the contract nowhere.yaml does not exist"),
        (("src", "--against", "contract"), "--against contract needs a contract"),
        (("src", "--against", "migrations"), "--against migrations needs a contract"),
        (("src", "--against", "contract", "--role", "x"), "--role has no effect"),
        (("src", "--only", "unknown-colum"), "unknown-colum"),
        (("src", "--quiet", "--verbose"), "--verbose has no effect"),
    ],
)
def test_a_slip_is_told(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "src").mkdir()
    done = run("scan", *words, url=NOWHERE, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_contract_without_the_section_is_told(tmp_path: Path) -> None:
    (tmp_path / "expected_schema.yaml").write_text("version: 1\ntables: {t: {}}\n", encoding="utf-8")
    done = run("scan", url=NOWHERE, cwd=tmp_path)
    assert done.returncode == 2
    assert "has no section “code”" in done.stderr
    assert "sessionaudit scan src" in done.stderr


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("{}", "2:7: “code” needs “paths”"),
        ("{paths: []}", "“paths” is empty"),
        ("{paths: [/etc]}", "/etc is an absolute path"),
        ("{paths: [src], pathes: [x]}", "unknown key “pathes”"),
        ("{paths: [src], tests: yes}", "expected one of true, false"),
        ("{paths: [nowhere]}", "2:16: the path of code nowhere does not exist"),
    ],
)
def test_a_wrong_section_is_told_with_its_place(tmp_path: Path, section: str, said: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "expected_schema.yaml").write_text(
        f"version: 1\ncode: {section}\ntables: {{t: {{}}}}\n", encoding="utf-8"
    )
    done = run("scan", "--against", "contract", url=NOWHERE, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr


def test_of_python_and_of_files_of_sql(tmp_path: Path, broken: str) -> None:
    """The places lead into the files: behind placeholders, in the lines of a text, and into a constant."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "jobs.py").write_text(
        "from supabase import create_client\n"
        "supabase = create_client(url, key)\n"
        "def job(cursor):\n"
        "    cursor.execute('''select id\n"
        "      from session_requests where id = %s and stats = %s''', (1, 2))\n"
        "    supabase.table('session_request').select('id').execute()\n"
        "    supabase.table('session_requests').delete().eq('id', key)\n"
        "    # sessionaudit: ignore[unknown-table] another service makes it\n"
        "    supabase.table('elsewhere').select('id').execute()\n",
        encoding="utf-8",
    )
    (tmp_path / "app" / "requests.sql").write_text(
        "create table draft (id int);\nselect id from session_requests where id = @id and stats = :stats;\n",
        encoding="utf-8",
    )
    done = program("scan", "app", "--format", "json", url=broken, cwd=tmp_path)
    told = [(one["rule"], one["location"]) for one in json.loads(done.stdout)["findings"]]
    assert {(rule, at["file"].rpartition("/")[2], at["line"], at["column"]) for rule, at in told} == {
        ("unknown-column", "jobs.py", 5, 47),
        ("unknown-table", "jobs.py", 6, 21),
        ("never-sent", "jobs.py", 7, 5),
        ("unknown-column", "requests.sql", 2, 52),
    }


KEY = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJl"
# By what they are, code in which they are, and what must not be told.
SECRETS = {
    "a key": (f"createClient('https://x', '{KEY}')", KEY),
    "a password in a URL": ("connect('postgresql://app:hunter2@host/db')", "hunter2"),
    "a password with an at sign": ("connect('postgresql://app:hun@ter2@host/db')", "ter2"),
    "a password in a conninfo": ("connect('host=db password=hunter2 user=app')", "hunter2"),
    "a password in an object": ('connect({ user: "app", "password": "hun\'ter2" })', "ter2"),
    "a header": ("fetch('/', { headers: { Authorization: `Bearer hunter2hunter2` } })", "hunter2"),
    "a key of a payment service": ("stripe('sk_live_hunter2hunter2')", "hunter2"),
    "a table that is called so": (f"db.from('{KEY}').select()", KEY),
    "a value": (f"db.from('session_requests').insert({{ status: '{KEY}' }})", KEY),
    "a value that is dynamic": (f"db.from('sessions').select(x, '{KEY}')", KEY),
}


def test_no_secret_of_the_code_reaches_the_page(tmp_path: Path, broken: str) -> None:
    lines = "".join(f"await Promise.all([{text}, db.from('nowhere').select()])\n" for text, _ in SECRETS.values())
    start = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(url, key)\n"
    (tmp_path / "a.ts").write_text(start + lines, encoding="utf-8")
    for words in (("table", "--verbose"), ("json",)):
        done = run("scan", "a.ts", "--format", *words, url=broken, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert done.stdout.count("unknown-table") >= len(SECRETS)
        assert not [what for what, (_, secret) in SECRETS.items() if secret in done.stdout + done.stderr]


def test_code_that_only_looks_like_a_secret_is_shown() -> None:
    for line in (
        "const token = request.headers.get('authorization')",
        "connect({ password: form.password, url: 'http://localhost:3000/@me' })",
        "if (token === given) db.from('tokens').select('token')",
        "await db.from('skills').insert({ re_match: 1, token })",
    ):
        assert masked(line) == line


def test_of_whom_the_rights_are_not_known_is_told(tmp_path: Path, broken: str) -> None:
    start = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(url, process.env.KEY)\n"
    calls = "export const all = () => [db.from('sessions').select(), db.from('intakes').select()]\n"
    (tmp_path / "a.ts").write_text(start + calls, encoding="utf-8")
    done = run("scan", "a.ts", url=broken, cwd=tmp_path)
    assert (done.returncode, done.stdout.startswith("Clean: 2 calls")) == (0, True)
    assert "the rights of 2 calls were not judged: the role of the client db is not known" in done.stderr
    assert "code: {clients: {db: ROLE}}" in done.stderr


def test_where_nothing_is_read_nothing_is_clean(tmp_path: Path, broken: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("db.from('nowhere').select()", encoding="utf-8")
    done = run("scan", "empty", url=broken, cwd=tmp_path)
    assert (done.returncode, "1 part not checked" in done.stdout) == (3, True)
    assert "code in empty: it has no file of a language that is read" in done.stdout
    done = run("scan", "notes.md", url=broken, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "notes.md is no source code that is read" in done.stderr
    contract = tmp_path / "expected_schema.yaml"
    contract.write_text("version: 1\ncode: {paths: [notes.md, empty]}\n", encoding="utf-8")
    done = run("scan", url=broken, cwd=tmp_path)
    assert (done.returncode, "2 parts not checked" in done.stdout) == (3, True)
    (tmp_path / "wide.ts").write_text("supabase.from('nowhere').select()", encoding="utf-16")
    done = run("scan", "wide.ts", url=broken, cwd=tmp_path)
    assert (done.returncode, "the code in wide.ts: it is in UTF-16" in done.stdout) == (3, True)
