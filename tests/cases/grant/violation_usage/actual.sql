-- One role lacks some of what it should have without USAGE, one may pass it on, and one has USAGE after all.
create schema hidden;
create schema open;
grant usage on schema open to case_reader, public;
create table hidden.t (id integer, v text);
create table open.t (id integer);
create table open.u (id integer);
grant select (id), update on hidden.t to case_reader;
grant select on hidden.t to case_writer with grant option;
grant select on open.t to case_reader;
grant select on open.u to case_writer;
