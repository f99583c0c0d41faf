-- The rows of a table are of the type: PostgreSQL adds nothing to it without changing the table, which nobody asked for.
create type address as (street text);
create table addresses of address;
