-- A trigger before inserts may fill what is not null and has no default: it is not proven that they fail. One after
-- them, for other commands, for statements or that is disabled cannot, nor can one that does not name the column.
create table t (id integer, free text not null, stamped timestamptz not null, tenant uuid not null);
create table u (id integer, tenant uuid not null);
create function fill() returns trigger language plpgsql as $$ begin new.tenant := gen_random_uuid(); return new; end $$;
create trigger fill before insert or update on t for each row execute function fill();
create trigger after_it after insert on u for each row execute function fill();
create trigger updated before update on u for each row execute function fill();
create trigger statement_ before insert on u for each statement execute function fill();
create trigger off before insert on u for each row execute function fill();
alter table u disable trigger off;
create table w (id integer, stamped timestamptz not null);
create function fill_all() returns trigger language plpgsql as $$ begin new := jsonb_populate_record(new, '{}'); return new; end $$;
create trigger fill before insert on w for each row execute function fill_all();
