-- A line break in a default or in a name does not end the signature.
create function f(a text default e'x)\nreturns', b integer default 1) returns text language sql as 'select $1';
create function "a
b"() returns integer language sql as 'select 1';
create procedure p(a text default e'\n') language sql as 'select 1';
