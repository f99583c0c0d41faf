-- The order of roles does not count; public takes all others in, and PostgreSQL then forgets them.
create table t (n integer);
create policy a on t to case_reader, case_writer using (true);
create policy b on t to public using (true);
create policy c on t to case_reader, public using (true);
alter table t enable row level security;
