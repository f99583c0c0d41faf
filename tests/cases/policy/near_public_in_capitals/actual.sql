-- PUBLIC is a word of SQL, not the name of a role, so its case does not matter.
create table t (n integer);
alter table t enable row level security;
create policy p on t for select to public using (true);
grant select on t to public;
