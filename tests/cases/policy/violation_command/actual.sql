-- `all` where only reading was meant; and an insert's check that holds updates, which have a USING, too.
create table t (n integer);
create policy p on t using (true);
create policy q on t for update using (true) with check (n > 0);
alter table t enable row level security;
