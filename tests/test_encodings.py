"""Databases in other encodings: what we send is ASCII unless it is the user's, and any byte may come back."""

from __future__ import annotations

import ast
import json
import re
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rows import run
from servers import connect, with_database
from sessionaudit.audits import runner
from sessionaudit.audits.runner import Options
from sessionaudit.core.ref import ObjectRef
from sessionaudit.postgres import connection, protocol
from sessionaudit.repair import propose
from sessionaudit.snapshot import session
from sessionaudit.snapshot.taking import SnapshotOptions
from sources import SOURCE, modules

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from servers import DatabaseServer

ENCODINGS = ("LATIN1", "WIN1252", "EUC_JP", "SQL_ASCII")
# In place of these the databases in EUC_JP have letters that are there.
LETTERS = str.maketrans("äöüß", "客大望小")

LIVE = """
create table gäste (id text primary key, größe text, status text default 'schön');
alter table gäste add constraint größe_check check (größe <> 'ü');
create index gäste_größe_idx on gäste (lower(größe));
create table wünsche (id text primary key, gast text);
insert into gäste select 'ä' || n, 'fünf' || n from generate_series(1, 5) n;
insert into wünsche select id, id from gäste where id < 'ä4'
"""
CONTRACT = """version: 1
tables:
  gäste:
    columns:
      id: text not null
      größe: text
      status: text default 'schöner'
      neu: text default 'groß'
    constraints:
      größe_check: check (größe <> 'ö')
      gäste_pkey: primary key (id)
    indexes:
      gäste_größe_idx: unique using btree (lower(größe))
invariants:
  wunsch:
    summary: Jeder Gast hat einen Wunsch
    each: gäste g
    where: {"er ist groß": "g.größe <> 'ü'"}
    has: wünsche w
    "on": w.gast = g.id
    repair: wünsche.sql
trace:
  of: gäste
  links:
    wunsch: {summary: Er hat einen Wunsch, from: wünsche w, "on": w.gast = gäste.id, show: {größe: gäste.größe}}
"""
REPAIR = """insert into wünsche select g.id, g.id from gäste g where g.id = any (%(keys)s) -- für alle
on conflict do nothing returning id, id as key"""


class Place(NamedTuple):
    """A database in an encoding, and a folder with its contract."""

    url: str
    folder: Path
    spelled: Callable[[str], str]

    def run(self, *arguments: str, code: int) -> str:
        done = run(*arguments, "-c", "c.yaml", url=self.url, cwd=self.folder, XDG_STATE_HOME=str(self.folder / "state"))
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout


def spelling(encoding: str) -> Callable[[str], str]:
    return lambda text: text.translate(LETTERS) if encoding == "EUC_JP" else text


@pytest.fixture
def make(server: DatabaseServer, tmp_path: Path) -> Generator[Callable[[str], Place]]:
    made: list[str] = []

    def database(encoding: str) -> Place:
        name = f"sa_{secrets.token_hex(8)}"
        with connect(server.url) as admin:
            admin.execute(f"create database {name} encoding '{encoding}' template template0 locale 'C'".encode())
        made.append(name)
        place = Place(with_database(server.url, name), tmp_path, spelling(encoding))
        with connect(place.url) as line:
            line.execute("set client_encoding to utf8")
            for statement in place.spelled(LIVE).split(";"):
                line.execute(statement.encode())
        (tmp_path / "c.yaml").write_text(place.spelled(CONTRACT))
        (tmp_path / place.spelled("wünsche.sql")).write_text(place.spelled(REPAIR))
        return place

    yield database
    with connect(server.url) as admin:
        for name in made:
            admin.execute(f"drop database {name} with (force)".encode())


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_command_runs(make: Callable[[str], Place], encoding: str) -> None:
    place = make(encoding)
    said = place.run("check", "--format", "json", code=1)
    findings = {(one["code"], one["object"]): one for one in json.loads(said)["findings"]}
    check = place.spelled('check public."gäste"."größe_check"')
    assert findings["SA344", check]["actual"] == place.spelled("check (\"größe\" <> 'ü'::text)")
    assert findings["SD001", "invariant wunsch"]["actual"] == place.spelled("2 rows: ä4, ä5")
    script = place.run("repair", code=0)
    assert place.spelled("'groß'") in script
    place.run("repair", "--apply", "--yes", "--allow", "loosen", code=0)
    assert place.spelled("ä5") in place.run("trace", place.spelled("ä5"), code=1)
    place.run("backfill", "--all", "--yes", "--journal", "j", code=0)
    assert place.spelled("fünf5") in place.run("trace", place.spelled("ä5"), code=0)
    assert "Nothing found" in place.run("check", "--ignore", "SD003", code=0)
    undone = run("undo", "--yes", "j", url=place.url, cwd=place.folder)
    assert undone.returncode == 0, undone.stderr


