-- It is there and does nothing.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (a integer);
create trigger touch before update on t for each row execute function touch();
create trigger only_replica before update on t for each row execute function touch();
create trigger not_replica before update on t for each row execute function touch();
alter table t disable trigger touch, enable replica trigger only_replica;
