-- Tables that are not kept as they should be, or are no part of what they should be a part of.
create unlogged table lost ();
create table kept ();
create table parts (a integer) partition by list (a);
create unlogged table parts_1 partition of parts for values in (1);
create table parts_2 (a integer);
create table base (a integer);
create table elsewhere (a integer);
create table below () inherits (elsewhere, base);
create table "Odd, name" () inherits (base);
create table taken () inherits (base);
create table old_row (id integer primary key, b integer);
alter table old_row replica identity nothing;
create table by_index (id integer not null constraint "By; id" unique);
alter table by_index replica identity using index "By; id";
