-- A function of the table's row type can be called on no stand-in; the words alone tell.
create table t (n integer);
create function is_mine(t) returns boolean stable language sql as 'select true';
create policy own on t for select using (is_mine(t.*));
alter table t enable row level security;
