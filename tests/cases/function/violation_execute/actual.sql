-- EXECUTE that is missing, in excess, of PUBLIC, or may be passed on; and a missing function, which every role could
-- call if default privileges were left to themselves.
create function locked() returns integer language sql as 'select 1';
revoke execute on function locked from public;
create function opened() returns integer language sql security definer as 'select 1';
create function passed_on(a text, b integer) returns integer language sql as 'select 1';
revoke execute on function passed_on from public;
grant execute on function passed_on to case_reader with grant option;
grant execute on function passed_on to case_writer;
create procedure called() language sql as 'select 1';
alter default privileges grant execute on functions to case_writer;
