-- Granted, and of no use without USAGE on the schema, which the contract says itself.
create schema hidden;
create table hidden.t (id integer, v text);
grant select, update (v) on hidden.t to case_reader;
grant all on hidden.t to case_writer;
