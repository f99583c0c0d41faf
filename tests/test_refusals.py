"""What the server refuses of a contract is a finding about the contract, beside all others; and it hides nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from rows import run
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.audits.runner import Options
from sessionaudit.contract import loader
from sessionaudit.errors import ContractError
from sessionaudit.repair import propose
from sessionaudit.repair.fixes import Fixes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import MakeDatabase, Template
    from sessionaudit.core.finding import Finding

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "error.schema.json").read_text(encoding="utf-8"))
LIVE = """
create type mood as enum ('a', 'b');
create table t (id integer primary key, title text, m mood, num integer default 1);
alter table t enable row level security;
create policy p on t using (true);
alter table t add constraint k check (length(title) > 0);
create index i on t (lower(title));
create table empty_one ()
"""
TABLE = """version: 1
{top}
tables:
  t:
    columns:
      id: integer not null
      title: text
      m: mood
      num: {n}
{more}
    constraints:
      k: check ({check})
    indexes:
      i: using btree ({index})
    row_security: enabled
    policies:
      p:
        using: {using}
"""
GOOD = {"top": "", "n": "integer default 1", "more": "", "check": "length(title) > 0", "index": "lower(title)"}
REFUSED, MISSING_COLUMN = "SA004", "SA201"
USING = ("SA517", "policy public.t.p", "using")
CHECK = ("SA344", "check public.t.k", "expression")
POLICY = ("SA004", "policy public.t.p", "using")


@pytest.fixture(scope="module")
def live(template: Template) -> str:
    return template("refusals", [LIVE])


@pytest.fixture
def url(make_database: MakeDatabase, live: str) -> str:
    return make_database(live)


def written(tmp_path: Path, **changes: str) -> Path:
    file = tmp_path / "c.yaml"
    file.write_text(TABLE.format(**{**GOOD, "using": '"true"', **changes}))
    return file


def told(findings: Iterable[Finding]) -> set[tuple[str, str, str]]:
    """The findings of warning or worse, but for `check` where a policy's USING stands in for it."""
    return {
        (one.rule.code, str(one.ref), one.facet)
        for one in findings
        if one.severity > 1 and (one.ref.kind, one.facet) != ("policy", "check")
    }


