-- The same WHEN in other words, on every sort of trigger.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (status text);
create trigger listed before update on t for each row when (new.status = any (array['a'::text, 'b'::text]))
  execute function touch();
create trigger differs before update of status on t for each row when ((old.status is distinct from new.status))
  execute function touch();
create constraint trigger later after update on t deferrable initially deferred for each row
  when (new.status = any (array['a'::text, 'b'::text])) execute function touch();
create trigger depth after insert on t for each row when (pg_catalog.pg_trigger_depth() = 0) execute function touch();
create trigger whole after update on t for each statement when (pg_trigger_depth() < (1 + 1)) execute function touch();
