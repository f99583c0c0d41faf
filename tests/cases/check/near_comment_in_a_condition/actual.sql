-- A comment that comes last in a condition ends before the parenthesis that is written after it.
create table a (id integer, constraint stays check (id between 1 and 9), constraint changes check (id > 2));
