-- Case, white space, comments, quotes and the order of options do not count.
create function touch() returns trigger as $$ begin new.updated_at := now(); return new; end $$ language plpgsql;
create function f(a int, b varchar(5), c numeric(10,2), d double precision, e boolean) returns double precision language sql
  as 'select 1.0::float';
create function g(text) returns text strict security definer language sql as 'select $1';
revoke execute on function g(text) from public;
