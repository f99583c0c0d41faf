-- Rows in another's name; a check that says more than the USING that should stand in; a check that got lost.
create table t (owner name, n integer);
create policy add on t for insert with check (true);
create policy change on t for update using (n > 0) with check (true);
create policy lost on t for update using (n > 0);
alter table t enable row level security;
