"""The section `checklist:` of a contract: what a proof may name, and what is refused, with its place and a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from editors import validator
from sessionaudit.contract.loader import load
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.checklist import Proof

CONTRACT = """\
version: 1
enums: {mood: [sad, ok]}
tables:
  t:
    columns: {id: bigint not null, note: text}
    constraints: {t_pkey: primary key (id), t_ok: check (id > 0)}
    policies: {Let all in: {for: select, to: [public], using: "true"}, "A: b": absent}
    grants: {anon: absent}
    access: {anon: none, "Some One": {select: all}}
  'far."T *"': {columns: {id: bigint}}
functions:
  touch(): |
    returns trigger language plpgsql as $$ begin return new; end $$
rules: {unexpected-column: ignore}
invariants:
  young: {summary: Nobody waits, of: t, violations: select id from t}
journeys:
  ask:
    summary: Somebody asks
    given: {one: {sql: insert into t (id) values (1) returning id}}
    steps: {asks: {sql: select 1, expect: 1 row}}
code: {paths: [src]}
checklist:
"""
LINE = CONTRACT.count("\n") + 1  # of the first sentence


def write(folder: Path, *lines: str) -> Path:
    file = folder / "expected.yaml"
    file.write_text(CONTRACT + "".join(f"  {line}\n" for line in lines), encoding="utf-8")
    return file


def proofs(folder: Path, text: str) -> tuple[Proof, ...]:
    [point] = load(write(folder, f"It is so: [{text}]")).checklist
    return point.proofs


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("column t.note", ["column public.t.note"]),
        ("Column  public.t.note", ["column public.t.note"]),
        ("policy t.Let all in", ['policy public.t."Let all in"']),
        ("'policy t.\"Let all in\"'", ['policy public.t."Let all in"']),
        ("'policy t.A: b'", ['policy public.t."A: b"']),
        ("grant t anon", ["grant public.t.anon"]),
        ("grant public.t.anon", ["grant public.t.anon"]),
        ("constraint t.t_pkey", ["key public.t.t_pkey"]),
        ("'constraint t.*'", ["key public.t.t_pkey", "check public.t.t_ok"]),
        ("enum mood", ["enum public.mood"]),
        ("access t anon", ["access public.t.anon"]),
        ("access public.t.Some One", ['access public.t."Some One"']),
        ("access t Some One: select", ['access public.t."Some One"']),
        ("journey ask", ["journey ask"]),
        ("'journey ask: asks'", ["journey ask"]),
        ("journey ask: one", ["journey ask"]),
        ("function touch", ["function public.touch()"]),
        ("function touch()", ["function public.touch()"]),
        ("invariant young", ["invariant young"]),
        ("'table far.T *'", ['table far."T *"', 'column far."T *".id']),
        (
            "table t",
            [
                *("table public.t", "column public.t.id", "column public.t.note", "key public.t.t_pkey"),
                *("check public.t.t_ok", 'policy public.t."A: b"', 'policy public.t."Let all in"'),
                "grant public.t.anon",
            ],
        ),
    ],
)
def test_a_proof_names_an_object_as_reports_do(text: str, refs: list[str], tmp_path: Path) -> None:
    [proof] = proofs(tmp_path, text)
    assert sorted(map(str, proof.refs)) == sorted(refs)
    word = proof.refs[0].kind
    assert proof.audit == {"invariant": "data", "access": "behaviour", "journey": "behaviour"}.get(word, "schema")
    assert proof.facet == (
        text.strip("'").rpartition(": ")[2] if word in {"access", "journey"} and ": " in text else ""
    )
    assert (proof.rule, proof.glob) == (None, "")


def test_a_proof_names_a_rule_or_an_audit(tmp_path: Path) -> None:
    found = proofs(tmp_path, "rule missing-policy, rule sc003 on src/**, schema, code src/app/**, data, rule uncertain")
    assert [(one.audit, one.rule.name if one.rule else "", one.glob) for one in found] == [
        ("schema", "missing-policy", ""),
        ("code", "impossible-value", "src/**"),
        ("schema", "", ""),
        ("code", "", "src/app/**"),
        ("data", "", ""),
        ("", "uncertain", ""),
    ]
    assert [(one.location.line, one.location.column) for one in found][:2] == [(LINE, 14), (LINE, 35)]


@pytest.mark.parametrize(
    ("line", "column", "message", "hint"),
    [
        ("a: [column t.nte]", 14, "the contract declares no column t.nte", "Did you mean “t.note”?"),
        ("a: [column t.nt*]", 14, "the contract declares no column t.nt*", ""),
        ("a: ['column t.x*']", 15, "the contract declares no column t.x*", "Known here: "),
        ("a: [colum t.note]", 7, "does not name what proves the sentence", "Did you mean “column”?"),
        ("a: [it works]", 7, "does not name what proves the sentence", "Begin with"),
        ("a: [column]", 13, "expected the name of the column", ""),
        ("a: [invariant yung]", 17, "the contract declares no invariant yung", "Did you mean “young”?"),
        ("a: [invariant young: x]", 7, "the invariant young has no part “x”", ""),
        ("a: ['invariant young: x']", 7, "the invariant young has no part “x”", ""),
        ("a: [journey ask: ask]", 7, "the journey ask has no part “ask”", "Did you mean “asks”?"),
        ("a: [access t nobody]", 14, "the contract declares no access t nobody", ""),
        ("a: [access t anon: read]", 7, "the access t anon has no part “read”", "Known here: delete, insert, "),
        ("a: [index t.i]", 13, "the contract declares no index t.i", "nobody would check it"),
        ("a: [rule missing-polcy]", 12, "unknown rule “missing-polcy”", "Did you mean “missing-policy”?"),
        ("a: [rule]", 11, "unknown rule “”", "sessionaudit rule"),
        ("a: [rule missing-policy on]", 29, "expected the name of an object or of a file", ""),
        ("a: [rule unexpected-column]", 12, "is switched off under “rules”", "Remove it"),
        ("a: [migrations]", 7, "nothing for the audit “migrations”", "under “migrations:”"),
        ("a: []", 6, "nothing proves this sentence", "never ticked"),
        ("a: column t.note", 6, "expected what proves it", "[a, b]"),
        ("a: [no]", 7, "YAML may read as another type", "in quotes"),
        ("a: [[column t.note]]", 7, "expected a proof", ""),
        ("a: [{column t.note: x, b: c}]", 7, "expected a proof", ""),
        ("'': [column t.note]", 3, "expected a name, found nothing", ""),
        ("' ': [column t.note]", 3, "expected a sentence, found nothing", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(line: str, column: int, message: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load(write(tmp_path, line))
    where = caught.value.location
    assert where is not None
    assert (message in caught.value.message, hint in caught.value.hint) == (True, True), str(caught.value)
    assert (where.line, where.column) == (LINE, column), str(caught.value)


def test_all_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load(write(tmp_path, "a: [column t.x, rule y, column t.id]", "b: []", "c: [column t.z]"))
    places = [one.location for one in (caught.value, *caught.value.more)]
    assert [(place.line, place.column) for place in places if place] == [
        (LINE, 14),
        (LINE, 24),
        (LINE + 1, 6),
        (LINE + 2, 14),
    ]


def test_each_file_may_have_sentences(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("checklist: {Second: [column t.id]}\n", encoding="utf-8")
    file = write(tmp_path, "First: [column t.id]")
    file.write_text(file.read_text(encoding="utf-8").replace("version: 1", "version: 1\ninclude: [more.yaml]"))
    found = load(file).checklist
    assert [(one.sentence, one.location.file) for one in found] == [
        ("First", str(file)),
        ("Second", str(tmp_path / "more.yaml")),
    ]
    (tmp_path / "more.yaml").write_text("checklist: {First: [column t.id]}\n", encoding="utf-8")
    with pytest.raises(ContractError, match="“First” stands in two files"):
        load(file)


def test_the_schema_knows_it(tmp_path: Path) -> None:
    file = write(tmp_path, "a: [column t.note, journey x: y, 'code src/**']")
    validator().validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    for wrong in ([], "column t.note", [["a"]]):
        with pytest.raises(jsonschema.ValidationError):
            validator().validate({"version": 1, "checklist": {"a": wrong}})
