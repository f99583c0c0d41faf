-- A comment that comes last in a condition ends before the parenthesis that is written after it.
create table a (id integer primary key);
create table b (id integer primary key);
create publication sent for table a where (id between 1 and 2);
