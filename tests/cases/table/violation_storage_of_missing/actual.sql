-- Tables that are missing are created as they should be stored: one stand-alone, one as a partition.
create table parted (id integer) partition by list (id);
