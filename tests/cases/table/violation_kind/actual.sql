-- Each is something else than the contract states: nothing of it but that is compared, and none of it is mended.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create view looked_at as select 1 as id;
create table plain (id integer);
create materialized view kept as select 1 as id;
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create foreign table far (id integer) server nowhere;
create table parted (id integer) partition by list (id);
create table detached partition of parted default;
alter table parted detach partition detached;
create table whole (id integer);
create table implied (id integer);
