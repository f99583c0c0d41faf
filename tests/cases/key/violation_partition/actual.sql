-- A unique constraint of the partition is not one of the whole.
create table parted (id integer, day date) partition by range (day);
create table parted_1 partition of parted (constraint parted_pkey primary key (id, day)) default;
