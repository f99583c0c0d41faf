"""What a role may not do names the grant that is missing as its cause, and is that of what the code asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from servers import connect
from sessionaudit.audits.audit import Options
from sessionaudit.audits.runner import examine

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = """
do $$begin create role anon nologin noinherit; exception when duplicate_object then end$$;
create table notes (id integer primary key, text text);
alter table notes enable row level security;
create table shut (id integer primary key);
alter table shut enable row level security;
grant select on shut to anon;
create table bare (id integer primary key);
grant select on bare to anon;
"""
CONTRACT = """\
version: 1
tables:
  notes:
    unnamed: ignore
    grants: {anon: [select]}
    policies: {shown: {for: select, to: anon, using: "true"}}
    access: {anon: {select: by policy}}
  shut:
    unnamed: ignore
    policies: {shown: {for: select, to: anon, using: "true"}}
    access: {anon: {select: all}}
  bare:
    unnamed: ignore
    row_security: enabled
    access: {anon: {select: none}}
code: {paths: [app.ts], clients: {client: anon}}
"""
CODE = """\
const client = createClient(url, process.env.SUPABASE_ANON_KEY)
export async function read() {
  const { data, error } = await client.from('notes').select('id')
  if (error) throw error
  const other = await client.from('shut').select('id')
  if (other.error) throw other.error
  const third = await client.from('bare').select('nothing')
  if (third.error) throw third.error
  return [data, other.data, third.data]
}
"""


def test_they_are_linked(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute(SYSTEM)
    (tmp_path / "app.ts").write_text(CODE, encoding="utf-8")
    file = tmp_path / "expected.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    found = examine(database, file, Options(files=True)).report.findings
    linked = {
        (one.rule.name, str(one.ref).rpartition("/")[2]): sorted(
            (cause.rule.name, str(cause.ref)) for cause in one.because
        )
        for one in found
    }
    assert linked["lacking-access", "access public.notes.anon"] == [
        ("missing-grant", "grant public.notes.anon"),
    ]
    assert linked["lacking-access", "access public.shut.anon"] == [
        ("missing-policy", "policy public.shut.shown"),
    ]
    assert linked["excess-access", "access public.bare.anon"] == [("row-security", "table public.bare")]
    assert [causes for (rule, _), causes in linked.items() if rule == "unknown-column"] == [[]]
    of_code = {
        rule: causes for (rule, _), causes in linked.items() if rule in {"missing-privilege-in-code", "no-row-passes"}
    }
    assert ("lacking-access", "access public.notes.anon") in of_code["missing-privilege-in-code"]
    assert ("missing-grant", "grant public.notes.anon") not in of_code["missing-privilege-in-code"]  # it is farther
    assert ("lacking-access", "access public.shut.anon") in of_code["no-row-passes"]
