-- Also to PUBLIC, on a view, to a role in odd letters; a role that does not exist has nothing.
create table t (n integer);
grant select on t to case_reader, "case ""Odd; %";
grant select, insert, update, delete, truncate, references, trigger on t to case_writer;
grant references on t to public;
create table "Weird; Table" (n integer);
grant all on "Weird; Table" to case_reader;
create view looked_at as select 1 as n;
grant select on looked_at to case_reader;
