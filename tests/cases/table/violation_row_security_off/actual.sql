-- Policies that nobody switched on.
create table sessions (id integer);
create policy p on sessions using (true);
