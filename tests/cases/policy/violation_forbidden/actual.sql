-- Declared absent, and there: an error.
create table t (n integer);
create policy "Mechanics can accept requests" on t for update to case_writer using (true);
