-- The contract limits one role, and PUBLIC lets it, like every other, do more.
create table t (id integer);
grant select on t to case_reader;
grant select, insert on t to public;
