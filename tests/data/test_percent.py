"""A `%` in a repair file is one, wherever the file is used; only `%(keys)s`, as the server reads it, is a parameter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from marks import one_in
from mending import run_at_once
from servers import connect
from sessionaudit.core.query import takes_keys, with_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calling import Calls

TABLES = """
drop table if exists t, parent, after;
create table parent (id int primary key);
insert into parent values (1);
create table t (id int primary key, p int, "per%cent" text, note text);
insert into t values (1, 9, '100%', null), (2, 9, '50', null), (3, 1, 'fine', 'as it was');
create table after (id int primary key, note text);
insert into after values (1, null), (2, null)"""
# No percent sign here means anything to us but those of the one parameter.
SET = r"""set p = 5 % 2, -- %(keys)s, and 100 % of it's comment: %s %%
  note = format('%s%%', t.id) || '%(keys)s %%' || $q$ %(keys)s %$q$ || (t."per%cent" like '%0\%')::text || (7 % 4)"""
KEYS = "id = any (%(keys)s::int[]) and 10 % 3 = 1"
UPDATE = f"""-- All of %(keys)s, 100 % of them.
update t /* %(keys)s % */ {SET} where {KEYS} returning id, id as key"""
# What an UPDATE changed it tells, or it is run twice to find that out, as an upsert is.
FORMS = {
    "found out": UPDATE,
    "told": f"{UPDATE}, 9 as p_was, null::text as note_was",
    "upsert": f"""insert into t (id, p) select id, p from t where {KEYS}
on conflict (id) do update {SET} returning id, id as key""",
}
AFTER = """update after set note = format('%s%%', id) where id = any (%(keys)s::int[]) and 10 % 3 = 1
returning id, id as key, null::text as note_was"""
CONTRACT = """version: 1
tables:
  t:
    constraints:
      t_p_fkey: {definition: foreign key (p) references parent (id), repair: repair.sql}
  parent: {}
"""
INVARIANTS = """version: 1
tables: {t: {}, after: {}}
invariants:
  known:
    summary: Every row has a parent
    of: t
    violations: select id from t where id % 10 = id and p % 10 = 9
    repair: repair.sql
    supersede: after.sql
    backfill: true
    show: {"%": "id % 2", "%(keys)s": "'%(keys)s %% %s'::text"}
    by: {mark: "\\"per%cent\\""}
trace:
  of: t
  by: {mark: "t.\\"per%cent\\""}
  links: {row: {summary: It is there, needed: {it is odd: t.id % 2 = 1}, show: {mod: t.id % 2}}}
"""
MENDED = [
    (1, 1, "1%%(keys)s %% %(keys)s %true3"),
    (2, 1, "2%%(keys)s %% %(keys)s %false3"),
    (3, 1, "as it was"),
]


class Place:
    """A database with the rows to mend, and what was made of them."""

    def __init__(self, url: str, folder: Path, call: Calls) -> None:
        self.url = url
        self.folder = folder
        self._call = call

    def run(self, *words: str, contract: str = "c.yaml") -> str:
        """Call the program, which must end well; gives what it printed."""
        code, out, err = self._call(*words, url=self.url, contract=self.folder / contract)
        assert code == 0, err
        return out

    def apply(self, *words: str) -> None:
        self.run("repair", "--apply", "--yes", "--before", str(self.folder / "before.yaml"), "--with-data", *words)

    def saved(self) -> None:
        plan = str(self.folder / "plan.json")
        self.run("repair", "--with-data", "--save-plan", plan)
        self.apply("--plan", plan)

    def script(self, *words: str) -> None:
        run_at_once(self.url, self.run("repair", "--with-data", *words))

    def backfill(self, *words: str) -> None:
        journal = self.folder / "j"
        journal.unlink(missing_ok=True)
        self.run("backfill", "--journal", str(journal), *words, contract="i.yaml")
        with connect(self.url) as connection:
            assert connection.execute("select note from after order by id").fetchall() == [("1%",), ("2%",)]


PLACES: dict[str, Callable[[Place], None]] = {
    "constraint, applied": lambda place: place.apply(),
    "constraint, saved": lambda place: place.saved(),
    "constraint, script": lambda place: place.script(),
    "constraint, transactional script": lambda place: place.script("--transactional"),
    "invariant, ids": lambda place: place.backfill("1", "2"),
    "invariant, all": lambda place: place.backfill("--all", "--yes"),
}


@pytest.mark.parametrize("form", one_in(3, FORMS))
def test_a_percent_sign_is_one_wherever_a_repair_is_used(database: str, tmp_path: Path, call: Calls, form: str) -> None:
    (tmp_path / "repair.sql").write_text(FORMS[form], encoding="utf-8")
    (tmp_path / "after.sql").write_text(AFTER, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "i.yaml").write_text(INVARIANTS, encoding="utf-8")
    for name, used in PLACES.items():
        run_at_once(database, TABLES)
        used(Place(database, tmp_path, call))
        with connect(database) as connection:
            assert connection.execute("select id, p, note from t order by id").fetchall() == MENDED, name


def test_a_percent_sign_is_one_in_a_contract_too(database: str, tmp_path: Path, call: Calls) -> None:
    run_at_once(database, TABLES)
    (tmp_path / "i.yaml").write_text(INVARIANTS, encoding="utf-8")
    (tmp_path / "repair.sql").write_text(UPDATE, encoding="utf-8")
    (tmp_path / "after.sql").write_text(AFTER, encoding="utf-8")
    place = tmp_path / "i.yaml"
    listed = json.loads(call("backfill", "--list", "--format", "json", url=database, contract=place).out)
    assert [row["show"] for row in listed["invariants"][0]["rows"]] == [
        {"%": "1", "%(keys)s": "%(keys)s %% %s"},
        {"%": "0", "%(keys)s": "%(keys)s %% %s"},
    ]
    told = json.loads(call("trace", "--format", "json", "100%", url=database, contract=place).out)
    assert [(one["id"], one["found_by"], one["links"][0]["rows"]) for one in told["stories"]] == [
        ("1", "mark", [{"mod": "1"}])
    ]
    dry = call("backfill", "--dry-run", "100%", url=database, contract=place).out
    assert dry.startswith("1  would be changed: public.t 1; found by mark “100%”")


def test_the_parameter_is_where_the_server_reads_it() -> None:
    for text in (
        "select '%(keys)s'",
        'select "%(keys)s"',
        "select 1 -- %(keys)s",
        "select /* %(keys)s */ 1",
        "$$%(keys)s$$",
    ):
        assert not takes_keys(text)
        assert with_keys(text, "KEYS") == text
    assert (
        with_keys("a = any(%(keys)s) -- %(keys)s\nand 'it''s %(keys)s'", "K")
        == "a = any(K) -- %(keys)s\nand 'it''s %(keys)s'"
    )


def test_a_file_without_the_parameter_is_refused(database: str, tmp_path: Path, call: Calls) -> None:
    run_at_once(database, TABLES)
    (tmp_path / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "repair.sql").write_text("-- %(keys)s\nupdate t set p = 1 where true returning id", encoding="utf-8")
    code, _, err = call("repair", "--with-data", url=database, contract=tmp_path / "c.yaml")
    assert (code, "the repair repair.sql has no parameter %(keys)s" in err) == (2, True)
