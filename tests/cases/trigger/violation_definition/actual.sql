-- Each differs in one thing, and no more: one keeps its state, one is for two columns.
create schema other;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create function touched() returns trigger language plpgsql as $$ begin return new; end $$;
create function other.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (a integer, b integer);
create trigger timing after update on t for each row execute function touch();
create trigger events before update on t for each row execute function touch();
create trigger columns before update of b on t for each row execute function touch();
create trigger level after update on t for each statement execute function touch();
create trigger called before update on t for each row execute function touched();
create trigger called_elsewhere before update on t for each row execute function other.touch();
create trigger arguments before update on t for each row execute function touch('A');
create trigger condition before update on t for each row when (new.a >= 0) execute function touch();
create trigger no_condition before update on t for each row execute function touch();
create trigger sort after update on t for each row execute function touch();
create constraint trigger later after update on t deferrable for each row execute function touch();
alter table t enable always trigger called;
