"""The checklist of a contract on a real database: a sentence is ticked only if all that proves it was looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from rows import TOP
from servers import connect
from test_snapshot import call

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template

SCHEMA = json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
SHOP = """
create table orders (id bigint primary key, state varchar(9), extra text, note text default 'x', word text);
create table odd (id bigint primary key);
create view seen as select id from orders;
create policy p on orders using (true);
create policy q on orders using (id > 0 and state is not null);
alter table orders enable row level security;
insert into orders (id, state) values (1, 'bad'), (2, 'good');
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
"""
CONTRACT = """\
version: 1
tables:
  orders:
    columns: {id: bigint not null, state: text, note: text default 'y', gone: text, word: text not null}
    constraints: {orders_pkey: primary key (id)}
    policies: {p: {for: all, to: [public], using: "true"}, lost: absent}
  seen: {kind: foreign table, columns: {id: bigint}}
  never: {columns: {id: bigint}}
  odd: {constraints: {odd_pkey: primary key (id)}}
functions:
  touch(): |
    returns trigger language plpgsql as $$ begin return new; end $$
waivers: [{rule: column-type, object: orders.state, reason: text soon, owner: us, until: 2099-12-31}]
rules: {column-default: ignore, unexpected-column: ignore, column-nullability: note}
invariants:
  none_is_bad: {summary: None is bad, of: orders, violations: select id from orders where state = 'bad', severity: note}
  none_is_ugly: {summary: None is ugly, of: orders, violations: select id from orders where state = 'ugly'}
  all_are_ids: {summary: All are ids, of: orders, violations: 'select 99::bigint'}
  of_never: {summary: Of a table that is missing, of: never, violations: select id from never}
checklist:
  ticked: [column orders.id, constraint orders.orders_pkey, policy orders.lost, invariant none_is_ugly, function touch]
  ticked by a rule: [rule foreign-key-target, rule missing-column on odd, table odd]
  missing: [column orders.id, column orders.gone]
  the table has more: [table orders]
  on a missing table: [column never.id]
  on what is a view: [column seen.id]
  a note says it all the same: [invariant none_is_bad]
  a note by the contract: [column orders.word]
  a rule found it: [rule missing-column]
  another rule: [rule missing-column on odd*]
  an audit found it: [schema]
  waived: [column orders.id, column orders.state]
  waived and failed: [column orders.state, column orders.gone]
  waived for the rule: [rule column-type]
  switched off: [column orders.note]
  no keys: [invariant all_are_ids]
  not countable: [invariant of_never]
  without such an audit: [rule unknown-column]
  matches nothing: [rule missing-column on oders]
