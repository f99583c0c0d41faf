-- PUBLIC where one role was meant; a role less; another role.
create table t (n integer);
create policy everybody on t for select using (true);
create policy one_less on t for select to case_reader using (true);
create policy another on t for select to case_reader using (true);
alter table t enable row level security;
