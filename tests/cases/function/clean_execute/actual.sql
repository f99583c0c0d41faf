-- EXECUTE as it is stated: by default, by name, by PUBLIC, of nobody but the owner; and unstated, whatever it is.
create function by_default() returns integer language sql as 'select 1';
create function by_name(a integer default 1) returns integer language sql as 'select 1';
revoke execute on function by_name from public;
grant execute on function by_name to case_reader, "case ""Odd; %";
create function by_nobody() returns integer language sql security definer as 'select 1';
revoke execute on function by_nobody from public;
create function unstated() returns integer language sql as 'select 1';
revoke execute on function unstated from public;
grant execute on function unstated to case_reader with grant option;
create procedure called(a integer) language sql as 'select 1';
revoke execute on procedure called from public;
grant execute on procedure called to case_writer;
create function meant_for_all() returns integer language sql security definer as 'select 1';
