-- The policy is there and right, and does nothing, because row security is off.
create table t (id integer);
create policy p on t for select using (id > 0);
