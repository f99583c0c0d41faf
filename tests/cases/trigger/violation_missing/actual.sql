-- The function is there, and the trigger is on another table.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (a integer);
create table u (a integer);
create trigger touch before update on u for each row execute function touch();
