-- Parameters with other values, too many and too few, of the TOAST table as well; one that needs a stronger lock.
create access method other_heap type table handler heap_tableam_handler;
create table tuned (id integer, body text) with (fillfactor = 70, autovacuum_enabled = false);
create table bare (id integer, body text) with (fillfactor = 70, toast.autovacuum_enabled = false);
create table "Odd; table" (id integer, body text);
create table logical (id integer);
create table no_toast (id integer);
create table parted (id integer) partition by list (id);
create materialized view seen as select 1 as id;
