-- An index of the partitioned table only, which no partition has: invalid.
create table parted (a integer) partition by list (a);
create table parted_1 partition of parted default;
create index parted_a on only parted (a);
