-- It opens what it should close.
create table t (n integer);
create policy p on t for select using (n > 0);
alter table t enable row level security;
