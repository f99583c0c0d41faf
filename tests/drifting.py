"""Random drift: what DDL may do to a database, one statement or a few for each way."""

from __future__ import annotations

from pathlib import Path
from random import Random
from string import Formatter
from typing import Any

from hypothesis import strategies as st

from sessionaudit.contract import loader, writer
from sessionaudit.core.ref import dotted

CONTRACT = Path(__file__).parents[1] / "expected_schema.yaml"
DECLARED = loader.load(CONTRACT).objects
MOST = 12

# What can be done to an object of each kind. `{on}` is its table, `{name}` its name without quotes, `{was}` what the
# contract says of it; the rest is drawn from WORDS.
DRIFTS = {
    "column": """
alter table {on} drop column "{name}" cascade
alter table {on} drop column "{name}"
alter table {on} rename column "{name}" to "{name}_was"
alter table {on} rename column "{name}" to "{name}_was"; alter table {on} add column "{name}" {type}
alter table {on} drop column "{name}" cascade; alter table {on} add column "{name}" {type}
alter table {on} drop column "{name}" cascade; alter table {on} add column "{name}" {was}
alter table {on} drop column "{name}" cascade; alter table {on} add "{name}" text generated always as ('x'::text) stored
alter table {on} drop column "{name}" cascade; alter table {on} add "{name}" int generated always as identity
alter table {on} alter column "{name}" drop default
alter table {on} alter column "{name}" set default {value}
alter table {on} alter column "{name}" set not null
alter table {on} alter column "{name}" drop not null
alter table {on} alter column "{name}" drop default, alter column "{name}" type {type} using "{name}"::text::{type}
alter table {on} alter column "{name}" drop default, alter column "{name}" type {type} using "{name}"::text::{type}
alter table {on} alter column "{name}" type {type}
alter table {on} alter column "{name}" type text collate "C"
update {on} set "{name}" = null
alter table {on} alter column "{name}" drop not null; update {on} set "{name}" = null
alter table {on} alter column "{name}" drop not null; insert into {on} ("{name}") values (null)
alter table {on} add column "{name}_{number}" {type}
alter table {on} add column "{name}_{number}" text not null default {value}
alter table {on} add "{name}_{number}" text not null default ''; alter table {on} alter "{name}_{number}" drop default
alter table {on} add column "{name}_{number}" boolean generated always as ("{name}" is null) stored
alter table {on} add constraint "c{number}" check ("{name}" is not null) not valid
alter table {on} add constraint "c{number}" check ("{name}" is not null)
create view public.v{number} as select "{name}" from {on}
create view public.v{number} as select "{name}" from {on}; create view public.w{number} as table public.v{number}
create materialized view public.m{number} as select "{name}" from {on}
create function public.f{number}() returns bigint begin atomic select count("{name}") from {on}; end
create index "i{number}" on {on} ("{name}")
create unique index "i{number}" on {on} ("{name}") where "{name}" is not null
create statistics public.s{number} on "{name}", id from {on}
create policy "p{number}" on {on} for select to {role} using ("{name}" is not null)
create policy "p{number}" on {on} as restrictive for {command} using ("{name}" is null)
create trigger "t{number}" before update of "{name}" on {on} for each row execute function public.touch_updated_at()
create trigger "t{number}" after update on {on} for each row when (new."{name}" is null) execute function {function}
create rule "r{number}" as on update to {on} where new."{name}" is null do also select 1
grant {privilege} ("{name}") on {on} to {role}
revoke {privilege} ("{name}") on {on} from {role}
alter publication supabase_realtime set table {on} ("{name}", id)
alter publication supabase_realtime set table {on} where ("{name}" is null)
comment on column {on}."{name}" is 'drifted'
""",
    "table": """
drop table {on} cascade
alter table {on} rename to "{name}_was"
alter table {on} disable row level security
alter table {on} force row level security
alter table {on} set (fillfactor = 50)
alter table {on} disable trigger all
alter table {on} replica identity full
alter table {on} owner to service_role
create table n (like {on} including all); drop table {on} cascade; alter table n rename to "{name}"
alter table {on} rename to "{name}_was"; create table {on} (id uuid)
alter table {on} rename to "{name}_was"; create view {on} as table "{name}_was"
drop table {on} cascade; create view {on} as select null::uuid as id
create table public.heir{number} () inherits ({on})
create table public.r{number} (id uuid references {on})
create view public.v{number} as table {on}
create function public.f{number}({on}) returns int language sql as 'select 1'
alter publication supabase_realtime add table {on}
alter publication supabase_realtime drop table {on}
truncate {on} cascade
""",
    "key": """
alter table {on} drop constraint "{name}" cascade
alter table {on} rename constraint "{name}" to "{name}_was"
alter table {on} drop constraint "{name}" cascade, add constraint "{name}" unique (id)
alter table {on} drop constraint "{name}" cascade, add constraint "{name}" primary key (id, {column})
alter table {on} drop constraint "{name}" cascade, add constraint "{name}" unique (id, {column}) deferrable
alter table {on} drop constraint "{name}" cascade, add constraint "{name}" {was} deferrable initially deferred
alter table {on} drop constraint "{name}" cascade, add constraint "{name}_was" {was}
alter table {on} drop constraint "{name}" cascade; insert into {on} select * from {on} limit 1
alter table {on} drop constraint "{name}" cascade; create unique index "{name}" on {on} (id)
alter table {on} drop constraint "{name}" cascade; create index "{name}" on {on} (id)
""",
    "foreign_key": """
alter table {on} drop constraint "{name}"
alter table {on} rename constraint "{name}" to "{name}_was"
alter table {on} drop constraint "{name}", add constraint "{name}" {was} not valid
alter table {on} drop constraint "{name}", add constraint "{name}" {was} deferrable
alter table {on} alter constraint "{name}" deferrable initially deferred
alter table {on} drop constraint "{name}", add constraint "{name}" foreign key (id) references {other} (id) not valid
alter table {on} drop constraint "{name}", add constraint "{name}" foreign key ({column}) references {other} {action}
alter table {on} drop constraint "{name}", add constraint "{name}" check (id is not null)
alter table {on} drop constraint "{name}"; delete from {other}
alter table {on} drop constraint "{name}"; delete from {other}; alter table {on} add constraint "{name}" {was} not valid
""",
    "check": """
alter table {on} drop constraint "{name}"
alter table {on} rename constraint "{name}" to "{name}_was"
alter table {on} drop constraint "{name}", add constraint "{name}" {was} not valid
alter table {on} drop constraint "{name}", add constraint "{name}" {was} no inherit
alter table {on} drop constraint "{name}", add constraint "{name}" check ({column} is not null) not valid
alter table {on} drop constraint "{name}", add constraint "{name}" unique (id)
alter table {on} drop constraint "{name}"; update {on} set {column} = {value}
alter table {on} drop constraint "{name}"; update {on} set {column} = 'x'
""",
    "index": """
drop index public."{name}"
alter index public."{name}" rename to "{name}_was"
update pg_catalog.pg_index set indisvalid = false where indexrelid = 'public."{name}"'::regclass
drop index public."{name}"; create index "{name}" on {on} ({column})
drop index public."{name}"; create unique index "{name}" on {on} {was}
drop index public."{name}"; create unique index "{name}" on {on} (id)
drop index public."{name}"; create index "{name}" on {on} ({column} desc, id) where {column} is null
drop index public."{name}"; create index "{name}" on {other} (id)
drop index public."{name}"; create index "{name}_was" on {on} {was}
drop index public."{name}"; create view public."{name}" as select 1 as one
drop index public."{name}"; insert into {on} select * from {on}
""",
    "policy": """
drop policy "{name}" on {on}
alter policy "{name}" on {on} rename to "{name} once"
alter policy "{name}" on {on} to {role}
alter policy "{name}" on {on} to anon, {role}
alter policy "{name}" on {on} using (true)
alter policy "{name}" on {on} with check (id is not null)
drop policy "{name}" on {on}; create policy "{name}" on {on} for {command} to {role} using (true)
drop policy "{name}" on {on}; create policy "{name}" on {on} as restrictive for select using ({column} is null)
create policy "{name}" on {on} for {command} to {role} using (true)
create policy "{name} too" on {on} for {command} to {role} using ({column} is not null)
""",
    "grant": """
grant {privilege} on {on} to "{name}"
grant all on {on} to "{name}" with grant option
grant {privilege} on {on} to public
grant {privilege} on {on} to {role}
grant {privilege} ({column}) on {on} to "{name}"
revoke {privilege} on {on} from "{name}"
revoke all on {on} from "{name}"
revoke usage on schema public from "{name}"
""",
    "trigger": """
drop trigger "{name}" on {on}
alter trigger "{name}" on {on} rename to "{name}_was"
alter table {on} disable trigger "{name}"
alter table {on} enable always trigger "{name}"
alter table {on} enable replica trigger "{name}"
drop trigger "{name}" on {on}; create trigger "{name}" after insert on {on} for each row execute function {function}
drop trigger "{name}" on {on}; create trigger "{name}" before update on {on} execute function {function}
drop trigger "{name}" on {on}; create trigger "{name}" before update of id on {on} execute function {function}
create trigger "{name}_too" before insert or update on {on} for each row execute function {function}
""",
    "function": """
drop function {on}() cascade
drop function {on}()
alter function {on}() rename to "{name}_was"
alter function {on}() {volatility}
alter function {on}() security definer
alter function {on}() reset search_path
alter function {on}() set search_path = public
alter function {on}() set work_mem = '8MB'
alter function {on}() owner to service_role
alter function {on}() set schema extensions
create or replace function {on}() returns trigger language plpgsql as $$ begin return new; end $$
create or replace function {on}() returns trigger language plpgsql stable strict as $$ begin return null; end $$
drop function {on}() cascade; create function {on}() returns int language sql as 'select 1'
drop function {on}() cascade; create procedure {on}() language sql as 'select 1'
create function {on}(int) returns int language sql as 'select 1'
""",
    "enum": """
alter type {on} add value '{label}'
alter type {on} add value '{label}' before 'chat'
alter type {on} add value '{label}' after 'pending'
alter type {on} rename value '{label}' to 'x'
alter type {on} rename value '{label}' to '{label}ed'
alter type {on} rename to "{name}_was"
alter type {on} rename to "{name}_was"; create type {on} as enum ('{label}', 'x')
alter type {on} set schema extensions
alter type {on} owner to service_role
drop type {on} cascade
drop type {on} cascade; create type {on} as enum ('cancelled', 'pending', 'accepted')
drop type {on} cascade; create domain {on} as text
create table public.u{number} (id int, value {on} default '{label}', many {on}[])
create function public.f{number}({on}) returns {on} language sql as 'select $1'
create view public.v{number} as select '{label}'::{on} as one
create domain public.d{number} as {on}
alter type public.session_request_status add value 'unattended'; drop view if exists public.v{number}
""",
    "publication": """
drop publication "{name}"
drop publication "{name}"; create publication "{name}" for all tables
drop publication "{name}"; create publication "{name}" for tables in schema public
alter publication "{name}" rename to "{name}_was"
alter publication "{name}" drop table {other}
alter publication "{name}" set table {other}
alter publication "{name}" set (publish = 'insert')
alter publication "{name}" owner to service_role
""",
}

