-- What a contract may leave out of types: the schema of an extension, the length of a bpchar, RETURNS beside OUT.
create schema app;
create extension citext schema app;
create type mood as enum ('a');
create function f(bpchar) returns bpchar language sql as 'select $1';
create function g(char(5), bpchar[]) returns table (a char(3), b app.citext) language sql as 'select $1, $1::app.citext';
create function h(app.citext, b app.citext[] default null) returns setof app.citext language sql as 'select $1';
create function h(text, b app.citext[] default null) returns text language sql as 'select $1';
create function o(out x integer, inout y text) language sql as 'select 1, $1';
create function o(inout x mood) language sql as 'select $1';
create procedure p(inout x integer) language sql as 'select $1';
create table t (a bpchar, b bpchar(5), c "bpchar", d char(4));
