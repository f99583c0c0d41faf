-- A policy of that name is on another table.
create table t (n integer);
create table u (n integer);
create policy "Mechanics can accept requests" on u for update to case_writer using (true);
alter table t enable row level security;
