-- A table has a type of its name with its columns, and is no composite type; the second is one, and no table.
create table address (street text, zip text);
create type person as (name text);
