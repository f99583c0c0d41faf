-- Names and defaults of arguments, those that only come out, types of the contract's schema in every place.
create schema other;
create type mood as enum ('ok');
create function f(a integer, b text, inout c bigint, variadic d text[] default array['x, y)']) language sql as 'select $3';
create function g() returns table (id integer, "user" mood, at timestamp with time zone) language sql
  as $$ select 1, 'ok'::mood, now() $$;
create function h(a integer, out b integer, out c integer) language sql as 'select 1, 2';
create function many() returns setof mood language sql as $$ select 'ok'::mood $$;