# Another object that is missing, and that nothing else names, must explain nothing.
ASTRAY = {"more": "      other: text"}
OTHER = ("SA201", "column public.t.other", "")
# What the contract says, what is found, and where the first finding about the contract stands.
SLIPS: dict[str, tuple[dict[str, str], set[tuple[str, str, str]], str]] = {
    "a function that is gone": ({"using": "gone(id)"}, {POLICY}, "18:16"),
    "the same beside drift": ({"using": "gone(id)", **ASTRAY}, {POLICY, OTHER}, "18:16"),
    "a function that is missing": (
        {"using": "gone(id)", "top": "functions: {gone(integer): returns boolean language sql as 'select true'}"},
        {USING, ("SA601", "function public.gone(integer)", "")},
        "",
    ),
    "a function of a missing extension": (
        {"using": "gone(id)", "top": "extensions: [no_such_extension]"},
        {USING, ("SA101", "extension no_such_extension", "")},
        "",
    ),
    "a slip beside drift": ({"check": "lenght(title) > 0", **ASTRAY}, {("SA004", *CHECK[1:]), OTHER}, "12:17"),
    "a slip over a column that differs": (
        {"check": "lenght(num::text) > 0", "n": "bigint default 1"},
        {("SA004", *CHECK[1:]), ("SA204", "column public.t.num", "type")},
        "12:17",
    ),
    "a column that is missing": ({"check": "length(other) > 0", **ASTRAY}, {CHECK, OTHER}, ""),
    "a column that nobody declares": ({"check": "length(othr) > 0", **ASTRAY}, {("SA004", *CHECK[1:]), OTHER}, "12:24"),
    "an operator that a type has": (
        {"check": "num ->> 'a' = 'b'", "n": "jsonb default '{{}}'"},
        {CHECK, ("SA204", "column public.t.num", "type"), ("SA206", "column public.t.num", "default")},
        "",
    ),
    "an operator that no type has": ({"check": "title + 1 > 0", **ASTRAY}, {("SA004", *CHECK[1:]), OTHER}, "12:23"),
    "no grammar": ({"check": "length(title) > 0 0", **ASTRAY}, {("SA004", *CHECK[1:]), OTHER}, "12:35"),
    "a value that the type lacks": ({"using": "m = 'c'", **ASTRAY}, {POLICY, OTHER}, "18:20"),
    "a value that the type will have": (
        {"using": "m = 'c'", "top": "enums: {mood: [a, b, c]}"},
        {USING, ("SA113", "enum public.mood", "values")},
        "",
    ),
    "a type that is unknown": ({"n": "money_ default 1"}, {("SA004", "column public.t.num", "type")}, "9:12"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected", "place"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_from_drift(
    url: str, tmp_path: Path, changes: dict[str, str], expected: set[Any], place: str
) -> None:
    findings = runner.run(url, written(tmp_path, **changes), Options()).findings
    assert told(findings) == expected
    for one in findings:
        if one.rule.code == REFUSED:
            assert "PostgreSQL rejects the" in one.message
            assert one.actual
            said = one.message.partition("as the contract states it: ")[2]
            assert said.startswith("column ") <= ("If an extension provides it" not in said)  # it brings no columns
    places = [
        f"{one.location.line}:{one.location.column}" for one in findings if one.rule.code == REFUSED and one.location
    ]
    assert places[:1] == ([place] if place else places[:1])


def test_a_key_of_a_column_that_nobody_declares_ends_no_audit(url: str, tmp_path: Path) -> None:
    file = written(tmp_path)
    text = file.read_text(encoding="utf-8")
    key = "    constraints:\n      pk: primary key (gone)\n"
    file.write_text(text.replace("    constraints:\n", key), encoding="utf-8")
    assert told(runner.run(url, file, Options()).findings) == {("SA321", "key public.t.pk", "")}


def test_every_section_goes_on_beside_a_schema_that_is_missing(url: str, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "version: 1\nenums: {mood: [a, b, c], far.away: [a]}\ntables:\n  empty_one: {columns: {other: text}}\n"
        "  far.t: {columns: {id: integer}, policies: {p: {using: 'true'}}, grants: {public: [select]}}\n"
        "  far.gone: absent\nfunctions: {far.f(): returns integer language sql as 'select 1'}\n"
        "invariants:\n  one: {summary: There is one, of: far.t, violations: select id from far.t}\n"
    )
    report = runner.run(url, file, Options())
    schema = ("SA005", "schema far", "")
    assert told(report.findings) == {
        schema,
        ("SA113", "enum public.mood", "values"),
        ("SA201", "column public.empty_one.other", ""),
    }
    (far,) = [one for one in report.findings if one.rule.code == "SA005"]
    assert far.location
    assert far.location.line == 2
    assert [(one.what, one.reason) for one in report.skipped] == [("invariant one", far.message)]
    proposal = propose.propose(url, file, propose.PlanOptions())
    refs = [str(step.ref) for step in proposal.plan.steps]
    assert (refs[0], "column public.empty_one.other" in refs) == ("schema far", True)
    inside = {"enum far.away", "table far.t", "policy far.t.p", "grant far.t.public", "function far.f()"}
    assert inside <= {*refs}


def test_a_repair_goes_on_beside_what_is_refused(url: str, tmp_path: Path) -> None:
    """Where the text is no grammar at all, on the same table, and where it names what is not there."""
    file = written(tmp_path, check="length(title) > 0 0", using="gone(id)", **ASTRAY)
    proposal = propose.propose(url, file, propose.PlanOptions())
    assert [str(step.ref) for step in proposal.plan.steps] == ["column public.t.other"]
    uncured = {(str(one.finding.ref), one.help) for one in proposal.plan.uncured if one.finding.severity > 1}
    assert uncured == {("check public.t.k", "Correct the contract."), ("policy public.t.p", "Correct the contract.")}


def test_no_statement_is_shown_of_a_table_whose_contract_does_not_read(url: str, tmp_path: Path) -> None:
    """What closes the bracket that it stands in is shown in nobody's SQL, nor is what stands beside it."""
    file = written(tmp_path, check="length(title) > 0 0", more="      other: \"text default '', drop column id\"")
    report = runner.run(url, file, Options(fixes=Fixes()))
    assert told(report.findings) >= {("SA004", *CHECK[1:]), ("SA004", "column public.t.other", "default"), OTHER}
    assert [one.fix for one in report.findings if one.fix] == []
    report = runner.run(url, written(tmp_path, using="gone(id)", **ASTRAY), Options(fixes=Fixes()))
    assert [str(one.ref) for one in report.findings if one.fix] == ["column public.t.other"]


BROKEN = """version: 1
schemaa: public
tables:
  t:
    columns: {id: integer not, title: "text default ("}
    constraints: {k: chck (true), e: exclude (id)}
    indexes: [a, b]
    polices: {}
  "t.u.v": {}
  u: {policies: {p: {fr: all}, q: {for: every}}}
  t2: {columns: {id: integer}}
enums: {mood: {a: b}, color: [red, 1]}
functions: {"f(": x}
publications: {p: [a, b.c.d, e], q: 7}
rules: {no-such: error, missing-table: fatal}
waivers: [{rule: no-such}, {rule: missing-table, object: t, reason: r, until: soon}]
invariants:
  One: {}
  two: {summary: s, each: t}
  three: {summary: s, each: t, has: u, "on": "("}
trace: {of: t, links: {a: {}, b: {summary: s, invariant: four}}}
"""


def test_all_that_is_wrong_with_a_file_is_told_in_one_run(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(BROKEN)
    with pytest.raises(ContractError) as caught:
        loader.load(file)
    found = [caught.value, *caught.value.more]
    places = [(one.location.line, one.location.column) for one in found if one.location]
    assert places == sorted(places)
    lines: dict[int, int] = {}
    for line, _ in places:
        lines[line] = lines.get(line, 0) + 1
    assert lines == {
        2: 1,
        5: 2,
        6: 2,
        7: 1,
        8: 1,
        9: 1,
        10: 2,
        12: 2,
        13: 1,
        14: 2,
        15: 2,
        16: 2,
        18: 1,
        19: 1,
        20: 1,
        21: 2,
    }
    for one in found:  # each is what it would be alone
        lone = BROKEN.splitlines()[(one.location.line if one.location else 1) - 1]
        assert str(one).partition(": ")[2], lone


def test_programs_are_told_of_all_of_it_too(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(BROKEN)
    done = run("check", "-c", "c.yaml", "-f", "json", url="postgresql://127.0.0.1:1/x", cwd=tmp_path)
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert list(Draft202012Validator(SCHEMA).iter_errors(told)) == []
    lines = [one["location"]["line"] for one in (told["error"], *told["error"]["more"])]
    assert lines == sorted(lines)
    assert len(lines) == done.stderr.count("error: ")
    assert len(lines) > 15


@pytest.mark.parametrize("number", [3, 500])
def test_a_file_full_of_errors_ends(tmp_path: Path, number: int) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("version: 1\ntables:\n" + "".join(f"  t{at}: {{colums: {{}}}}\n" for at in range(number)))
    with pytest.raises(ContractError) as caught:
        loader.load(file)
    assert len(caught.value.more) + 1 == min(number, 200)


@pytest.mark.parametrize("body", ["$$ select null::s.pair $$", "'select null::s.pair'"])
def test_a_name_right_before_the_end_of_a_body(body: str, database: str, tmp_path: Path) -> None:
    """The server points into the body, whose closing quote opens another one for who reads from there."""
    with connect(database) as connection:
        connection.execute("create schema s")
    file = tmp_path / "expected.yaml"
    function = f's.f(s.pair): "returns s.pair language sql as {body}"'
    contract = f"version: 1\ntypes:\n  s.pair: as (a integer)\nfunctions:\n  {function}\n"
    file.write_text(contract, encoding="utf-8")
    assert {finding.rule.code for finding in runner.run(database, file, Options()).findings} == {"SA141", "SA601"}
