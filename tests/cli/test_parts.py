"""What a call or the contract leaves out does not pass: in no format, and whatever leaves it out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from junitparser import JUnitXml
from junitparser import Skipped as SkippedCase

from calling import Calls
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS
from sessionaudit.report.saved import reading

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

CONTRACT = """\
version: 1
tables:
  orders: {columns: {id: int not null}, constraints: {orders_pkey: primary key (id)}}
  secret: {columns: {id: int not null}}
invariants:
  positive: {summary: Every order has a number, of: orders, violations: select id from orders where id < 0}
code: {paths: [src]}
"""
CALL = "import { createClient } from '@supabase/supabase-js';\nconst db = createClient(a, b);\n"
OFF = "rules: {missing-table: ignore}\n"
BY_NAME = {one.name: one for one in FORMATS}
WRONG = {"public.secret", "src/b.ts"}  # as `public.secret` is renamed, and `src/b.ts` names it


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def shop(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("orders alone", ["create table orders (id int primary key)"]))


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    for file, table in (("a", "orders"), ("b", "secret")):
        text = f"{CALL}const {{ data, error }} = await db.from('{table}').select('id');\nif (error) throw error;\n"
        (tmp_path / "src" / f"{file}.ts").write_text(text, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("c.yaml")


def passed(text: str) -> set[str]:
    return {case.name for suite in JUnitXml.fromstring(text) for case in suite if not case.result}


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["check", "--only", "public.orders"], {"public.orders", "public.orders.id"}),
        (["check", "--ignore", "public.secret", "--ignore", "code"], {"public.orders", "public.orders.id"}),
        (["check", "--only", "data"], {"positive"}),
        (["check", "--ignore", "missing-table"], {"public.orders", "public.orders.id", "src/a.ts"}),
        (["scan", "--only", "unknown-table"], {"src/a.ts"}),
        (["scan", "--only", "ignored-error"], {"src/a.ts"}),
        (["scan", "--ignore", "src/*"], set()),
    ],
)
def test_what_a_call_leaves_out_does_not_pass(
    words: list[str], kept: set[str], shop: str, contract: Path, call: Calls
) -> None:
    said = {name: call(*words, "-f", name, url=shop, contract=contract) for name in ("junit", "openmetrics", "table")}
    assert kept <= passed(said["junit"].out)
    assert not [name for name in passed(said["junit"].out) if any(name.startswith(wrong) for wrong in WRONG)]
    assert not re.search("^sessionaudit_in_sync.* 1$", said["openmetrics"].out, re.MULTILINE)
    assert not said["table"].out.startswith("Clean")


def test_what_the_contract_switches_off_does_not_pass(shop: str, contract: Path, tmp_path: Path, call: Calls) -> None:
    contract.write_text(CONTRACT.replace("code: {paths: [src]}\n", OFF), encoding="utf-8")
    code, out, _ = call("check", "-f", "table", "-f", f"json={tmp_path / 'r.json'}", url=shop, contract=contract)
    assert (code, out.startswith("Nothing found: ")) == (0, True)
    assert "the contract's rules ignore findings on 1 object" in " ".join(out.split())
    saved = reading.read(tmp_path / "r.json")
    direct = call("check", "-f", "junit", url=shop, contract=contract).out
    for text in (direct, BY_NAME["junit"].render(saved, Canvas())):
        (skipped,) = [case for suite in JUnitXml.fromstring(text) for case in suite if case.result]
        assert (skipped.name, type(skipped.result[0])) == ("public.secret", SkippedCase)
        assert "missing-table" in skipped.result[0].message
        assert {"public.orders", "public.orders.id", "positive"} <= passed(text)


def test_what_is_waived_is_not_called_clean(shop: str, contract: Path, call: Calls) -> None:
    waiver = "waivers: [{rule: missing-table, object: secret, reason: later, until: 2999-01-01}]\n"
    contract.write_text(CONTRACT.replace("code: {paths: [src]}\n", waiver), encoding="utf-8")
    code, out, _ = call("check", url=shop, contract=contract)
    assert (code, out.startswith("Nothing else found: ")) == (0, True)
