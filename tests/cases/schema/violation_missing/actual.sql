-- Schemas are created with what is in them, and before what refers to that; default privileges would give a new one more.
alter default privileges grant all on schemas to case_reader, case_writer;
create table p (id bigint, t bigint);
