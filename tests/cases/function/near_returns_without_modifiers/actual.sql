-- PostgreSQL keeps no length or precision of what a function returns.
create function price() returns numeric(10, 2) language sql as 'select 1.5';
create function names() returns table (name varchar(20)) language sql as 'select ''x''::varchar';
