"""One examination is printed in several formats: each in its place, whatever the call comes to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from msgspec.structs import replace

import program
import rows
from calling import Calls
from reported import finding, report
from sessionaudit.audits import runner
from sessionaudit.audits.code.readers import readers
from sessionaudit.cli import called
from sessionaudit.cli.options.formats import PrintedFormat
from sessionaudit.core.finding import Location
from sessionaudit.core.report import Outcome
from sessionaudit.demo import system
from sessionaudit.errors import UsageError
from sessionaudit.report.formats import FORMATS
from sessionaudit.report.told import place_of
from sessionaudit.writing import SOURCES

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template
NOWHERE = "postgresql://u:s3cret@127.0.0.1:1/nothing"
CONTRACT = "version: 1\ntables: {t: {columns: {id: int not null, gone: text}}}\n"
FILES = ("sarif", "junit", "github", "gitlab", "markdown", "html", "openmetrics", "json", "table")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def shop(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("one column", ["create table public.t (id int not null)"]))


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    file = tmp_path / "repository" / "db" / "expected_schema.yaml"
    file.parent.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    file.write_text(CONTRACT, encoding="utf-8")
    return file


def into(folder: Path, *names: str) -> list[str]:
    return [word for name in names for word in ("--format", f"{name}={folder / name}")]


def test_what_is_examined_once_is_printed_in_each_format(
    shop: str, contract: Path, tmp_path: Path, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(contract.parent)
    examined: list[object] = []
    examine = runner.examine

    def counted(*words: Any) -> Any:
        examined.append(words)
        return examine(*words)

    monkeypatch.setattr(runner, "examine", counted)
    code, out, err = call("check", "-f", "table", *into(tmp_path, *FILES), url=shop, contract=contract)
    assert (code, len(examined)) == (1, 1)
    assert out == (tmp_path / "table").read_text(encoding="utf-8")
    assert "missing-column  gone" in out
    assert "1 finding, written to " in err
    assert all(str(tmp_path / name) in err for name in FILES)
    log = json.loads((tmp_path / "sarif").read_text(encoding="utf-8"))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "db/expected_schema.yaml"
    assert ET.parse(tmp_path / "junit").getroot().get("failures") == "1"
    assert (tmp_path / "github").read_text(encoding="utf-8").startswith("::error file=db/expected_schema.yaml,line=2,")
    assert 'severity="error"} 1' in (tmp_path / "openmetrics").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "json").read_text(encoding="utf-8"))["findings"][0]["fix"]
    assert not list(tmp_path.glob(".*.part"))


def test_files_alone_print_nothing(shop: str, contract: Path, tmp_path: Path, call: Calls) -> None:
    for words in ([], ["--quiet"]):
        file = tmp_path / "gitlab"
        code, out, err = call("check", *words, *into(tmp_path, "gitlab"), url=shop, contract=contract)
        assert (code, out, "written to" in err) == (1, "", not words)
        assert [one["check_name"] for one in json.loads(file.read_text(encoding="utf-8"))] == ["missing-column"]
        file.unlink()


def test_the_severity_that_fails_the_call_fails_its_cases(
    shop: str, contract: Path, tmp_path: Path, call: Calls
) -> None:
    failures = []
    for least in ("error", "never"):
        words = ("--fail-on", least, "--format", "junit")
        code, out, _ = call("check", *words, url=shop, contract=contract)
        failures.append((code, ET.fromstring(out).get("failures")))
    assert failures == [(1, "1"), (0, "0")]


def test_an_error_is_told_wherever_the_format_has_a_way(contract: Path, tmp_path: Path, call: Calls) -> None:
    for name in FILES:
        (tmp_path / name).write_text("the old one", encoding="utf-8")
    code, out, err = call("check", "-f", "github", *into(tmp_path, *FILES), url=NOWHERE, contract=contract)
    assert (code, err.count("error: ")) == (3, 1)
    assert out == (tmp_path / "github").read_text(encoding="utf-8")
    assert out.startswith("::error title=sessionaudit could not run::cannot connect")
    texts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FILES}
    assert {name for name, text in texts.items() if text == "the old one"} == {"openmetrics", "table"}
    assert "s3cret" not in out + err + "".join(texts.values())
    assert json.loads(texts["sarif"])["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert json.loads(texts["json"])["error"]["kind"] == "database"
    assert ET.fromstring(texts["junit"]).get("errors") == "1"


def test_an_error_of_the_call_changes_no_file(shop: str, contract: Path, tmp_path: Path, call: Calls) -> None:
    (tmp_path / "sarif").write_text("the old one", encoding="utf-8")
    for words in (["--only", "public.nowhere"], ["--no-color"]):
        asked = ("-f", "junit", *into(tmp_path, "sarif"))
        code, out, _ = call("check", *asked, *words, url=shop, contract=contract)
        assert (code, 'type="usage"' in out) == (2, True)
        assert (tmp_path / "sarif").read_text(encoding="utf-8") == "the old one"
    contract.write_text("version: 1\ntabels: {}\n", encoding="utf-8")
    code, out, _ = call("check", "-f", "github", *into(tmp_path, "sarif"), url=shop, contract=contract)
    assert (code, f"file={contract},line=2,col=1," in out) == (2, True)
    (invocation,) = json.loads((tmp_path / "sarif").read_text(encoding="utf-8"))["runs"][0]["invocations"]
    assert invocation["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 2


@pytest.mark.parametrize(
    "words", [["-f", "sarif", "--fail-on", "x"], ["--format=gitlab", "--nothing"], ["-fjunit", "x"]]
)
def test_words_that_are_none_are_told_in_the_format(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from sessionaudit.cli.error_result import refuse

    refuse(UsageError("that is none"), words)
    out = capsys.readouterr().out
    assert ('"executionSuccessful": false' in out, '"blocker"' in out, "<error" in out).count(True) == 1
    refuse(UsageError("that is none"), ["-f", "sarif=report.sarif"])
    assert capsys.readouterr().out == ""


def test_a_place_of_a_migration_is_named_from_here() -> None:
    one = finding("missing-column", "column", "public/t/c", "text", None)
    for directory, file, shown in (
        ("../db", "migrations/1.sql", "../db/migrations/1.sql"),
        ("db", "../supabase/1.sql", "supabase/1.sql"),
        ("/srv/db", "migrations/1.sql", "/srv/db/migrations/1.sql"),
        ("", "migrations/1.sql", "migrations/1.sql"),
    ):
        found = replace(one, audit="migrations", locations=(Location(file, 3, 1),))
        outcome = Outcome(audit="migrations", noun="migration", directory=directory)
        told = replace(report(found, replace(found, audit="code")), outcomes=(outcome,))
        assert [str(place_of(each, told)) for each in told.findings] == [f"{shown}:3:1", f"{file}:3:1"]


def test_a_printed_command_names_each_format_with_its_file() -> None:
    html, sarif = (next(one for one in FORMATS if one.name == name) for name in ("html", "sarif"))
    asked = [PrintedFormat(html, Path("a b.html")), PrintedFormat(sarif)]
    assert called._words("--format", asked) == ["--format", "html=a b.html", "--format", "sarif"]


REFERRING = """version: 1
schema: shop
tables:
  customers: {columns: {id: int not null, name: text}}
  mechanics: {columns: {id: int not null}}
  visits: {columns: {id: int not null, at: date}}
  requests:
    columns: {id: int not null, customer: int, mechanic: int, other: int, visit: int, note: text}
    constraints:
      of_customer: foreign key (customer) references customers (id)
      of_mechanic: foreign key (mechanic) references mechanics (id)
      of_visit: foreign key (visit) references visits (id) on delete cascade
      of_none: foreign key (other) references mechanics (id)
