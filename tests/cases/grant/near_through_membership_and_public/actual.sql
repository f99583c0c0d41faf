-- Held without having been given: as a member of another role, and through PUBLIC. Nothing is in excess.
create table t (n integer);
grant insert on t to case_writer;
grant select on t to public;
