-- A policy without USING lets nothing through.
create table t (n integer);
create policy p on t for select;
alter table t enable row level security;
