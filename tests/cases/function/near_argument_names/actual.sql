-- What the contract leaves open of the arguments: names, defaults that are there unasked, what comes out under types alone.
create function f(a integer, b text, inout c bigint, out d text) language sql as $$ select 1::bigint, 'x' $$;
create function g("Odd; name" timestamptz, double double precision, year interval) returns integer language sql
  as 'select 1';
create function h(integer, text, variadic text[]) returns integer language sql as 'select 1';
create function i(y integer default 3) returns integer language sql as 'select $1';
create procedure p(a text, b text) language sql as 'select 1';
