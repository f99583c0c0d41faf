-- A comment that comes last in a condition ends before the parenthesis that is written after it.
create table a (id integer);
alter table a enable row level security;
create policy stays on a using (id between 1 and 2) with check (id between 1 and 2);
create policy changes on a using (id > 1) with check (id > 2);