"""
STATES = {
    "ticked": "ticked",
    "ticked by a rule": "ticked",
    "missing": "failed",
    "the table has more": "failed",
    "on a missing table": "failed",
    "on what is a view": "failed",
    "a note says it all the same": "failed",
    "a note by the contract": "failed",
    "a rule found it": "failed",
    "another rule": "ticked",
    "an audit found it": "failed",
    "waived": "waived",
    "waived and failed": "failed",
    "waived for the rule": "waived",
    "switched off": "not-checked",
    "no keys": "not-checked",
    "not countable": "not-checked",
    "without such an audit": "not-checked",
    "matches nothing": "not-checked",
}
REASONS = {
    "switched off": "switches the rule column-default off, by which something is found",
    "no keys": "returned 1 value that is not a primary key",
    "not countable": "The table public.never does not exist",
    "without such an audit": "the contract has nothing for the audit “code”",
    "matches nothing": "nothing that the audit “schema” examined has a name that matches",
}


@pytest.fixture
def shop(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("checklist", [SHOP]))


def write(folder: Path, text: str = CONTRACT) -> Path:
    file = folder / "expected.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def points(url: str, file: Path, *words: str) -> dict[str, Any]:
    """What came of each sentence, as the JSON says it, which is as its schema says."""
    _, printed, said = call("check", "-d", url, "-c", str(file), "--format", "json", *words)
    report = json.loads(printed)
    jsonschema.validate(report, SCHEMA)
    assert "checklist" in report, said
    known = {one["fingerprint"] for one in (*report["findings"], *report["waived"])}
    for point in report["checklist"]:
        for proof in point["proofs"]:
            assert {*proof["findings"], *proof["waived"]} <= known
            kept = {"failed": "findings", "not-checked": "unchecked", "waived": "waived"}
            if proof["state"] in kept:
                assert proof[kept[proof["state"]]], proof
            else:
                assert [*proof["findings"], *proof["unchecked"], *proof["waived"]] == []
    return {point["sentence"]: point for point in report["checklist"]}


def states(url: str, file: Path, *words: str) -> dict[str, str]:
    return {name: point["state"] for name, point in points(url, file, *words).items()}


def why(point: dict[str, Any]) -> str:
    return " ".join(f"{one['reason']} {one['hint']}" for proof in point["proofs"] for one in proof["unchecked"])


def test_each_state_has_its_reason(shop: str, tmp_path: Path) -> None:
    found = points(shop, write(tmp_path))
    assert {name: point["state"] for name, point in found.items()} == STATES
    for name, reason in REASONS.items():
        assert reason in why(found[name]), name
    assert [proof["state"] for proof in found["missing"]["proofs"]] == ["ticked", "failed"]
    assert found["missing"]["location"] == {"file": str(tmp_path / "expected.yaml"), "line": 23, "column": 3}


def test_what_the_options_leave_out_is_not_ticked(shop: str, tmp_path: Path) -> None:
    sentences = {
        "ids": "[column orders.id]",
        "rows": "[invariant none_is_ugly]",
        "rule": "[rule missing-policy]",
        "schema": "[schema]",
    }
    start = CONTRACT[: CONTRACT.index("checklist:")]
    file = write(
        tmp_path, f"{start}checklist:\n" + "".join(f"  {name}: {proof}\n" for name, proof in sentences.items())
    )

    def ticked(*words: str) -> set[str]:
        found = points(shop, file, *words)
        for point in found.values():
            assert point["state"] != "not-checked" or "leaves it out" in why(point)
        return {name for name, point in found.items() if point["state"] in {"ticked", "failed"}}

    every = set(sentences)
    assert ticked() == every
    assert ticked("--only", "schema") == {"ids", "rule", "schema"}
    assert ticked("--only", "data") == {"rows"}
    assert ticked("--only", "orders") == {"ids", "schema"}  # of the schema something is found on it
    assert ticked("--only", "missing-policy") == {"rule"}
    assert ticked("--only", "missing-column") == {"schema"}
    assert ticked("--only", "orders.id", "--only", "none_is_ugly") == {"ids", "rows"}
    assert ticked("--ignore", "missing-policy") == {"ids", "rows", "schema"}
    assert ticked("--ignore", "missing-column") == {"rows", "rule", "schema"}
    assert ticked("--ignore", "orders.id") == {"rows", "schema"}
    assert ticked("--ignore", "data") == {"ids", "rule", "schema"}


def test_what_the_role_may_not_see_is_not_ticked(shop: str, tmp_path: Path) -> None:
    with connect(shop) as connection:
        connection.execute("revoke select on pg_catalog.pg_policy from public")
        connection.execute("drop role if exists checklist_nobody; create role checklist_nobody")
    try:
        found = points(shop, write(tmp_path), "--role", "checklist_nobody")
    finally:
        with connect(shop) as connection:
            connection.execute("drop role checklist_nobody")
    assert found["ticked"]["state"] == "not-checked"
    assert [proof["state"] for proof in found["ticked"]["proofs"]] == [
        *("ticked", "ticked", "not-checked", "not-checked", "ticked")
    ]
    assert "may not read pg_catalog.pg_policy" in why(found["ticked"])
    assert "may not read all of its rows" in why(found["ticked"])
    # An unexpected policy on it would not have been seen.
    assert "may not read pg_catalog.pg_policy" in why(found["ticked by a rule"])


def test_what_nobody_knows_is_not_ticked(shop: str, tmp_path: Path) -> None:
    text = """\
