-- Every time, event, level and state; on a view and on a partitioned table; a foreign key's own triggers do not count.
create schema other;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create function other.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create function "Odd; f"() returns trigger language plpgsql as $$ begin return old; end $$;
create table t (a integer primary key, "B; b" integer references t);
create trigger touch before update on t for each row execute function touch();
create trigger on_a before update of "B; b", a on t for each row execute function touch();
create trigger changed before update on t for each row when (old.* is distinct from new.*) execute function touch();
create trigger several after delete or update or insert on t for each statement execute function touch();
create trigger bare after truncate on t execute function touch();
create trigger with_arguments before insert on t for each row execute function touch('a, b', '1', 'it''s', 'word');
create trigger transition after update on t referencing old table as o new table as n for each statement
  execute function touch();
create constraint trigger later after insert on t deferrable initially deferred for each row execute function touch();
create constraint trigger at_once after insert on t for each row execute function other.touch();
create trigger spelled_out before update on t for each row execute function touch();
create trigger "Weird; ""Trigger"" 100%" before delete on t for each row execute function "Odd; f"();
create trigger quiet before update on t for each row execute function touch();
create trigger replica before update on t for each row execute function touch();
create trigger always before update on t for each row execute function touch();
alter table t disable trigger quiet, enable replica trigger replica, enable always trigger always;
create view looked_at as select a from t;
create trigger instead instead of insert on looked_at for each row execute function touch();
create table parted (a integer) partition by list (a);
create table parted_1 partition of parted default;
create trigger parted_touch after insert on parted for each row execute function touch();
