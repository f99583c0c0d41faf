-- A domain and a table of that name are no enums.
create domain status as text;
create table gone (id integer);
