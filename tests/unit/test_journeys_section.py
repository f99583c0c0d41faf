"""The section `journeys:` of a contract: all its keys, and what is refused, where, and with which hint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from sessionaudit.audits.behaviour.rules import JOURNEY_RULES
from sessionaudit.contract.jsonschema import schema
from sessionaudit.contract.loader import load
from sessionaudit.errors import ContractError
from sessionaudit.sql.parameters import numbered_statement

WHOLE = """\
version: 1
journeys:
  asking:
    summary: A customer asks
    given:
      customer: select 1 as id
      mechanic: {as: service_role, sql: "insert into mechanics (user_id) values (:customer) returning id, name"}
    steps:
      ask:
        summary: The request is made
        as: {role: authenticated, claims: {sub: ":customer", email: a@b}}
        sql: insert into requests (customer, session) values (:customer, :mechanic.id) returning id
        gives: request
        expect: 1 row
      see:
        as: {role: authenticated, claims: "select jsonb_build_object('sub', :customer)"}
        sql: select status, at from requests where id = :request
        expect: {status: pending, at: null}
      all: {as: service_role, sql: select 1 as n, expect: [{"n": 1}, {"n": "2"}]}
      none: {sql: select 1, expect: no rows}
      some: {sql: select 1, expect: 12 rows}
      never: {as: anon, sql: select 1, expect: refused}
      twice: {sql: select 1, expect: error 23505}
