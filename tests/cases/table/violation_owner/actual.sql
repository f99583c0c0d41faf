-- Somebody else's table.
create table sessions (id integer);
alter table sessions owner to case_reader;
