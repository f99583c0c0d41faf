-- Column numbers have gaps, and the key was put on a renamed column.
create table t (a integer, b integer, x integer);
alter table t drop column a;
alter table t rename column x to c;
alter table t add primary key (b, c);
