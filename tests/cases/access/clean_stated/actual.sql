-- Each verdict as it is stated: what a role may do comes from its own grants, from those of the role that it is a member of
-- and inherits from, by column, as the owner of a table, as the owner below a view, and past row security.
create schema books;
grant usage on schema books to case_reader, case_writer, case_bypass, case_owner, case_outsider;

create table books.notes (id integer primary key, owner name, text text, hidden boolean);
alter table books.notes owner to case_owner;
alter table books.notes enable row level security;
grant select, insert, update, delete on books.notes to case_writer, case_bypass;
grant select (id, text), update (text) on books.notes to case_reader;
create policy own on books.notes to public using (owner = current_user) with check (owner = current_user);
create policy not_hidden on books.notes as restrictive for select to case_writer using (not hidden);

-- Nobody's policy: the owner is bound, too, as it is forced.
create table books.shut (id integer);
alter table books.shut owner to case_owner;
alter table books.shut enable row level security;
alter table books.shut force row level security;
grant select, insert, delete on books.shut to case_reader;

-- Rights and policies of a partition are not asked where its parent is read.
create table books.years (year integer, text text) partition by list (year);
create table books.years_1 partition of books.years for values in (1);
grant select on books.years to case_reader;
alter table books.years_1 enable row level security;

create view books.of_owner as select id, text from books.notes;
alter view books.of_owner owner to case_owner;
grant select, update on books.of_owner to case_reader;
create view books.of_nobody as select id, text from books.notes;
alter view books.of_nobody owner to case_reader;
grant select on books.of_nobody to case_writer;

create materialized view books.kept as select id from books.notes;
grant select on books.kept to case_reader;

create foreign data wrapper books_wrapper;
create server books_server foreign data wrapper books_wrapper;
create foreign table books.far (id integer) server books_server;
grant select on books.far to case_reader;

create function books.count_notes() returns bigint language sql stable set search_path = '' as $$select 1$$;
revoke execute on function books.count_notes() from public;
grant execute on function books.count_notes() to case_reader;

-- The column is filled from a sequence that the role may not use: a value must be given.
create table books.numbered (id serial, text text);
grant insert (text) on books.numbered to case_reader;