BYTES = b"k\xe4se"  # of LATIN1, and no UTF-8


@pytest.fixture
def any_bytes(make: Callable[[str], Place]) -> Place:
    place = make("SQL_ASCII")
    with connect(place.url) as line:
        table = "gäste".encode()
        for statement in (
            b'alter table "%s" add "%s" text default \'%s\'' % (table, BYTES, BYTES),
            b"insert into \"%s\" values ('%s', '%s')" % (table, BYTES, BYTES),
            b'create index "%s" on "%s" ("%s")' % (BYTES, table, BYTES),
        ):
            result = line.pgconn.exec_(statement)
            assert not result.error_message, result.error_message
    return place


def test_bytes_that_are_no_text_are_shown_as_escapes(any_bytes: Place) -> None:
    said = any_bytes.run("check", "--format", "json", code=1)
    objects = [one["object"] for one in json.loads(said)["findings"]]
    assert any("k\udce4se" in one for one in objects)
    said = any_bytes.run("check", code=1)
    assert "k\\xe4se" in said


def test_rows_of_any_bytes_are_mended_and_taken_back(any_bytes: Place) -> None:
    any_bytes.run("repair", "--apply", "--yes", "--allow", "loosen", code=0)
    any_bytes.run("backfill", "--all", "--yes", "--journal", "j", code=0)

    def count() -> Any:
        with connect(any_bytes.url) as line:
            asked = b"select count(*) from \"%s\" where gast = '%s'" % ("wünsche".encode(), BYTES)
            return line.pgconn.exec_(asked).get_value(0, 0)

    assert count() == b"1"
    undone = run("undo", "--yes", "j", url=any_bytes.url, cwd=any_bytes.folder)
    assert undone.returncode == 0, undone.stderr
    assert count() == b"0"


def test_a_character_that_the_database_cannot_spell(make: Callable[[str], Place], tmp_path: Path) -> None:
    place = make("LATIN1")
    (tmp_path / "c.yaml").write_text("version: 1\ntables:\n  gäste: {}\n  客: {}\n")
    done = run("check", "-c", "c.yaml", url=place.url, cwd=tmp_path)
    assert done.returncode == 2
    said = "c.yaml:4:3: the character 客 (U+5BA2) does not exist in the database's encoding, LATIN1"
    assert said in done.stderr
    # In a text of the contract it is a finding about the contract, and hides nothing.
    text = CONTRACT.replace("check (größe <> 'ö')", "check (größe <> '客')")
    (tmp_path / "c.yaml").write_text(text)
    findings = {(one.rule.code, str(one.ref)) for one in runner.run(place.url, tmp_path / "c.yaml", Options()).findings}
    assert ("SA004", 'check public."gäste"."größe_check"') in findings
    assert ("SA201", 'column public."gäste".neu') in findings


