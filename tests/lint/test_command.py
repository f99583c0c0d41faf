"""`sessionaudit lint`: which files, what becomes of rules and waivers, the formats, and the exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema

from lintcases import GOOD, linted, pairs, written
from rows import TOP, run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
SCHEMA = json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
BROKEN = GOOD.replace("default 'ok'", "default 'fine'").replace("btree (customer_id", "btree (customer")


def called(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run("lint", *words, url=NOWHERE, cwd=folder, SESSIONAUDIT_CONTRACT="expected_schema.yaml")


def test_each_format_has_the_findings_and_the_code_is_the_same(tmp_path: Path) -> None:
    written(tmp_path, BROKEN)
    formats = ("json", "sarif", "junit", "github", "gitlab", "markdown", "html", "openmetrics")
    done = called(tmp_path, *(word for name in formats for word in ("--format", f"{name}={name}.txt")))
    assert done.returncode == 1, done.stderr
    told = {name: (tmp_path / f"{name}.txt").read_text(encoding="utf-8") for name in formats}
    assert [name for name, text in told.items() if "impossible-default" not in text] == ["openmetrics"]
    assert 'audit="contract",severity="error"} 1' in told["openmetrics"]
    report = json.loads(told["json"])
    jsonschema.validate(report, SCHEMA)
    assert report["database"] is None
    assert report["summary"] == {"error": 1, "warning": 1, "note": 0, "skipped": 0, "waived": 0}
    assert {one["audit"] for one in report["findings"]} == {"contract"}
    assert called(tmp_path, "--fail-on", "never").returncode == 0
    assert called(tmp_path, "--ignore", "SL202").returncode == 0
    assert called(tmp_path, "--ignore", "SL202", "--fail-on", "warning").returncode == 1


def test_a_page_shows_the_place_and_what_was_not_judged(tmp_path: Path) -> None:
    written(tmp_path, BROKEN)
    done = called(tmp_path)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "error SL202 impossible-default mood expected_schema.yaml:19" in lines
    assert "only PostgreSQL can judge this SQL, and --embedded" in " ".join(lines)
    assert done.stderr == ""


def test_all_errors_of_a_file_are_found_in_one_run(tmp_path: Path) -> None:
    written(
        tmp_path, GOOD.replace("row_security", "row_securty").replace("[sad, ok", "[sad, sad").replace("1000000)", "")
    )
    done = called(tmp_path, "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["code"] for one in report["findings"]] == ["SL001"] * 3
    assert [one["location"]["line"] for one in report["findings"]] == [5, 24, 44]
    assert [one["what"] for one in report["skipped"]] == ["the rest of expected_schema.yaml"]
    assert called(tmp_path, "--fail-on", "never").returncode == 3


def test_several_files_are_checked_and_what_one_includes_is_a_part_of_it(tmp_path: Path) -> None:
    written(tmp_path, "version: 1\ninclude: [parts/*.yaml]\ntables: {a: {columns: {id: bigint}}}\n")
    (tmp_path / "parts").mkdir()
    part = "tables: {b: {columns: {id: bigint}, indexes: {i: using btree (idd)}}}\n"
    (tmp_path / "parts" / "b.yaml").write_text(part, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(
        "version: 1\ntables: {c: {columns: {id: bigint, id: text}}}\n", encoding="utf-8"
    )
    done = called(tmp_path, "parts/b.yaml", "expected_schema.yaml", "other.yaml", "--format", "json")
    report = json.loads(done.stdout)
    found = {(one["code"], one["location"]["file"]) for one in report["findings"]}
    assert found == {("SL102", "parts/b.yaml"), ("SL001", "other.yaml")}
    alone = json.loads(called(tmp_path, "parts/b.yaml", "--format", "json").stdout)
    assert [one["code"] for one in alone["findings"]] == ["SL001"]
    assert called(tmp_path, "nowhere.yaml").returncode == 2


def test_rules_and_waivers_of_the_contract_count(tmp_path: Path) -> None:
    rules = BROKEN.replace("rules: {", "rules: {SL202: note, undeclared-part: ignore, ")
    report = linted(written(tmp_path, rules))
    assert [(one.rule.code, str(one.severity)) for one in report.findings] == [("SL202", "note")]
    waiver = "  - {rule: SL202, object: customers.mood, reason: Soon, owner: me, until: 2999-12-31}\n"
    report = linted(written(tmp_path, BROKEN + waiver))
    assert pairs(report) == {("SL102", "index public.orders.orders_customer_id_idx")}
    assert [one.rule.code for one, _ in report.waived] == ["SL202"]


def test_one_cause_is_one_finding_and_is_told_in_plain_words(tmp_path: Path) -> None:
    text = GOOD.replace("customers (id)", "old_orders (id)").replace("customer_id: uuid", "customer_id: integer")
    (finding,) = linted(written(tmp_path, text)).findings
    assert finding.message == (
        "The foreign key public.orders.orders_customer_id_fkey names the table public.old_orders, which the contract "
        "declares absent."
    )
    text = GOOD.replace("      customer_id: uuid\n", "      customer_id: integer\n")
    (finding,) = linted(written(tmp_path, text)).findings
    assert "compares customer_id (integer) with public.customers.id (uuid)" in finding.message


def test_what_was_not_looked_at_is_said(tmp_path: Path) -> None:
    text = GOOD.replace("home: address", "home: citext").replace(
        "extensions:", "aggregates: {most(bigint): '(sfunc = int8larger, stype = bigint)'}\nextensions:"
    )
    told = {one.what: one.reason for one in linted(written(tmp_path, text)).undecided}
    assert "was not looked at" in told['file "repairs/orders.sql"']
    assert "does not declare" in told["column public.customers.home"]
    assert "only PostgreSQL" in told["aggregate public.most(bigint)"]
