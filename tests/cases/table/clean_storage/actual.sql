-- Storage parameters of a table and of its TOAST table, and an access method, as they are stated; and none.
create access method "Other Heap" type table handler heap_tableam_handler;
create table tuned (id integer, body text) with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
create table plain (id integer);
create table other (id integer) using "Other Heap";
create table parted (id integer) partition by list (id);
create materialized view seen with (fillfactor = 50) as select 1 as id;
create table unsaid (id integer) with (fillfactor = 20);
