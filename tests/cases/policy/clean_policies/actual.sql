-- Every command, both modes, one role, several, everybody, and odd names.
create table t (owner name, n integer, "Mixed; Case" text);
alter table t enable row level security;
create policy "Everybody may read" on t for select using (true);
create policy "own rows" on t to case_reader using (owner = current_user) with check (owner = current_user);
create policy "two roles" on t for update to case_reader, case_writer using (n > 0) with check (n > 1);
create policy add on t for insert to case_writer with check (true);
create policy remove on t for delete to "case ""Odd; %" using (false);
create policy shut on t as restrictive using (n < 100);
create policy "Weird; ""Policy"" 100%" on t for select using ("Mixed; Case" = '100%');
