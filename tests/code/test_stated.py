"""A finding has, as a second place, the line of the contract that states what the code needs and the database lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from caserunner import make_roles
from codecases import examined
from servers import connect

if TYPE_CHECKING:
    import pytest

DATABASE = """
create table users (id int primary key, name text);
create table orders (id int primary key, room int not null, user_id int, state text);
alter table orders enable row level security;
grant all on orders, users to authenticated;
"""
CONTRACT = """\
version: 1
tables:
  orders:
    columns:
      id: integer not null
      room: integer not null
      state: text
      weight: integer
    constraints:
      orders_room: unique (room)
      orders_user: foreign key (user_id) references users (id)
    policies:
      own: {for: update, to: [authenticated], using: 'true'}
  lost:
    columns: {id: integer}
functions:
  close(order_id integer): returns integer language sql as 'select 1'
code:
  paths: [src]
  clients: {supabase: authenticated}
"""
CODE = """\
import { createClient } from '@supabase/supabase-js'
const supabase = createClient(url, key)

export async function all() {
  const found = []
  found.push(await supabase.from('lost').select('id'))
  found.push(await supabase.rpc('close', { order_id: 1 }))
  found.push(await supabase.from('orders').select('id, users(name)'))
  found.push(await supabase.from('orders').upsert({ id: 1, room: 2 }, { onConflict: 'room' }))
  found.push(await supabase.from('orders').update({ state: 'a' }).eq('id', 1).select('id'))
  found.push(await supabase.from('orders').select('weight'))
  await supabase.from('orders').update({ weight: 1 }).eq('id', 1)
  return found
}
"""
LINES = {
    "unknown-table": {"lost:"},
    "unknown-function": {"close(order_id integer): returns integer language sql as 'select 1'"},
    "missing-relationship": {"orders_user: foreign key (user_id) references users (id)"},
    "conflict-without-unique-key": {"orders_room: unique (room)"},
    "unknown-column": {"weight: integer"},
    "silent-certain-failure": {"weight: integer"},
}


def test_the_line_of_the_contract(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()
    Path("src/all.ts").write_text(CODE, encoding="utf-8")
    Path("contract.yaml").write_text(CONTRACT, encoding="utf-8")
    make_roles(database)
    with connect(database) as connection:
        connection.execute(DATABASE)
    lines: dict[str, set[str]] = {}
    for one in examined(database).report.findings:
        own, *others = one.locations
        assert own.file == "src/all.ts"
        lines.setdefault(one.rule.name, set()).update(CONTRACT.split("\n")[each.line - 1].strip() for each in others)
        assert one.statement or one.rule.name in {"unknown-table", "unknown-function"}, one
    assert {rule: lines.get(rule) for rule in LINES} == LINES
    assert "own: {for: update, to: [authenticated], using: 'true'}" in lines["no-row-passes"]
