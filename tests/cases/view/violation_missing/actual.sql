-- They come after what their queries name: a column, a function, a table, each other, whatever the order of the names.
create table orders (id bigint primary key, total numeric);
alter default privileges in schema public grant select on tables to case_reader;
create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