version: 1
tables:
  orders:
    policies:
      p: {for: all, to: [public], using: "true"}
      q: {for: all, to: [public], using: "state is not null and id > 0"}
      lost: {for: all, to: [public], using: "no_such_function(id)"}
invariants:
  wrong: {summary: It is wrong, of: orders, violations: select nothing from orders}
  slow: {summary: It is slow, of: orders, violations: "select id from orders, generate_series(1, 999999999)"}
checklist:
  uncertain: [policy orders.q]
  refused: [policy orders.lost]
  wrong: [invariant wrong]
  slow: [invariant slow]
  whole: [schema]
"""
    found = points(shop, write(tmp_path, text), "--read-only", "--data-timeout", "0.2")
    assert {name: point["state"] for name, point in found.items()} == {
        **dict.fromkeys(("uncertain", "wrong", "slow"), "not-checked"),
        "refused": "failed",  # the policy is missing, whether or not it could be made
        "whole": "failed",
    }
    assert "it is not known whether both mean the same" in why(found["uncertain"])
    assert "Its rows were not counted" in why(found["wrong"])
    assert "took too long" in why(found["slow"])


def test_behaviour_is_ticked_step_by_step_and_command_by_command(shop: str, tmp_path: Path) -> None:
    with connect(shop) as connection:
        connection.execute("drop role if exists checklist_reader; create role checklist_reader")
        connection.execute("grant select on orders to checklist_reader")
    text = """\
version: 1
tables:
  orders:
    columns: {id: bigint not null}
    access: {checklist_reader: {select: all, update: all}, checklist_nobody: none}
rules: {unexpected-column: ignore, unexpected-policy: ignore}
journeys:
  look:
    summary: Somebody looks
    steps:
      reads: {as: checklist_reader, sql: select id from orders, expect: 1 row}
      writes: {as: checklist_reader, sql: "update orders set id = id", expect: 1 row}
      tries: {as: checklist_reader, sql: "insert into orders (id) values (1)", expect: error 23505}
  read:
    summary: Somebody reads
    steps: {reads: {as: checklist_reader, sql: select id from orders, expect: 1 row}}
checklist:
  reads: [journey look: reads, "access orders checklist_reader: select", journey read]
  journey: [journey look]
  writes: ["journey look: writes"]
  may write: [access orders checklist_reader: update]
  tries: [journey look: tries]
  all of it: [access public.orders.checklist_reader]
  no such role: [access orders checklist_nobody]
  audit: [behaviour]
"""
    try:
        found = points(shop, write(tmp_path, text))
    finally:
        with connect(shop) as connection:
            connection.execute("drop owned by checklist_reader; drop role checklist_reader")
    assert {name: point["state"] for name, point in found.items()} == {
        "reads": "ticked",
        "journey": "failed",
        "writes": "failed",
        "may write": "failed",
        "tries": "failed",  # as it may not insert, the other error cannot come
        "all of it": "failed",
        "no such role": "not-checked",
        "audit": "failed",
    }
    assert "there is no such role" in why(found["no such role"])
    remarks = [proof.get("remarks", []) for proof in found["reads"]["proofs"]]
    assert [len(one) for one in remarks] == [1, 0, 1]
    assert f"and not executed: `sessionaudit probe --embedded -c {tmp_path}/expected.yaml read` exec" in remarks[2][0]


CODE = """\
import { createClient } from '@supabase/supabase-js'
const supabase = createClient('url', 'key')
export async function list(table: string) {
  const { data, error } = await supabase.from('orders').select('id')
  if (error) throw error
  return data
}
"""


def test_code_is_ticked_where_all_calls_are_known(shop: str, tmp_path: Path) -> None:
    for name, text in {
        "src/good/list.ts": CODE,
        "src/dynamic/list.ts": CODE.replace("'orders'", "table"),
        "src/bad/list.ts": CODE.replace("'id'", "'nothing'"),
        "src/quiet/list.ts": CODE.replace("'id')", "'nothing') // sessionaudit: ignore[unknown-column] it comes"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    text = """\
