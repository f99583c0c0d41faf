"""A row that no repair changes: what is said of it, and where that leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calling import Calls
from sessionaudit.contract.repairs import said_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template

CONTRACT = """\
version: 1
tables:
  s: {columns: {id: int not null, told: text}, constraints: {s_pkey: primary key (id)}}
  r: {columns: {id: int not null, s_id: int}, constraints: {r_pkey: primary key (id)}}
invariants:
  s_is_told: {summary: Every s is told, of: s, violations: select id from s where told is null, repair: tell.sql}
  s_has_r: {summary: Every s has an r, each: s, has: r, "on": r.s_id = s.id, repair: r.sql, backfill: true}
trace: {of: s, links: {r: {summary: It has an r, from: r, "on": r.s_id = s.id}}}
"""
TELL = """-- Tells it.
update s set told = 'x' where id = any(%(keys)s::int[]) and told is null returning id, id as key, null::text as told_was
"""
MAKE = """-- Makes the r.
--
-- Parameter: keys. What is told as “no” is left for a person: ask the customer.
insert into r select id + 100, id from s where id = any(%(keys)s::int[]) and told <> 'no' returning id, s_id as key
"""


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    for name, text in (("c.yaml", CONTRACT), ("tell.sql", TELL), ("r.sql", MAKE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "c.yaml"


@pytest.fixture
def url(template: Template, make_database: MakeDatabase) -> str:
    made = """create table s (id int constraint s_pkey primary key, told text);
create table r (id int constraint r_pkey primary key, s_id int);
insert into s values (1, null), (2, 'no'), (3, 'yes'); insert into r values (7, 3), (8, 9)"""
    return make_database(template("rows for a person", [made]))


def test_a_dry_run_says_that_earlier_repairs_may_change_a_row(url: str, contract: Path, call: Calls) -> None:
    rehearsed = call("backfill", "--all", "--dry-run", url=url, contract=contract)
    lines = [line for line in rehearsed.out.splitlines() if "r.sql" in line]
    assert sorted(line[:1] for line in lines) == ["1", "2"]
    assert all("repairs above come first, and may change it" in line for line in lines)
    assert "a person must decide" not in rehearsed.out
    done = call("backfill", "--all", "--yes", "--journal", str(contract.with_name("j")), url=url, contract=contract)
    assert "1 created" in done.err, "the row that the rehearsal did not promise to anybody"
    assert "    object: s_has_r\n" in done.err
    alone = call("backfill", "--all", "--dry-run", url=url, contract=contract)
    assert "a person must decide. The file says: “What is told as “no” is left for a person: ask the" in alone.out


def test_by_its_key_it_says_why_and_what_a_person_can_do(url: str, contract: Path, call: Calls) -> None:
    said = call("backfill", "--invariant", "s_has_r", "2", url=url, contract=contract)
    assert said.code == 1
    assert "a person must decide. The file says: “What is told as “no” is left for a person" in said.out
    assert "waivers:\n  - rule: orphaned-rows\n    object: s_has_r\n" in said.err


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("7", "It is the key of a row of public.r: `sessionaudit trace "),
        ("8", "It is the key of a row of public.r, to which no row of public.s leads"),
        ("99", "public.s has no such row"),
        ("x", "this is not a valid int4"),
    ],
)
def test_a_key_of_another_table_is_told_as_that(key: str, told: str, url: str, contract: Path, call: Calls) -> None:
    said = call("trace", key, url=url, contract=contract)
    assert said.code == 2
    assert told in " ".join(said.err.split())
    assert key != "7" or " 3` tells its story." in said.err
    assert ("It is the key" in said.err) == (key in {"7", "8"})


def test_what_no_link_leads_to_and_what_is_not_known_are_told_apart(url: str, contract: Path, call: Calls) -> None:
    whole = CONTRACT.replace('from: r, "on": r.s_id = s.id', 'from: r, "on": r.s_id / 0 = s.id')
    contract.write_text(whole, encoding="utf-8")
    failed = " ".join(call("trace", "8", url=url, contract=contract).err.split())
    assert "row of public.r. Its story is not known: the link r cannot be followed: division by zero" in failed
    assert "leads" not in failed
    apart = CONTRACT.replace("each: s, has: r,", "each: r, has: s,").replace(', from: r, "on": r.s_id = s.id', "")
    contract.write_text(apart, encoding="utf-8")
    unlinked = " ".join(call("trace", "8", url=url, contract=contract).err.split())
    assert "row of public.r, and no link of the story is about that table" in unlinked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select 1", ""),
        ("-- Makes it.\nselect 1 -- Never this.", "Makes it."),
        (
            "-- Makes\n-- it.\n--\n-- Never for a bot; not twice. Ends.\nselect 1",
            "Never for a bot; not twice.",
        ),
        (f"-- {'word ' * 80}\nselect 1", f"{('word ' * 48).strip()} …"),
    ],
)
def test_the_header_of_a_repair_file(text: str, said: str) -> None:
    assert said_of(text) == said
