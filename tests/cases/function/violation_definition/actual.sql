-- Each differs in one thing: the body, the case of a literal in it, the type, the language, when it may be evaluated.
create function body() returns integer language sql as 'select 2';
create function literal() returns text language sql as $$ select 'a' $$;
create function returned() returns bigint language sql as 'select 1';
create function spoken() returns integer language sql as 'begin return 1; end' set check_function_bodies = off;
create function volatile_() returns integer language sql as 'select 1';
create function strict_(int) returns integer language sql as 'select 1';
create function path() returns integer language sql security definer as 'select 1';
create function procedure_() returns integer language sql as 'select 1';
create function columns() returns table (a integer, c text) language sql as $$ select 1, 'x' $$;
revoke execute on function path() from public;
