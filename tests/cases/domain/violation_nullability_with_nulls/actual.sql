-- A null in one column of the domain is in the way, and another column has none.
create domain strict as text;
create table t (id int primary key, s strict, u strict);
insert into t values (1, 'a', null), (2, 'c', 'd');
