-- Tables that are stored by another access method than expected, which only a rewrite changes.
create access method other_heap type table handler heap_tableam_handler;
create table moved (id integer primary key);
insert into moved select generate_series(1, 10);
create table back (id integer) using other_heap;
create materialized view seen as select 1 as id;
