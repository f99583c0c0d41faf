"""Whoever types what is printed, and does by hand what it says, comes from a broken system to one that is well."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from calls import Said, call, paste, steps
from servers import connect
from sessionaudit.demo import application_files, history

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    # What a person does who reads these words: in a folder, to a database.
    Deeds = Mapping[str, Callable[[Path, str], None]]

CHECK = "sessionaudit check"
LEDGER = """
create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
insert into supabase_migrations.schema_migrations (version, name) values ('20250101000000', 'a');
"""


BACK = "To go back"


class Walk:
    """A person who types what is printed, from the top, and nothing twice before something was changed."""

    def __init__(self, folder: Path, url: str, deeds: Deeds, **variables: str) -> None:
        self.folder, self.url, self.deeds, self.variables = folder, url, dict(deeds), variables
        self.typed: list[str] = []
        self._since: set[str] = set()
        self._waiting: list[str] = []

    def to_the_end(self, most: int, line: str = CHECK) -> Said:
        """Walk until a check finds nothing that fails it, and return that."""
        while len(self.typed) < most:
            said = self._type(line)
            if line == CHECK and said.code == 0:
                return said
            offered = [one for words, one in steps(f"{said.err}\n{said.out}") if self._heard(words)]
            self._waiting = [one for one in (*offered, *self._waiting) if one not in self._since]
            assert self._waiting or CHECK not in self._since, ("a circle", self.typed)
            line = self._waiting.pop(0) if self._waiting else CHECK
        raise AssertionError(("no end", self.typed))

    def _type(self, line: str) -> Said:
        self.typed.append(line)
        said = paste(line, cwd=self.folder, answer="y", DATABASE_URL=self.url, **self.variables)
        assert said.code in {0, 1}, (line, said)
        if "--apply" in line.split() or re.search(r"Journal:\s", said.err):
            self._changed()
        self._since.add(line)
        if line.startswith("sessionaudit rule"):
            assert "FIX" in said.out
            self._heard(line)
        return said

    def _heard(self, words: str) -> bool:
        """Do what a person does who reads this, and say whether it leads on: nobody who goes on takes back."""
        for name in [name for name in self.deeds if name in words]:
            self.deeds.pop(name)(self.folder, self.url)
            self._changed()
        return words != BACK

    def _changed(self) -> None:
        self._since.clear()
        self._waiting.clear()


def sql(statements: str) -> Callable[[Path, str], None]:
    """What a person does by SQL."""

    def do(_folder: Path, url: str) -> None:
        with connect(url) as connection:
            connection.execute(statements.encode())

    return do


def walked(folder: Path, url: str, contract: str, made: str, deeds: Deeds, start: str = CHECK) -> list[str]:
    """The commands that a walk takes."""
    (folder / "expected_schema.yaml").write_text(f"version: 1\n{contract}", encoding="utf-8")
    sql(made)(folder, url)
    walk = Walk(folder, url, deeds)
    walk.to_the_end(12, start)
    assert walk.deeds == {}, walk.typed
    return walk.typed


def test_a_missing_table(database: str, tmp_path: Path) -> None:
    contract = """tables:
  c: {columns: {id: int not null}, constraints: {c_pkey: primary key (id)}}
  o: {columns: {id: int, c_id: int}, constraints: {o_fkey: foreign key (c_id) references c (id)}}
"""
    typed = walked(tmp_path, database, contract, "create table c (id int constraint c_pkey primary key)", {})
    assert typed == [CHECK, "sessionaudit repair", "sessionaudit repair --apply", CHECK]


def test_a_migration_that_waits(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    first, later = "create table public.t (id int constraint t_pkey primary key)", "alter table public.t add more text"
    (folder / "20250101000000_a.sql").write_text(f"{first};\n", encoding="utf-8")
    (folder / "20250102000000_b.sql").write_text(f"{later};\n", encoding="utf-8")
    contract = f"""migrations: {{folder: {folder.relative_to(tmp_path)}}}
tables: {{t: {{columns: {{id: int not null, more: text}}, constraints: {{t_pkey: primary key (id)}}}}}}
"""
    record = "insert into supabase_migrations.schema_migrations (version, name) values ('20250102000000', 'b')"
    deeds = {"unrecorded-migration": sql(f"{later}; {record}")}
    typed = walked(tmp_path, database, contract, f"{first}; {LEDGER}", deeds)
    assert typed == [CHECK, "sessionaudit migrations", "sessionaudit rule unrecorded-migration", CHECK]


ORPHANS = """tables:
  s: {columns: {id: int not null, told: text}, constraints: {s_pkey: primary key (id)}}
  r: {columns: {s_id: int}}
invariants:
  s_has_r: {summary: Every s has an r, each: s, has: r, on: r.s_id = s.id}
