-- An entry means a table. What is something else is a warning, a partition a note; both are still compared.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create view looked_at as select 1 as id;
create materialized view kept as select 1 as id;
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create foreign table far (id integer) server nowhere;
create table parted (id integer) partition by list (id);
create table part partition of parted default;
create view implied as select 1 as id;
create trigger t instead of insert on implied for each row execute function touch();
