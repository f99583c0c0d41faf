-- For all tables instead of a list, and the other way; PostgreSQL cannot alter it, so that the publication is created
-- again: what it sends otherwise, its owner and its comment stay. One of which no table is listed would send nothing.
create table orders (id integer primary key, state text);
create table "Weird; Table" (id integer primary key);
create table parted (id integer primary key) partition by list (id);
create table parted_1 partition of parted default;
create publication "to; all" for all tables with (publish = 'insert, delete');
comment on publication "to; all" is 'it''s kept';
create publication listed for table orders, only "Weird; Table" with (publish_via_partition_root = true);
create publication nothing_listed for all tables;
