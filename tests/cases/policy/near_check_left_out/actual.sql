-- Where there is no check, USING stands in for it: said or unsaid, it is the same.
create table t (n integer);
create policy a on t using (n > 0) with check (n > 0);
create policy b on t using (n > 0);
create policy c on t for update using (n in (1, 2)) with check (n = any (array[1, 2]));
create policy d on t for update using (n = any (array[1, 2]));
alter table t enable row level security;
