-- A trigger may name the column by the codes of its letters, which PL/pgSQL reads since PostgreSQL 14.
create table escaped (id integer, "größe" text not null);
create function escape() returns trigger language plpgsql as $$ begin new.U&"gr\00f6\00dfe" := 'x'; return new; end $$;
create trigger fill before insert on escaped for each row execute function escape();
