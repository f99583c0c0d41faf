-- Names that changed places, other modes, defaults that are gone: the types name the function, and are the same.
create function swapped(b integer, a integer) returns integer language sql as 'select a - b';
create function renamed(y integer default 3) returns integer language sql as 'select $1';
create function unnamed(integer, text) returns integer language sql as 'select 1';
create function optional(a integer, b integer) returns integer language sql as 'select 1';
create function single(a text[]) returns integer language sql as 'select 1';
create function many(variadic a text[]) returns integer language sql as 'select 1';
create function many_unasked(variadic a text[]) returns integer language sql as 'select 1';
create function comes_out(a integer, out x integer, out y integer) language sql as 'select 1, 2';
create function comes_out_unasked(a integer, out b integer) language sql as 'select 1';
create function in_and_out(a integer) returns integer language sql as 'select 1';
create procedure p(b text, a text) language sql as 'select 1';
comment on function swapped is 'kept';
revoke execute on function swapped from public;
grant execute on function swapped to case_reader;
