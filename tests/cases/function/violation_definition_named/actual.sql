-- PostgreSQL replaces no function under another argument's name, with a default less, or with another result.
create function types_alone(a integer, b integer default 9) returns integer language sql cost 7 as 'select a - b';
create function a_default(a integer, b integer) returns integer language sql as 'select a - b';
create function a_name(integer, b integer default 1) returns integer language sql as 'select $1 - b';
create function another_name(b integer) returns integer language sql as 'select -b';
create function another_result(a integer) returns integer language sql as 'select a';
comment on function another_result(integer) is 'It is carried over.';
revoke execute on function another_result(integer) from public;
grant execute on function another_result(integer) to case_reader;
create function a_procedure(a integer) returns integer language sql as 'select a';
