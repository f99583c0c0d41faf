-- The policy is open, and the contract's calls a function that is gone: it must be told of, and must hide nothing.
-- The check has a typo in the contract, which the missing column does not explain.
create table t (id integer, title text, constraint t_title_check check (length(title) > 0));
alter table t enable row level security;
create policy p on t using (true);
