-- Defaults left out and stated, operations in another order, names that need quotes, and an owner.
create table t (id integer primary key);
create publication usual for table t;
create publication narrow for table t with (publish = 'delete, insert');
create publication by_root with (publish_via_partition_root = true);
create publication "Odd; ""Name""" with (publish = '');
create publication everything for all tables;
alter publication by_root owner to case_owner;
