"""A plan for objects in a schema that the role may not use: it is made, and says which grant is lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from applying import with_setting
from calls import call
from caserunner import make_roles
from mending import ALL
from servers import connect
from sessionaudit.repair import propose

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

SHUT = """
create schema shut;
create type shut.mood as enum ('ok', 'sad');
create domain shut.word as text;
create type shut.pair as (one int);
create sequence shut.numbers;
create function shut.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create function shut.one() returns int language sql as 'select 1';
create table shut.up (id int primary key);
create table shut.t (id int primary key, up int, m shut.mood, w shut.word, amount numeric, old text default 'x');
create table public.open (id int, up int);
create table public.more (id int);
create index i on shut.t (up);
create view shut.v as select id from shut.t;
create materialized view shut.mat as select id from shut.t;
create trigger tr before insert on shut.t for each row execute function shut.touch();
create policy p on shut.t using (true);
comment on table shut.t is 'old';
comment on type shut.mood is 'old';
comment on domain shut.word is 'old';
revoke all on schema shut from public
"""
CONTRACT = """\
version: 1
schema: shut
enums: {mood: [ok, sad, glad]}
domains: {word: text check (value <> '')}
types: {pair: "as (one integer, two integer)"}
sequences: {numbers: increment by 2}
functions:
  one(): returns integer language sql as $$ select 2 $$
tables:
  up: {row_security: enabled}
  t:
    columns:
      {id: bigint not null, up: int not null default 3, m: mood not null, w: word, amount: "numeric(10,2)", old: absent}
    constraints:
      t_pkey: primary key (id, up)
      t_up_fkey: foreign key (up) references up (id)
      t_amount_check: check (amount > 0)
    indexes: {i: "(up, id)", new: "unique (m)"}
    triggers: {tr: after insert for each row execute function touch()}
    policies: {p: {for: select, to: [public], using: "id > 0"}, q: {for: all, to: [public], using: "true"}}
    row_security: forced
    grants: {case_reader: [select]}
  v: {kind: view, columns: {id: bigint}}
  public.open: {constraints: {open_up_fkey: foreign key (up) references up (id)}}
  public.more: {columns: {id: int not null}}
"""
SMALL = """\
version: 1
schema: shut
tables: {t: {columns: {amount: "numeric(10,2)"}, constraints: {t_amount_check: check (amount > 0)}}}
"""


def test_what_is_in_a_closed_schema_prevents_no_plan(server: DatabaseServer, database: str, tmp_path: Path) -> None:
    make_roles(server.url)
    with connect(database) as connection:
        for statement in SHUT.split(";\n"):
            connection.execute(statement.encode())
    file = tmp_path / "contract.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    poor = with_setting(database, "role", "case_reader")
    proposal = propose.propose(poor, file, ALL)
    told = " ".join(what for what, _ in proposal.preflight.refusals)
    assert "the type shut.mood, the type shut.pair, the type shut.word, shut.up, shut.t, public.open" in told
    assert "must have USAGE on the schema shut" in told
    assert {step.ref.kind for step in proposal.plan.steps} >= {
        "enum",
        "function",
        "trigger",
        "policy",
        "column",
        "check",
    }
    unread = {str(one.step.ref): one.reason for one in proposal.plan.held if one.step and not one.follows}
    assert unread["column shut.t.amount"].endswith("permission denied for schema shut")
    assert unread["foreign key public.open.open_up_fkey"].endswith("permission denied for schema shut")
    # A step that is held back needs no right yet; who is to let it run is told.
    file.write_text(SMALL, encoding="utf-8")
    plan = propose.propose(poor, file, propose.PlanOptions()).plan
    found = next(one for one in plan.held if one.step and one.step.action == "Add the check shut.t.t_amount_check")
    assert found.reason == (
        "it may need --allow not-valid, as it is not known whether rows violate t_amount_check: "
        "permission denied for schema shut"
    )
    assert found.help.startswith("Connect as a role that may read them. To run it anyway: --allow not-valid.")
    doctor = call("doctor", "repair", "-d", poor, "-c", "contract.yaml", cwd=tmp_path)
    page = " ".join(doctor.out.split())
    assert (doctor.code, "may not use the schema shut" in page) == (1, True), doctor
    assert "grant usage on schema shut to case_reader;" in page
