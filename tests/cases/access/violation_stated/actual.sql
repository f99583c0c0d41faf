-- Each role may do something else than is stated: less, as a grant, a policy or USAGE is missing, or more, as a policy is
-- true, a column is granted, or row security is off. Where the policies show no row, an update of a row that a WHERE
-- finds changes nothing, and one without WHERE changes all.
create table a (id integer primary key, owner name, text text);
alter table a enable row level security;
grant select, insert, update, delete on a to case_reader;
create policy rows on a for select to case_reader using (owner = current_user);
create policy rows_too on a for update to case_reader using (true);

create table b (id integer, text text);
grant select, delete on b to case_reader;
grant update (text, id) on b to case_reader;

create table c (id integer, text text);
alter table c enable row level security;
grant select, update on c to case_reader;
create policy changed on c for update to case_reader using (true);

create function f() returns integer language sql set search_path = '' as $$select 1$$;
