-- A dropped column is gone; an inherited one is the child's own.
create table t (a integer, b text not null, c text);
alter table t drop column b;
create table parent (a integer not null);
create table child (b text) inherits (parent);
create table parted (day date not null) partition by range (day);
create table parted_2026 partition of parted for values from ('2026-01-01') to ('2027-01-01');
