-- A note: inserts still pass.
create table t (id integer, extra varchar(10) default 'x'::varchar(10));
