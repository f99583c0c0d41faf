-- The unique constraint of a partitioned table gives way to the primary key, and those of its partitions with it.
create table events (id integer not null) partition by list (id);
create table events_1 partition of events for values in (1);
alter table events add constraint "events key" unique (id);
insert into events values (1);
