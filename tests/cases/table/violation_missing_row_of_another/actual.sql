-- PostgreSQL adds no column with a default to a table whose rows another one holds: what gets its row type waits.
create table source (id integer);
create table beside (id integer);
