-- A unique index of the partitioned table only: the same columns elsewhere, not unique, do not do.
create table parted (a integer, b text) partition by list (a);
create table parted_1 partition of parted for values in (1);
insert into parted values (1, 'a'), (1, 'b');
create unique index parted_ab on only parted (a, b);
create index parted_1_ab on parted_1 (a, b);
