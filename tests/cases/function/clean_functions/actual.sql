-- Overloads, modes, odd names, settings, procedures, set-returning ones, types of the contract's schema and of another.
create schema other;
create type mood as enum ('ok');
create type other.mood as enum ('ok');
create function touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
create function add(a integer, b integer default 1) returns integer language sql immutable strict parallel safe
  as 'select $1 + $2';
create function add(text, text) returns text language sql as 'select $1 || $2';
create function safe() returns integer language sql stable security definer set search_path = '' as ' select 1 ';
create function other."Weird; Function"("Argument; 1" text) returns text language sql as 'select $1';
create function many(integer) returns setof integer rows 5 language sql as 'select 1';
create function listed(varchar, timestamptz) returns table (id integer, "At" timestamp with time zone) language sql
  as 'select 1, now()';
create function feel(mood, other.mood, mood[]) returns mood language sql as 'select $1';
create procedure do_it(integer) language plpgsql as $$ begin null; end $$;
create function "select"() returns void language sql as '';
create function leak(integer) returns boolean language plpgsql leakproof cost 5 as $$ begin return true; end $$;
create function many_settings() returns integer language sql set search_path to 'public', pg_temp
  set "TimeZone" = 'UTC' set statement_timeout to '5s' as 'select 1';
create function lengthy(text) returns integer language internal immutable strict as 'textlen';
create function total(integer) returns integer language sql as 'select 1';
create aggregate total(text) (sfunc = textcat, stype = text);
revoke execute on function safe() from public;
