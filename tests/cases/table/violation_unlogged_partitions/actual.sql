-- Partitions that are unlogged, of a table that should keep its rows; one of them in another schema.
create schema other;
create table parted (id integer) partition by list (id);
create unlogged table parted_1 partition of parted for values in (1);
create unlogged table other."Odd, part" partition of parted for values in (2);
create table parted_3 partition of parted for values in (3);
insert into parted values (1), (2), (3);
