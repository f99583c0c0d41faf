-- One of another type, one that must not be null, one that is missing, and one that nobody knows. Of the other table a
-- view reads the column, so that PostgreSQL refuses to change it.
create foreign data wrapper nowhere_wrapper;
create server nowhere foreign data wrapper nowhere_wrapper;
create foreign table shaped (id integer, kept integer, unknown date, "Odd; name" varchar(5)) server nowhere;
create foreign table used (id integer) server nowhere;
create view v as select id from used;
