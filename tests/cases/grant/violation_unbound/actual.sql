-- The policy is for every role, and one of them passes by it.
create table t (n integer, who text);
alter table t enable row level security;
create policy p on t using (who = current_user);
grant select on t to case_bypass, case_reader;
