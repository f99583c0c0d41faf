-- A note: it may change what is written.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (a integer);
create trigger surprise before insert or update of a on t for each row when (new.a > 0) execute function touch('x');
