-- What is stated as it is, and what is not stated at all.
create unlogged table lost ();
create table base (a integer);
create table other (a integer);
create table "Odd, name" () inherits (base, other);
create table parts (a integer) partition by list (a);
create table parts_1 partition of parts for values in (1);
create table by_index (id integer not null constraint "By; id" unique);
alter table by_index replica identity using index "By; id";
create table quiet ();
alter table quiet replica identity nothing;
