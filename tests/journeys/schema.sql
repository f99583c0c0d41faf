-- Notes that belong to somebody, and what may go wrong with a step: for each verdict something that leads to it.
do $$
begin
  create role journey_user;
exception when duplicate_object then null;
end
$$;
do $$
begin
  create role journey_stranger;
exception when duplicate_object then null;
end
$$;
create schema auth;
grant usage on schema auth to journey_user;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create type mood as enum ('good', 'bad');
create table notes (
  id bigint generated always as identity primary key,
  owner uuid not null,
  text text not null check (text <> ''),
  mood mood not null default 'good',
  made timestamptz not null default now()
);
alter table notes enable row level security;
grant select, insert, update, delete on notes to journey_user;
create policy own on notes for select to journey_user using (owner = (select auth.uid()));
create policy mine on notes for insert to journey_user with check (owner = (select auth.uid()));
create policy change on notes for update to journey_user using (owner = (select auth.uid()));
-- Nobody may read these.
create table closed (id int);
-- A policy that asks its own table.
create table circle (id int, parent int);
alter table circle enable row level security;
grant select, insert on circle to journey_user;
create policy round on circle for select to journey_user using (parent in (select c.id from circle c));
-- What is checked only at COMMIT.
create table promises (id int primary key, kept int references promises deferrable initially deferred);
grant select, insert on promises to journey_user;
-- A trigger that objects, and one that would tell the world.
create table guarded (id int);
grant insert on guarded to journey_user;
create function objects() returns trigger language plpgsql as $$ begin raise exception 'no more guards'; end $$;
create trigger objects before insert on guarded for each row execute function objects();
create table told (id serial primary key);
grant insert on told to journey_user;
grant usage on sequence told_id_seq to journey_user;
create function tells() returns trigger language plpgsql as $$
begin
  perform pg_notify('told', 'new');
  return new;
end
$$;
create trigger tells after insert on told for each row execute function tells();
create table loud (id int);
grant insert on loud to journey_user;
create function shouts() returns trigger language plpgsql as $$
begin
  perform dblink_exec('host=elsewhere', 'select 1');
  return new;
end
$$;
create function calls_shouts() returns trigger language plpgsql as $$ begin return shouts(); end $$;
create trigger calls_shouts after insert on loud for each row when (false) execute function calls_shouts();
-- What a function could do to the probe itself.
create function escapes() returns void language plpgsql as $$ begin perform set_config('role', 'none', true); end $$;
create function slow() returns void language sql volatile as $$ select pg_sleep(60) $$;
insert into notes (owner, text) values ('00000000-0000-4000-8000-00000000000a', 'there already');
