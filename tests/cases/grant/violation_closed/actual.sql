-- Privileges that are of no use: a policy calls what the role may not execute, and a serial column takes its numbers
-- from a sequence that is closed to it. Who only reads needs the sequence for nothing.
create function allowed(integer) returns boolean language sql as 'select true';
revoke execute on function allowed(integer) from public;
grant execute on function allowed(integer) to case_reader;
create table t (n serial);
alter table t enable row level security;
create policy p on t for select using (allowed(n));
grant select, insert on t to case_writer;
grant select on t to case_reader;
