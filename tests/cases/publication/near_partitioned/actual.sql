-- Listed itself it counts, whichever way its changes are sent; one partition of two does not make the whole.
create table parted (id integer primary key) partition by list (id);
create table parted_1 partition of parted for values in (1);
create table parted_2 partition of parted default;
create publication by_root for table parted with (publish_via_partition_root = true);
create publication by_leaf for table parted;
create publication one_leaf for table parted_1;