def test_a_change_of_type_beside_any_bytes_is_tried_and_made(make: Callable[[str], Place]) -> None:
    place = make("SQL_ASCII")
    with connect(place.url) as line:
        made = b"create table k (a int, b text, constraint odd check (b <> '%s'))" % BYTES
        result = line.pgconn.exec_(made + b'; create table gone ("%s" int)' % BYTES)
        assert not result.error_message, result.error_message
    (place.folder / "c.yaml").write_text("version: 1\ntables: {k: {columns: {a: text, b: varchar}}, gone: absent}\n")
    place.run("repair", "--apply", "--yes", "--allow", "all", code=0)
    assert "Nothing found" in place.run("check", "--only", "column-type", code=0)


# What we send


def test_sql_becomes_bytes_in_one_way() -> None:
    """Any other stumbles over bytes that are no UTF-8, or sends others in their place."""
    for file, nodes in modules().items():
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "execute":
                called = [one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)]
                assert "encode" not in called, (file, node.lineno)


def test_our_sql_is_ascii() -> None:
    for file in SOURCE.rglob("*.sql"):
        assert file.read_text(encoding="utf-8").isascii(), file
    sql = re.compile(r"pg_catalog\.|\bselect .*\bfrom\b|\braise (?:exception|warning)|\bperform\b|\binsert into\b")
    for file, nodes in modules().items():
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.search(node.value):
                assert node.value.isascii(), (file, node.lineno)


PLAIN = """version: 1
enums: {mood: [b, a]}
tables:
  t:
    columns: {id: bigint not null, m: mood, word: varchar(5)}
    constraints: {t_word_check: check (word <> 'y'), t_pkey: primary key (id)}
    indexes: {i: using btree (lower(word))}
    policies: {p: {using: word = 'y'}}
    grants: {public: [select]}
    triggers: {g: before update for each row execute function f()}
functions:
  f(): returns trigger language plpgsql as 'begin return new; end'
"""


def test_what_goes_out_is_ascii_where_the_contract_is(
    server: DatabaseServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All statements of an audit and of a repair over every kind of object, at the door where they leave."""
    sent: list[bytes] = []
    send = protocol.Alone._execute_send

    def noted(self: Any, query: Any, **options: Any) -> None:
        sent.append(query.query)
        send(self, query, **options)

    monkeypatch.setattr(protocol.Alone, "_execute_send", noted)
    url = server.create()
    with connect(url) as line:
        line.execute(
            "create type mood as enum ('a'); create table t (id integer, m mood, word text check (word <> 'x'))"
        )
        line.execute("alter table t enable row level security; create policy p on t using (word = 'x')")
    (tmp_path / "c.yaml").write_text(PLAIN)
    proposal = propose.propose(url, tmp_path / "c.yaml", propose.PlanOptions())
    assert len(proposal.plan.steps) > 5
    statements = [sql for step in proposal.plan.steps for sql in (*step.sql, *step.plain, step.done)]
    assert [one for one in statements if not one.isascii()] == []
    assert len(sent) > 40
    assert [one for one in sent if not one.isascii()] == []
    with connection.closing(connection.connect(url)) as line:
        assert line.info.encoding == "utf-8"
    server.drop(url)


def test_a_snapshot_leaves_out_what_is_no_text(any_bytes: Place) -> None:
    """A contract is UTF-8: it cannot have the bytes, and a table with a part left out would not be clean."""
    made = session.make(any_bytes.url, SnapshotOptions())
    assert ObjectRef("table", ("public", "gäste")) in made.snapshot.unwritten
    assert "gäste" not in made.text
    assert "wünsche" in made.text
    (any_bytes.folder / "made.yaml").write_text(made.text, encoding="utf-8")
    assert runner.run(any_bytes.url, any_bytes.folder / "made.yaml", Options()).findings == ()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_snapshot_of_another_encoding_is_clean(make: Callable[[str], Place], encoding: str) -> None:
    place = make(encoding)
    made = session.make(place.url, SnapshotOptions())
    assert made.waived == ()
    (place.folder / "made.yaml").write_text(made.text, encoding="utf-8")
    assert runner.run(place.url, place.folder / "made.yaml", Options()).findings == ()
