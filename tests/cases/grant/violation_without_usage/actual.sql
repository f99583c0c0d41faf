-- Granted, and of use as soon as somebody grants USAGE on the schema.
create schema hidden;
create table hidden.t (n integer, v text);
grant select, update (v) on hidden.t to case_reader;
