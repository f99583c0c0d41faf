-- Policies of a partitioned table or a parent hold for queries on it, and not for those on its partitions and children.
create table parts (a integer) partition by list (a);
create table parts_1 partition of parts for values in (1) partition by list (a);
create table "Odd; part" partition of parts_1 for values in (1);
create table parts_2 partition of parts for values in (2);
alter table parts enable row level security;
alter table parts_1 enable row level security;
alter table parts_2 enable row level security;
grant select on "Odd; part" to case_reader;
create table parent (a integer);
create table child () inherits (parent);
alter table parent enable row level security;
create table plain (a integer) partition by list (a);
create table plain_1 partition of plain for values in (1);
grant select on plain_1 to case_reader;
