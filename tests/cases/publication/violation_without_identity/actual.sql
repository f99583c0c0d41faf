-- Of a published table without a replica identity no row can be updated or deleted, unless only inserts are sent.
create table bare (id integer);
create table lost (id integer primary key);
alter table lost replica identity nothing;
create table late (id integer primary key deferrable);
create table whole (id integer);
alter table whole replica identity full;
create table by_index (id integer not null unique);
alter table by_index replica identity using index by_index_id_key;
create table parts (id integer) partition by list (id);
create table parts_1 partition of parts for values in (1);
create table parts_2 partition of parts (primary key (id)) for values in (2);
create publication sent for table bare, lost, late, whole, by_index, parts;
create publication inserted for table bare with (publish = 'insert');
