-- The triggers by which a foreign key is held can be disabled, on either table, on one partition, or for most sessions;
-- the constraint is still valid. A user's trigger that is disabled has nothing to do with it.
create table b (id integer primary key);
create table child (b integer constraint child_b_fkey references b);
create table fires (b integer constraint fires_b_fkey references b);
create table parts (b integer, k integer, constraint parts_b_fkey foreign key (b) references b) partition by list (k);
create table parts_1 partition of parts for values in (1) partition by list (k);
create table "Odd; part" partition of parts_1 for values in (1);
create table parts_2 partition of parts for values in (2);
create table target (id integer primary key) partition by list (id);
create table target_1 partition of target for values in (1);
create table points (id integer constraint points_id_fkey references target);
create table other (id integer primary key);
create table cascades (id integer constraint cascades_id_fkey references other on delete cascade);
create table replicated (b integer constraint replicated_b_fkey references b);
create function nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger own before insert on fires for each row execute function nothing();
alter table child disable trigger all;
alter table child enable trigger user;
insert into child values (7);
alter table "Odd; part" disable trigger all;
alter table target_1 disable trigger all;
alter table other disable trigger all;
alter table fires disable trigger own;
do $$
declare
  one record;
begin
  for one in select tgname from pg_trigger where tgrelid = 'replicated'::regclass loop
    execute format('alter table replicated enable replica trigger %I', one.tgname);
  end loop;
end $$;