TABLES = [dotted(path) for path in DECLARED["table"]]
WORDS = {
    "action": ["", "on delete cascade", "on delete set null deferrable"],
    "column": ["id", "created_at", "status", "metadata", "mechanic_id", "email", "session_id", "role"],
    "command": ["all", "select", "insert", "update"],
    "function": ["public.touch_updated_at()", "public.touch_session_requests_updated_at()"],
    "label": ["pending", "accepted", "cancelled", "unattended", "chat", "video", "customer", "spare"],
    "number": ["1", "2", "3"],
    "other": TABLES,
    "privilege": ["select", "insert", "update", "delete", "truncate"],
    "role": ["anon", "authenticated", "service_role", "public"],
    "type": [
        "text", "varchar(255)", "varchar(9)", "jsonb", "json", "uuid", "timestamptz", "timestamp(0)", "date", "boolean",
        "int", "text[]", "public.session_request_status", "public.session_type",
    ],
    "value": ["null", "now()", "'x'", "'pending'", "gen_random_uuid()", "'{}'", "true", "''"],
    "volatility": ["stable", "immutable", "strict", "cost 7", "parallel safe"],
}  # fmt: skip


@st.composite
def drifts(draw: st.DrawFn) -> list[str]:
    """Statements of which each may or may not succeed on what those before it left."""
    random = Random(draw(st.integers(0, 2**64)))
    return [drift(random) for _ in range(random.randint(1, MOST))]


def drift(random: Random) -> str:
    """One way to drift; columns drift more often than the rest."""
    kind = random.choice(("column", *DRIFTS))
    template = random.choice(DRIFTS[kind].strip().splitlines())
    path = random.choice(list(DECLARED[kind]))
    fields = {name for _, name, _, _ in Formatter().parse(template) if name}
    words = {name: random.choice(WORDS[name]) for name in sorted(fields & WORDS.keys())}
    return template.format(on=holder(kind, path), name=called(kind, path), was=spelled(kind, path), **words)


def holder(kind: str, path: tuple[str, ...]) -> str:
    """What the object is on, as SQL spells it; itself where it is on nothing."""
    return dotted(path[1:] if kind == "publication" else path[:2])


def called(kind: str, path: tuple[str, ...]) -> str:
    return path[0] if kind == "publication" else path[1] if kind == "function" else path[-1]


def spelled(kind: str, path: tuple[str, ...]) -> Any:
    value = DECLARED[kind][path].value
    return None if value is None else writer.spelled(kind, value)
