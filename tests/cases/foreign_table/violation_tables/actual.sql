-- Foreign tables that are missing, with and without their server; of another server; with other options and columns.
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create server elsewhere foreign data wrapper nowhere;
create foreign table moved (id integer) server elsewhere;
create foreign table tuned (id integer) server nowhere options (table_name 'old', password 'hunter2', extra 'x');
create foreign table shaped (id integer, gone text, at timestamptz) server nowhere;
create foreign table gone (id integer) server nowhere;
