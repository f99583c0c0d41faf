-- What Supabase CLI 3.1.0 (`supabase db push`) makes of the migrations; 2.122.1 makes the same.
create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text);
insert into supabase_migrations.schema_migrations (version, name, statements) values
  ('20240101000000', 'first', array[
    E'-- The first table; a semicolon in a comment.\ncreate table public.a (\n  id integer primary key,\n  t text default ''x;y''\n)',
    'insert into a values (1)',
    '-- one row']),
  ('20240102000000', 'functions', array[
    E'/* two ; functions */\ncreate function f() returns integer language plpgsql as $f$\nbegin\n  return 1; -- inside\nend;\n$f$',
    E'create function g() returns integer language sql\nbegin atomic\n  select 1;\nend',
    'create table b (id integer)']),
  ('20240103000000', 'tail', array['create table c (id integer)']);
