-- Composite, covering, deferrable, on a partitioned table, and under odd names.
create table t (id integer primary key, a integer, b integer, c integer, unique (a, b));
alter table t add constraint covering unique (a) include (b, c), add constraint later unique (c) deferrable,
  add constraint at_end unique (b) deferrable initially deferred;
create table "Weird; Table" ("Mixed" integer, "a.b" integer, "select" integer, "say ""hi""" text,
  constraint "Weird; Key" primary key ("Mixed", "a.b", "select"), constraint "100%" unique ("say ""hi"""));
create table parted (id integer, day date, primary key (id, day)) partition by range (day);
create table parted_1 partition of parted default;