"""


def contract(folder: Path, text: str) -> Path:
    file = folder / "expected.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_key_is_read(tmp_path: Path) -> None:
    (journey,) = load(contract(tmp_path, WHOLE)).journeys
    assert (journey.name, journey.summary, str(journey.ref)) == ("asking", "A customer asks", "journey asking")
    assert [step.gives for step in journey.given] == ["customer", "mechanic"]
    ask, see, every, none, some, never, twice = journey.steps
    assert ask.statement.text.endswith("values ($1, $2) returning id")
    assert [(one.name, one.column) for one in ask.statement.parameters] == [("customer", ""), ("mechanic", "id")]
    assert ask.actor is not None
    assert (ask.actor.role, ask.actor.stated) == ("authenticated", (("sub", ":customer"), ("email", "a@b")))
    assert see.actor is not None
    assert see.actor.claims == "select jsonb_build_object('sub', :customer)"
    assert [(column.column, column.value) for column in see.expected_columns] == [("status", "pending"), ("at", None)]
    assert [row[0].value for row in every.expected_rows] == ["1", "2"]
    expected = [(one.expected.rows, one.expected.error) for one in (none, some, never, twice) if one.expected]
    assert expected == [(0, None), (12, None), (None, "42501"), (None, "23505")]
    assert (ask.location.line, ask.location.column) == (9, 7)
    Draft202012Validator(schema()).validate(yaml.safe_load(WHOLE))


def test_a_journey_alone_is_a_contract_and_may_stand_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(WHOLE.replace("asking:", "other:").replace("version: 1\n", ""))
    file = contract(tmp_path, WHOLE.replace("version: 1\n", "version: 1\ninclude: [more.yaml]\n"))
    found = load(file).journeys
    assert [(one.name, one.location.file.rpartition("/")[2]) for one in found] == [
        ("asking", "expected.yaml"),
        ("other", "more.yaml"),
    ]


STEP = "version: 1\njourneys:\n  j:\n    summary: S\n    given: {a: select 1}\n    steps:\n      s: "
REFUSED = [
    ("version: 1\njourneys: {j: {summary: S}}\n", 2, 12, "the journey j needs “steps”", ""),
    ("version: 1\njourneys: {J: {summary: S}}\n", 2, 12, "a journey's name must consist of lower-case letters", ""),
    ("version: 1\njourneys: {j: {sumary: S}}\n", 2, 16, "unknown key “sumary” in a journey", "Did you mean “summary”?"),
    (f"{STEP}{{sql: select 1}}\n", 7, 7, "the step s needs “expect”", "For example: expect: 1 row."),
    (f"{STEP}{{expect: 1 row}}\n", 7, 7, "s needs “sql”", ""),
    (f"{STEP}{{sql: select 1, expect: one row}}\n", 7, 34, "expected `1 row`, `no rows`", "For example"),
    (f"{STEP}{{sql: select 1, expect: error 4250}}\n", 7, 34, "expected `1 row`, `no rows`", "For example"),
    (f"{STEP}{{sql: select 1, expect: []}}\n", 7, 34, "an empty list: write “no rows”", ""),
    (f"{STEP}{{sql: select 1, expect: {{a: [1]}}}}\n", 7, 38, "expected a value, found a list", "Write JSON"),
    (f"{STEP}{{sql: 'select :b', expect: 1 row}}\n", 7, 24, "no earlier step gives “b”", "Known here: a."),
    (f"{STEP}{{sql: 'select :s', gives: s, expect: 1 row}}\n", 7, 24, "no earlier step gives “s”", "Known here: a."),
    (
        f"{STEP}{{sql: 'select $1', expect: 1 row}}\n",
        7,
        24,
        "a parameter is written with a name",
        "For example, :session.",
    ),
    (f"{STEP}{{sql: 'select ''a', expect: 1 row}}\n", 7, 24, "unterminated string", ""),
    (f"{STEP}{{sql: select 1, gives: a, expect: 1 row}}\n", 7, 33, "“a” is given already, in line 5", ""),
    (f"{STEP}{{sql: select 1, gives: b, expect: refused}}\n", 7, 33, "a step of which refused is expected gives", ""),
    (f"{STEP}{{as: {{rol: x}}, sql: select 1, expect: 1 row}}\n", 7, 16, "unknown key “rol” in as", "Did you mean"),
    (f"{STEP}{{as: {{role: x, claims: 5}}, sql: select 1, expect: 1 row}}\n", 7, 33, "expected a query of the", ""),
    (
        f"{STEP}{{as: {{role: x, claims: {{sub: ':aa'}}}}, sql: select 1, expect: 1 row}}\n",
        *(7, 40, "no earlier step gives “aa”", "Did you mean “a”?"),
    ),
    (STEP.replace("s: ", "a: ") + "{sql: select 1, expect: 1 row}\n", 7, 7, "“a” is given already", ""),
]


@pytest.mark.parametrize(("text", "line", "column", "said", "hint"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_refused_with_its_place(
    text: str, line: int, column: int, said: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(ContractError) as refused:
        load(contract(tmp_path, text))
    location = refused.value.location
    assert location is not None
    assert said in str(refused.value)
    assert hint in refused.value.hint
    assert (location.line, location.column) == (line, column)


def test_the_page_on_behaviour_is_right(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "behaviour.md").read_text(encoding="utf-8")
    for example in re.findall(r"```yaml\n(version: 1\n.*?)```", text, re.DOTALL):
        load(contract(tmp_path, example))
    told = dict(re.findall(r"\| (SB0[5-9]\d) ([a-z-]+) \|", text))
    assert told == {rule.code: rule.name for rule in JOURNEY_RULES}


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    text = WHOLE.replace("expect: 12 rows", "expect: a dozen").replace(":request\n", ":requests\n")
    with pytest.raises(ContractError) as refused:
        load(contract(tmp_path, text))
    errors = (refused.value, *refused.value.more)
    assert [error.location.line for error in errors if error.location] == [17, 21]


@pytest.mark.parametrize(
    ("text", "numbered"),
    [
        (
            "select :a::uuid, ':b', \":c\", $$:d$$ -- :e\n, :f.g.h",
            "select $1::uuid, ':b', \":c\", $$:d$$ -- :e\n, $2.h",
        ),
        ("select x[1:2], y[ :a : :b ], z::text, k := 1", "select x[1:2], y[ $1 : $2 ], z::text, k := 1"),
        ('select :"A b", :a.b, :a .b', "select $1, $2, $3 .b"),
        ("select '{}'::jsonb -> :a->>:b", "select '{}'::jsonb -> $1->>$2"),
    ],
)
def test_parameters_are_numbered(text: str, numbered: str) -> None:
    found = numbered_statement(text)
    assert found.text == numbered
    for number, one in enumerate(found.parameters, start=1):
        assert found.offset(found.text.index(f"${number}") + 1) == one.start
    assert found.offset(len(found.text)) in {len(text) - 1, found.parameters[-1].start}
