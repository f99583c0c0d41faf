-- A bare name is no type of an extension where the contract's schema has one of its name; OUT tells what is returned.
create schema app;
create extension citext schema app;
create type citext as enum ('a');
create function f(app.citext) returns text language sql as 'select null::text';
create function o(out x integer, out y text) language sql as $$ select 1, 'a' $$;
create function q(out x integer) language sql as $$ select 1 $$;
