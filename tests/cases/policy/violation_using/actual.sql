-- Rows of others, another bound, another column in a sub-select; and a USING that a check of its own keeps from writing.
create table t (owner name, n integer, m integer);
create table u (id integer);
create policy own on t for select using (true);
create policy bound on t for select using (n >= 0);
create policy other_column on t for select using (exists (select 1 from u where u.id = t.m));
create policy all_ on t using (true) with check (n > 0);
alter table t enable row level security;
