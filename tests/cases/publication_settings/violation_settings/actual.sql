-- More operations and fewer, changes of partitions under another name, all tables, another owner.
create table t (id integer primary key);
create publication wide for table t;
create publication narrow for table t with (publish = 'insert');
create publication by_leaf for table t;
create publication everything for all tables;
create publication owned for table t;
