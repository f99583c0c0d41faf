-- A key is there and refuses nothing: in some partitions, after `disable trigger all` if deferrable, in child tables.
create table parts (id integer not null, k integer not null) partition by list (k);
create table parts_1 partition of parts for values in (1);
create table parts_2 partition of parts for values in (2);
alter table only parts add constraint parts_pkey primary key (id, k);
alter table parts_1 add constraint parts_1_pkey primary key (id, k);
alter index parts_pkey attach partition parts_1_pkey;
insert into parts values (1, 2), (1, 2);
create table late (id integer constraint late_id_key unique deferrable initially deferred);
alter table late disable trigger all;
insert into late values (1), (1);
create table parent (id integer constraint parent_pkey primary key);
create table child () inherits (parent);
create table child_with_key (constraint child_key unique (id)) inherits (parent);
create table whole (id integer, k integer, constraint whole_pkey primary key (id, k)) partition by list (k);
create table whole_1 partition of whole for values in (1);
