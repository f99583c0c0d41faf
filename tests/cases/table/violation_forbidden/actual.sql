-- A view may also be declared absent, and its kind is shown.
create table old (id integer);
create view old_view as select 1 as a;