waivers:
  - {rule: missing-foreign-key, object: shop.requests.of_none, reason: later, owner: me, until: 2099-12-31}
"""
THERE = """create schema shop;
create table shop.customers (id int primary key); create table shop.mechanics (id int primary key);
create table shop.visits (id int primary key);
create table shop.requests (id int not null, customer int, mechanic int, other int, visit int,
  constraint of_customer foreign key (customer) references shop.customers (id),
  constraint of_visit foreign key (visit) references shop.visits (id),
  constraint of_mechanic foreign key (mechanic) references shop.customers (id),
  constraint of_more foreign key (other) references shop.customers (id))"""


def test_how_tables_with_findings_refer_to_each_other(
    template: Template, make_database: MakeDatabase, contract: Path, tmp_path: Path, call: Calls
) -> None:
    url = make_database(template("references", [THERE]))
    contract.write_text(REFERRING, encoding="utf-8")
    code, out, _ = call("check", "-f", "json", *into(tmp_path, "html"), url=url, contract=contract)
    assert code == 1
    assert [(one["name"], one["target"], one["state"]) for one in json.loads(out)["references"]] == [
        ("of_customer", "shop.customers", "right"),
        ("of_mechanic", "shop.mechanics", "missing"),
        ("of_mechanic", "shop.customers", "unexpected"),
        ("of_visit", "shop.visits", "different"),
        ("of_more", "shop.customers", "unexpected"),
    ]
    page = (tmp_path / "html").read_text(encoding="utf-8")
    states = re.findall(r'<path class="reference (\w+)"[^>]*><title>([^<]*)</title>', page)
    assert sorted(states) == sorted(
        (one["state"], f"{one['name']}: {one['state']}") for one in json.loads(out)["references"]
    )


@pytest.mark.thorough
def test_the_files_of_every_audit_are_named_from_the_top(
    template: Template, make_database: MakeDatabase, contract: Path, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sessionaudit.demo import application_files, history

    top = contract.parents[1]
    history.write_broken(contract.parent / history.FOLDER)
    application_files.write_broken(contract.parent / application_files.FOLDER)
    files = "migrations: {folder: supabase/migrations}\ncode: {paths: [application/src]}\n"
    contract.write_text(rows.CONTRACT.read_text(encoding="utf-8") + files, encoding="utf-8")
    (contract.parent / "repairs").symlink_to(rows.CONTRACT.parent / "repairs")
    url = make_database(template(system.RECORDED[-1], system.statements(system.RECORDED)))
    elsewhere = top / "apps" / "web"
    elsewhere.mkdir(parents=True)
    for folder in (contract.parent, elsewhere):
        monkeypatch.chdir(folder)
        for command in ("check", "migrations", "scan"):
            _, out, _ = call(command, "--format", "gitlab", url=url, contract=contract)
            paths = {issue["location"]["path"] for issue in json.loads(out)}
            assert paths, out
            assert [path for path in paths if not (top / path).is_file() or not path.startswith("db/")] == []
    _, out, _ = call("check", "--format", "json", *into(top, "html"), url=url, contract=contract)
    told, page = json.loads(out), (top / "html").read_text(encoding="utf-8")
    schema = json.loads((rows.CONTRACT.parent / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(told, schema)
    migrations, access = told["tables"]
    assert (migrations["title"], len(migrations["rows"])) == ("Migrations", 6)
    assert (access["title"], access["columns"]) == ("Access", ["object", "anon", "authenticated", "service_role"])
    assert all(len(row) == len(table["columns"]) for table in told["tables"] for row in table["rows"])
    for row in (*migrations["rows"], *access["rows"]):
        assert f'<th scope="row"><span class="line ">{row[0][0]["text"]}</span></th>' in page


def test_what_a_call_reads_is_not_written_over(tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text("version: 1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for words in (
        ("check", "-c", "contract.yaml", "--format", "json=contract.yaml"),
        ("check", "-c", "contract.yaml", "--output", str(contract)),
        ("check", "-c", "contract.yaml", "-q", "--format", "json=pyproject.toml"),
        ("scan", "-c", "contract.yaml", "-q", "--format", "json=contract.yaml"),
    ):
        said = program.run([*program.START, *words], capture_output=True, text=True, cwd=tmp_path)
        assert (said.returncode, "which this call reads" in " ".join(said.stderr.split())) == (2, True), said.stderr
    assert contract.read_text(encoding="utf-8") == "version: 1\n"


@pytest.mark.parametrize("way", ["--format", "--output"])
def test_what_a_call_comes_to_read_is_not_written_over(tmp_path: Path, shop: str, call: Calls, way: str) -> None:
    """Parts of the contract, repairs, migrations and code, by whatever name they are called."""
    texts = {
        "c.yaml": "version: 1\ninclude: [part]\n"
        "invariants: {i: {summary: none, violations: select id from t where id < 0, of: t, repair: repairs/r.sql}}\n"
        "migrations: {folder: migrations, tool: supabase}\ncode: {paths: [src]}\n",
        "part": "version: 1\ntables: {}\n",
        "repairs/r.sql": "delete from t where id = any (%(keys)s)\n",
        "migrations/1_a.sql": "select 1;\n",
        "src/a.ts": "export const a = 1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    link = tmp_path / "link.json"
    for name in [*texts][1:]:
        link.unlink(missing_ok=True)
        link.symlink_to(tmp_path / name)
        words = (way, f"json={link}") if way == "--format" else ("--format", "json", way, str(link))
        called = call("check", *words, url=shop, contract=tmp_path / "c.yaml")
        said = " ".join(called.err.split())
        assert (called.code, f"{way} would replace {link}" in said) == (2, True), (name, said)
        assert {one: (tmp_path / one).read_text(encoding="utf-8") for one in texts} == texts


def test_a_source_is_replaced_only_if_the_program_wrote_it(tmp_path: Path, shop: str, call: Calls) -> None:
    """Also where the call ends before it reads the file: not even the error takes its place."""
    assert {".sql", ".yaml"}.union(*(one.suffixes for one in readers())) <= SOURCES
    file, contract, other = tmp_path / "1.sql", tmp_path / "c.yaml", tmp_path / "other.yaml"
    other.write_text("# Made from the database x by sessionaudit snapshot.\nversion: 1\n", encoding="utf-8")
    contract.write_text("version: 1\ntables: {t: {columns: {id: int not null, a: int}}}\n", encoding="utf-8")
    file.write_text("-- by hand\nselect 1; -- for sessionaudit\n", encoding="utf-8")
    nowhere = "postgresql://nobody@127.0.0.1:1/x"
    for words, where in (
        (("check", "--format", f"json={file}"), nowhere),
        (("repair", "--output", str(file)), shop),
        (("repair", "--output", str(other)), shop),
        (("repair", "--save-plan", str(file)), shop),
    ):
        called = call(*words, url=where, contract=contract)
        assert (called.code, "no script that sessionaudit made" in " ".join(called.err.split())) == (2, True), (
            called.err
        )
        assert file.read_text(encoding="utf-8").startswith("-- by hand")
        assert other.read_text(encoding="utf-8").startswith("# Made")
    file.unlink()
    for _ in range(2):
        called = call("repair", "--output", str(file), url=shop, contract=contract)
        assert (called.code, "add column" in file.read_text(encoding="utf-8")) == (0, True), called.err
