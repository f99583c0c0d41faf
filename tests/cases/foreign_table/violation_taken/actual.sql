-- A table has the name of a foreign table: nothing is created in its place.
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create table far (id integer);
