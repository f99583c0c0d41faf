-- An index of the partitioned table only: one partition has it attached, one has the same by itself, and two lack it.
create table parted (a integer, b text) partition by list (a);
create table parted_1 partition of parted for values in (1);
create table parted_2 partition of parted for values in (2);
create table "Odd; 3" partition of parted for values in (3);
create schema other;
create table other.parted_4 partition of parted for values in (4);
insert into parted values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');
create index parted_b on only parted (lower(b)) where a > 0;
create index parted_1_b on parted_1 (lower(b)) where a > 0;
alter index parted_b attach partition parted_1_b;
create index like_it on parted_2 (lower(b)) where a > 0;
create index unlike_it on "Odd; 3" (lower(b)) where a > 1;
create index parted_4_parted_b on other.parted_4 (b);
