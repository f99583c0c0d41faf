-- Other columns, other rows, both; columns and rows that nobody asked for, and none where some were asked for.
create table a (id integer primary key, status text, secret text);
create table b (id integer primary key, status text, secret text);
create table c (id integer primary key, status text, secret text);
create table d (id integer primary key, status text, secret text);
create table e (id integer primary key, status text, secret text);
create table f (id integer primary key, status text, secret text);
create publication sent for table a, b (id, secret), c where (id > 3), d (id) where (id > 4), e (id), f where (id = 1);
alter publication sent set (publish = 'insert');
