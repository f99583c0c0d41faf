-- Foreign tables with their server, options and columns, whatever the order of these; one of which less is stated.
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create server "Odd; server" foreign data wrapper nowhere;
create schema other;
create foreign table far (id integer not null, "Odd, name" varchar(5)[], at timestamptz) server nowhere options (table_name 't');
create foreign table other."Odd; table" (id bigint) server "Odd; server";
create foreign table empty () server nowhere options (schema_name 's');
create foreign table as_a_table (id integer) server nowhere;
