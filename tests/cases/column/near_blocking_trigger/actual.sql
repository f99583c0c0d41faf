-- A trigger before inserts may fill what is not null and has no default: it is not proven that they fail. One after
-- them, for other commands, for statements or that is disabled cannot, nor can one that does not name the column
-- and does no more with the new row than name others and return it. A rule may put the row elsewhere.
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
create table handed (id integer, code text not null);
create function full_row(r handed) returns handed language plpgsql as $$ begin r.code := 'x'; return r; end $$;
create function hand_on() returns trigger language plpgsql as $$ begin return full_row(new); end $$;
create trigger fill before insert on handed for each row execute function hand_on();
create table called (id integer, code text not null);
create procedure complete(inout r called) language plpgsql as $$ begin r.code := 'x'; end $$;
create function call_it() returns trigger language plpgsql as $$ begin call complete(new); return new; end $$;
create trigger fill before insert on called for each row execute function call_it();
create table skipped (id integer, code text not null);
create function skip() returns trigger language plpgsql as $$ begin insert into t values (new.id); return null; end $$;
create trigger fill before insert on skipped for each row execute function skip();
create table parted (id integer, code text not null) partition by list (id);
create table parted_more partition of parted default partition by list (id);
create table parted_most partition of parted_more default;
create function fill_code() returns trigger language plpgsql as $$ begin new.code := 'x'; return new; end $$;
create trigger fill before insert on parted_most for each row execute function fill_code();
create table ruled (id integer, code text not null);
create rule elsewhere as on insert to ruled do instead insert into t values (new.id);
create table logged (id integer, code text not null);
create function log() returns trigger language plpgsql as $$ begin insert into t values (new.id) returning id into new.id; execute 'select 1'; return new; end $$;
create trigger log before insert on logged for each row execute function log();
create rule beside as on insert to logged do also notify logged;
create table touched (id integer, date date not null, "up Date" timestamptz not null, "Last ""x""" integer not null);
create function touch() returns trigger language plpgsql as $$ begin -- the date
new."up Date" := now(); New . "Last ""x""" := 1; return new; end $$;
create trigger touch before insert on touched for each row execute function touch();