"""
ORPHANED = """create table s (id int constraint s_pkey primary key, told text, state text not null);
create table r (s_id int); create index on r (s_id); insert into s values (1, 'x', 'a'), (2, null, 'b')"""


def test_an_orphaned_row_without_a_repair_and_a_column_that_blocks(database: str, tmp_path: Path) -> None:
    deeds = {
        "orphaned-rows": sql("insert into r values (1), (2)"),
        "blocking-column": sql("alter table s alter state drop not null"),
    }
    typed = walked(tmp_path, database, ORPHANS, ORPHANED, deeds)
    assert typed == [CHECK, "sessionaudit rule blocking-column orphaned-rows", CHECK]


def test_rows_in_the_way_of_a_key(database: str, tmp_path: Path) -> None:
    contract = "tables: {u: {columns: {id: int}, constraints: {u_key: unique (id)}}}\n"
    deeds = {"After removing what holds steps back": sql("delete from u where ctid = (select min(ctid) from u)")}
    typed = walked(tmp_path, database, contract, "create table u (id int); insert into u values (1), (1)", deeds)
    assert typed == [CHECK, "sessionaudit repair", "sessionaudit repair", "sessionaudit repair --apply", CHECK]


def test_rows_whose_repair_waits_for_the_schema(database: str, tmp_path: Path) -> None:
    """A repair of the schema helps, also where only the rows are asked for: about them nothing is done by hand."""
    insert = "insert into r (s_id, told) select s.id, 'x' from s where s.id = any(%(keys)s::int[])"
    (tmp_path / "r.sql").write_text(f"{insert} returning s_id, s_id as key", encoding="utf-8")
    contract = """tables:
  s: {columns: {id: int not null}, constraints: {s_pkey: primary key (id)}}
  r: {columns: {s_id: int not null, told: text}, constraints: {r_pkey: primary key (s_id)}}
invariants:
  s_has_r: {summary: Every s has an r, each: s, has: r, on: r.s_id = s.id, repair: r.sql, backfill: true}
"""
    made = """create table s (id int constraint s_pkey primary key);
create table r (s_id int constraint r_pkey primary key); insert into s values (1)"""
    typed = walked(tmp_path, database, contract, made, {}, "sessionaudit check --only data")
    assert typed == [
        *("sessionaudit check --only data", "sessionaudit repair", "sessionaudit repair --apply", CHECK),
        *("sessionaudit backfill --all --dry-run", "sessionaudit backfill --all", CHECK),
    ]


LISTED = ("sessionaudit backfill --list --invariant s_has_r", CHECK)


@pytest.mark.parametrize(
    ("rows", "ways"),
    [("(2, null)", LISTED), ("(1, 'x'), (2, null)", ("sessionaudit backfill --all", CHECK))],
    ids=["alone", "beside another"],
)
def test_a_row_that_its_repair_does_not_mend(database: str, tmp_path: Path, rows: str, ways: tuple[str, ...]) -> None:
    """A check cannot know it; what tries to repair it says that a person must decide, and does not offer itself."""
    told = "s.id = any(%(keys)s::int[]) and s.told is not null"
    repair = f"insert into r select s.id from s where {told} returning s_id, s_id as key"
    (tmp_path / "r.sql").write_text(repair, encoding="utf-8")
    contract = """tables:
  s: {columns: {id: int not null, told: text}, constraints: {s_pkey: primary key (id)}}
  r: {columns: {s_id: int not null}, constraints: {r_pkey: primary key (s_id)}}
invariants:
  s_has_r: {summary: Every s has an r, each: s, has: r, on: r.s_id = s.id, repair: r.sql, backfill: true}
"""
    made = f"""create table s (id int constraint s_pkey primary key, told text);
create table r (s_id int constraint r_pkey primary key); insert into s values {rows}"""
    deeds = {"A person must decide": sql("insert into r values (2)")}
    typed = walked(tmp_path, database, contract, made, deeds)
    assert typed == [CHECK, "sessionaudit backfill --all --dry-run", *ways]


@pytest.mark.thorough
@pytest.mark.parametrize("width", ["80", "140"])
def test_the_broken_system_of_the_demo(width: str, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    assert call("demo", "--broken", str(folder), cwd=tmp_path).code == 0
    try:
        url = re.findall(r"DATABASE_URL=(\S+)", (folder / "env").read_text(encoding="utf-8"))[0]
        deeds = {
            "After correcting the file": lambda at, _: history.correct(at / history.FOLDER),
            "After correcting application": lambda at, _: application_files.correct(at / application_files.FOLDER),
            "missing-migration-file": sql(history.RENUMBER),
        }
        walk = Walk(folder, url, deeds, COLUMNS=width)
        walk.to_the_end(46)
        assert walk.deeds == {}, walk.typed
    finally:
        assert call("demo", "--stop", str(folder), cwd=tmp_path).code == 0
        shutil.rmtree(folder)
