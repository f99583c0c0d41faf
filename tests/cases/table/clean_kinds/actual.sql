-- Everything with columns may stand under tables, whatever its name, if it is said what it is.
create table plain (id integer);
create table parted (id integer) partition by list (id);
create table part partition of parted for values in (1);
create table part_as_well partition of parted default;
create table parted_too (id integer) partition by list (id);
create table parted_as_well (id integer) partition by list (id);
create view looked_at as select 1 as id;
create materialized view kept as select 1 as id;
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create foreign table far (id integer) server nowhere;
create table "Weird; Table" (id integer);
create table "a.b" (id integer);
create table "select" (id integer);
create table "100%" (id integer);
create table "say ""hi""" (id integer);
create schema other;
create table other."Mixed" (id integer);
