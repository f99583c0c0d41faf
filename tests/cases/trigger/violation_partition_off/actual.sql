-- For the rows of a partition its own copy of the trigger fires, and that may be disabled by itself.
create function nothing() returns trigger language plpgsql as 'begin return new; end';
create table t (a integer) partition by list (a);
create table t_1 partition of t for values in (1) partition by list (a);
create table "T; 1" partition of t_1 for values in (1);
create table t_2 partition of t for values in (2);
create trigger noted after insert on t for each row execute function nothing();
create trigger kept after delete on t for each row execute function nothing();
alter table "T; 1" disable trigger noted;
alter table t_2 disable trigger noted;
