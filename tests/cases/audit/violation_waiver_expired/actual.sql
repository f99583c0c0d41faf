-- What was accepted for a time counts again, and the waiver is reported.
create table t (id integer);
