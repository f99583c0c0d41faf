-- The same defaults in other words.
create type mood as enum ('ok', 'bad');
create function f() returns text language sql as 'select 1::text';
create table t (
  a text not null default 'pending'::text, b jsonb not null default '{}'::jsonb,
  c jsonb default '{"a":1,"b":[1,2]}', d timestamptz default pg_catalog.now(), e timestamptz default now(), f integer default '-1',
  g boolean default false, h numeric(10,2) default 0, i text[] default '{}'::text[], j text[] default array[]::text[],
  k uuid default pg_catalog.gen_random_uuid(), l text, m text, n date default current_date,
  o character varying(10) default 'x'::character varying, p mood default 'ok', q interval default interval '1 day',
  r timestamptz default now() + '7 days'::interval, s text default ''::text, t text default public.f(),
  u integer default 1+2, v text default (lower('A') || 'b'), w bigint default 00, x text default e'a\nb',
  y text default 'it''s');
