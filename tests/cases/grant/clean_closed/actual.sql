-- What is closed to a role, and the contract says so: functions with names and arguments that need quotes, of other schemas.
create schema elsewhere;
create type "Weird; Type" as enum ('a');
create function elsewhere."Allowed; x"(integer, "Weird; Type") returns boolean language sql as 'select true';
create function checked(text) returns boolean language sql immutable as 'select true';
revoke execute on function elsewhere."Allowed; x"(integer, "Weird; Type"), checked(text) from public;
create table t (n serial, w "Weird; Type", v text check (checked(v)));
alter table t enable row level security;
create policy p on t for select using (elsewhere."Allowed; x"(n, w));
grant select, insert on t to case_writer;