version: 1
tables: {orders: {columns: {id: bigint not null}}}
code: {paths: [src]}
rules: {unexpected-column: ignore}
checklist:
  good: [rule unknown-table on src/good/**, rule unknown-column on src/good/list.ts]
  dynamic: [code src/dynamic/*]
  bad: [code src/bad/list.ts]
  rule: [rule unknown-column on src/bad*]
  whole: [rule unknown-table]
  nothing: [code src/god/**]
  quiet: [rule unknown-column on src/quiet/*]
  rights: [rule missing-privilege-in-code on src/good/**]
"""
    file = write(tmp_path, text)
    found = points(shop, file)
    assert {name: point["state"] for name, point in found.items()} == {
        "good": "ticked",
        "dynamic": "not-checked",
        "bad": "failed",
        "rule": "failed",
        "whole": "not-checked",
        "nothing": "not-checked",
        "quiet": "not-checked",
        "rights": "not-checked",
    }
    assert "comments in the code suppress 1 finding of unknown-column" in why(found["quiet"])
    assert "the role of the client supabase is not known" in why(found["rights"])
    assert "it is not known whether it is right" in why(found["dynamic"])
    assert found["dynamic"]["proofs"][0]["unchecked"][0]["what"].startswith(f"{tmp_path}/src/dynamic/list.ts:4")


def test_the_exit_code_is_that_of_check_and_of_the_sentences(shop: str, tmp_path: Path) -> None:
    def code(*words: str, text: str) -> int:
        return call("check", "-d", shop, "-c", str(write(tmp_path, text)), *words)[0]

    start = "version: 1\ntables:\n  odd: {columns: {id: bigint not null}}\n  orders: {policies: {p: {for: all, "
    start += 'to: [public], using: "true"}}}\ninvariants: {young: {summary: x, of: orders, severity: warning, '
    start += "violations: select id from orders}}\nrules: {unexpected-policy: ignore}\n"
    listed = ("--format", "checklist")
    assert code(*listed, text=f"{start}checklist: {{a: [column odd.id]}}") == 0
    assert code(text=f"{start}checklist: {{a: [invariant young]}}") == 0
    assert code(*listed, text=f"{start}checklist: {{a: [invariant young]}}") == 1
    assert code(*listed, "--fail-on", "never", text=f"{start}checklist: {{a: [invariant young]}}") == 0
    assert code(*listed, "--only", "data", text=f"{start}checklist: {{a: [column odd.id]}}") == 3
    assert code("--only", "data", text=f"{start}checklist: {{a: [column odd.id]}}") == 0
    assert code(*listed, text=start) == 2
    waived = "waivers: [{rule: broken-invariant, object: young, reason: x, until: 2099-01-01}]\n"
    assert code(*listed, text=f"{start}{waived}checklist: {{a: [invariant young]}}") == 0


def test_a_contract_without_one_is_told_before_anything_is_checked(shop: str, tmp_path: Path) -> None:
    file = write(tmp_path, "version: 1\ntables: {odd: {}}\n")
    code, printed, said = call("check", "-d", shop, "-c", str(file), "--format", "checklist")
    assert (code, printed) == (2, "")
    assert f"error: {file} has no checklist" in said
    assert "under “checklist:”" in said


def test_an_update_of_the_contract_keeps_what_the_checklist_names(shop: str, tmp_path: Path) -> None:
    file = write(tmp_path, "version: 1\ntables: {orders: {columns: {id: bigint not null, gone: text, lost: text}}}\n")
    file.write_text(f"{file.read_text(encoding='utf-8')}checklist: {{It is there: [column orders.gone]}}\n")
    code, printed, said = call("snapshot", "-d", shop, "--update", str(file))
    assert (code, "lost" in printed.replace("-tables", ""), "gone" in file.read_text(encoding="utf-8")) == (
        0,
        True,
        True,
    )
    assert "lost" not in file.read_text(encoding="utf-8")
    assert "The checklist needs column public.orders.gone, which stays in the contract" in " ".join(said.split())
    assert states(shop, file) == {"It is there": "failed"}
