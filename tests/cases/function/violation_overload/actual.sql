-- What callers may meet instead of what they mean: as many arguments count, given or by default, whatever their types.
create function f(integer) returns integer language sql as 'select 1';
create function f(text) returns integer language sql as 'select 2';
create function f(integer, integer default 1) returns integer language sql as 'select 3';
create function f(integer, integer, integer) returns integer language sql as 'select 4';
create function f(variadic numeric[]) returns numeric language sql as 'select 5::numeric';
create procedure p(integer) language sql as 'select 1';
create procedure p(text) language sql as 'select 1';
create function alone(integer) returns integer language sql as 'select 1';
create function unnamed(integer) returns integer language sql as 'select 1';
create schema other;
create function other.f(bigint) returns integer language sql as 'select 6';
