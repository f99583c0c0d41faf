-- A value that the domain is to refuse is in a column: new ones are refused, and the older rows are counted.
create domain code as text;
create table t (id int primary key, code code);
insert into t values (1, 'ok'), (2, ''), (3, null);
