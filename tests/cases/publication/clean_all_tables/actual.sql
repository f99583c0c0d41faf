-- FOR ALL TABLES lists none. A partitioned table is published by its partitions.
create table t (id integer primary key);
create table parted (id integer primary key) partition by list (id);
create table parted_1 partition of parted default;
create publication everything for all tables;
