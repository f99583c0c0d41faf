-- Declared absent, and there, though disabled.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (a integer);
create trigger touch before update on t for each row execute function touch();
alter table t disable trigger touch;
